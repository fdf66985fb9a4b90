using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Plugins;
using RunHub.Runs.Columns;
using RunHub.Runs.Views;
using RunHub.Search;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>
/// <c>/runs</c>: the list, with its filter in the URL. A swap (<c>HX-Target: runs</c>) gets the region of the list alone, "Load
/// more" (<c>HX-Target: rows</c>) the rows alone.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ListPage(RunQuery runs, DistinctValues values, WorkflowTypes types, SearchRuns search, SavedViews views, ReadPathValues paths, TimeProvider time) : PageModel
{
    /// <summary>What is asked.</summary>
    public RunFilter Filter { get; private set; } = RunFilter.None;

    /// <summary>What was found.</summary>
    public RunPage Found { get; private set; } = new([], null, null);

    /// <summary>The query line as it was sent, when it cannot be read; null: it is the filter's own.</summary>
    public QueryLine? Line { get; private set; }

    /// <summary>Pieces of text with the words searched for, by number of the run.</summary>
    public IReadOnlyDictionary<long, SearchSnippet> Snippets { get; private set; } = new Dictionary<long, SearchSnippet>();

    /// <summary>How far the search index is behind; null: nothing is searched.</summary>
    public SearchLag? Lag { get; private set; }

    /// <summary>The columns somebody chose; null: the usual ones, which are written in a faster way.</summary>
    public ChosenColumns? Columns { get; private set; }

    /// <summary>Widths this person keeps, a line for each column (<c>120:id</c>); null: none.</summary>
    public string? Widths { get; private set; }

    /// <summary>What the chosen places in inputs and outputs hold, by number of the run.</summary>
    public IReadOnlyDictionary<long, RunValues> Values { get; private set; } = new Dictionary<long, RunValues>();

    /// <summary>What the query line shows.</summary>
    public string LineText => Line?.Text ?? Filter.ToLine();

    /// <summary>Workflow types for the tabs.</summary>
    public IReadOnlyList<TypeTab> Types { get; private set; } = [];

    /// <summary>What is wrong with the filter in the URL; null: nothing.</summary>
    public ProblemException? Problem { get; private set; }

    /// <summary>The range that is asked for ends before it begins.</summary>
    public bool IsReversed => Problem?.Faults.Any(f => f.Reason == RunFilter.ReversedRange) == true;

    /// <summary>The moments between which the list lies, for the form: microseconds since 1970; null: not a moment.</summary>
    public (long? From, long? To) Range { get; private set; }

    /// <summary>Address of the list as it is filtered now, without a place in it.</summary>
    public string Address => UrlOf(Line is null ? Filter.ToQuery() : "query=" + Uri.EscapeDataString(Line.Text));

    /// <summary>No run in this tenant yet, as far as the default view says.</summary>
    public bool IsFirstVisit => Problem is null && Found.Runs.Count == 0 && Filter.IsEmpty && Filter.NextToken is null;

    /// <summary>Address of the list with a query.</summary>
    public static string UrlOf(string query) => query.Length == 0 ? "/runs" : "/runs?" + query;

    /// <summary>The page, its list, or more rows.</summary>
    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        var caller = HttpContext.Caller();
        Response.Headers.Vary = "HX-Target";
        try
        {
            if (Request.Query.TryGetValue("query", out var written) && QueryLine.Parse(written.ToString(), time.GetUtcNow()) is { Faults.Count: > 0 } wrong) Line = wrong;
            Filter = RunFilter.Parse(Request.Query, time: time);
            // One state, the URL: what was written becomes the parameters it stands for.
            if (Request.Query.ContainsKey("query")) return LocalRedirect(Address);
            var kept = await views.SettingsAsync(caller, cancellationToken);
            if (Filter.Columns is null && ChosenColumns.Kept(kept.Columns) is { } mine) Filter = Filter.WithColumns(mine.Text);
            Columns = ChosenColumns.Parse(Filter.Columns);
            if (Columns is not null) Filter = Filter.WithColumns(Columns.Text);
            if (kept.Widths is not null) Widths = string.Join('\n', ColumnsPage.ReadWidths(kept.Widths).Select(w => $"{w.Value}:{w.Key}"));
            _ = Filter.Within(caller.Tenant.Id);
            Found = await runs.ListAsync(caller.Tenant.No, Filter, Filter.NextToken, Filter.Limit, Columns is null ? RowWriter.Columns : Columns.Paths.Count == 0 ? ListApi.AllColumns : RunRow.Table.All, cancellationToken);
            if (Columns is { Paths.Count: > 0 }) Values = await paths.HandleAsync(Found.Runs, Columns.Paths, cancellationToken);
            if (Filter.Words is { } words)
            {
                Snippets = await search.SnippetsAsync(words, [.. Found.Runs.Select(r => r.RunNo)], cancellationToken);
                Lag = await search.LagAsync(cancellationToken);
            }
        }
        catch (ProblemException problem) when (problem.Status == StatusCodes.Status400BadRequest)
        {
            Problem = problem;
            // The rest of the filter stays, and what was written stands in its fields, to be mended.
            if (IsReversed && problem.Faults.Count == 1) Filter = RunFilter.Parse(new QueryCollection(Request.Query.Where(q => q.Key is not "from" and not "to" and not "query").ToDictionary(StringComparer.Ordinal)), time: time);
            Response.StatusCode = Wants("runs") ? StatusCodes.Status200OK : problem.Status;
        }

        Range = IsReversed ? (MomentOf("from"), MomentOf("to")) : (Filter.MomentOf("from"), Filter.MomentOf("to"));
        if (Wants("rows")) return Partial("_RunRows", this);
        await FindTypesAsync(caller.Tenant.No, cancellationToken);
        return Wants("runs") ? Partial("_Runs", this) : Page();
    }

    /// <summary>The rows, in the usual columns or the chosen ones.</summary>
    /// <param name="shell">Of the request.</param>
    /// <param name="first">The first of them is the first of the grid.</param>
    public IHtmlContent Rows(Shell shell, bool first)
    {
        var texts = TextTable.Of(typeof(RunsTexts));
        return Columns is null ? new RowWriter(shell, texts, Found.Runs, Snippets, first) : new ColumnRows(shell, texts, Columns).Rows(Found.Runs, Values, Snippets, first);
    }

    // Every loaded adapter has its tab, and so has every other type that reports.
    async Task FindTypesAsync(long tenantNo, CancellationToken cancellationToken)
    {
        var loaded = types.All;
        var found = await values.OfAsync(tenantNo, "type", cancellationToken);
        Types = [.. loaded.Select(t => new TypeTab(t.Type, t.Info.DisplayName, t.Info.Icon)), .. found.Where(f => !loaded.Any(t => t.Type == f)).Select(f => new TypeTab(f, f, null))];
    }

    long? MomentOf(string key) => RunFilter.None.WithText(key, Request.Query[key].ToString()).MomentOf(key);

    bool Wants(string target) => Request.Headers["HX-Target"] == target;
}

/// <summary>A tab of the list.</summary>
/// <param name="Type">Workflow type, as in the filter.</param>
/// <param name="Text">Name for people.</param>
/// <param name="Icon">Icon, if its adapter names one.</param>
public sealed record TypeTab(string Type, string Text, string? Icon);
