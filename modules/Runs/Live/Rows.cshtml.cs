using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Runs.Columns;
using RunHub.Runs.List;
using RunHub.Search;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.Live;

/// <summary>
/// <c>/runs/rows?id=…&amp;id=…</c>: rows of the list as they are now, for those a page shows and has heard of, in its <c>columns</c>. Runs that
/// are gone, or another tenant's, are left out.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class RowsPage(Database database, ReadPathValues paths, Shell shell) : PageModel
{
    /// <summary>Most rows of one request.</summary>
    public const int Most = 100;

    static readonly IReadOnlyDictionary<long, SearchSnippet> NoSnippets = new Dictionary<long, SearchSnippet>();

    /// <summary>The rows, in no order.</summary>
    public IHtmlContent Rows { get; private set; } = HtmlString.Empty;

    /// <summary>The fragment.</summary>
    public async Task OnGetAsync([FromQuery(Name = "id")] string[] ids, string? columns, CancellationToken cancellationToken)
    {
        if (ids.Length > Most) throw ProblemException.Invalid("query.id", $"At most {Most} runs, these are {ids.Length}.");
        if (Array.Find(ids, id => Ids.WhatIsWrong(id) is not null) is { } wrong) throw ProblemException.Invalid("query.id", Ids.WhatIsWrong(wrong)!);
        var chosen = ChosenColumns.Parse(columns);
        if (ids.Length == 0) return;
        var (runs, texts) = (await FindAsync(ids, chosen is null ? RowWriter.Columns : RunRow.Table.All, cancellationToken), TextTable.Of(typeof(RunsTexts)));
        Rows = chosen is null
            ? new RowWriter(shell, texts, runs, NoSnippets, first: false)
            : new ColumnRows(shell, texts, chosen).Rows(runs, await paths.HandleAsync(runs, chosen.Paths, cancellationToken), NoSnippets, first: false);
    }

    async Task<List<RunRow>> FindAsync(string[] ids, RowProjection<RunRow> read, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var text = new SqlText(sql.IsSqlite).Add("SELECT ").Add(read.Sql).Add(" FROM runs WHERE tenant_no = ");
        text.Value(HttpContext.Caller().Tenant.No);
        text.Add(" AND ").In("id", ids);
        return await text.On(sql).ListAsync(r => read.Read(r, 0), cancellationToken);
    }
}
