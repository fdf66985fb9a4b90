using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Modules.Slots;
using RunHub.Steps.Cards;
using RunHub.Steps.Table;
using RunHub.Steps.Timeline;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Steps.View;

/// <summary>What a run's page asks for when it stands: views of its steps, and more of them. Written by hand.</summary>
public abstract class StepsPage(Database database) : PageModel
{
    /// <summary>The fragment.</summary>
    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        var html = new HtmlBuffer(32 * 1024);
        await WriteAsync(html, sql, run, cancellationToken);
        return new WrittenPage(null, "runs", html);
    }

    /// <summary>Writes it.</summary>
    protected abstract Task WriteAsync(HtmlBuffer html, SqlSession sql, RunRow run, CancellationToken cancellationToken);
}

/// <summary><c>/runs/{id}/steps</c>: more cards; <c>/runs/{id}/steps/cards</c>: the view of cards, from the beginning or around <c>?at</c>.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class CardsPage(Database database, StepCards cards, Shell shell) : StepsPage(database)
{
    /// <inheritdoc/>
    protected override Task WriteAsync(HtmlBuffer html, SqlSession sql, RunRow run, CancellationToken cancellationToken) =>
        cards.WriteAsync(html, shell, new RunSectionRequest(HttpContext.RequestServices, sql, run, new RunPayloads(sql, run.RunNo)), CardsAsk.Of(Request.Query), cancellationToken);
}

/// <summary><c>/runs/{id}/steps/table</c>: the view of rows; with <c>part=rows</c> more rows of it.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class TablePage(Database database, Shell shell) : StepsPage(database)
{
    /// <inheritdoc/>
    protected override Task WriteAsync(HtmlBuffer html, SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var table = new WriteTable(shell, sql, run, TableAsk.Of(Request.Query));
        return Request.Query["part"] == "rows" ? table.RowsAsync(html, cancellationToken) : table.WholeAsync(html, cancellationToken);
    }
}

/// <summary><c>/runs/{id}/steps/timeline</c>: the waterfall, in which the step <c>at</c> has a row; with <c>from</c> and <c>count</c> more rows of it, under the step <c>under</c>.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class TimelinePage(Database database, Shell shell) : StepsPage(database)
{
    /// <inheritdoc/>
    protected override Task WriteAsync(HtmlBuffer html, SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var timeline = new WriteTimeline(shell, sql, run);
        if (!Request.Query.TryGetValue("from", out var from)) return timeline.WholeAsync(html, Request.Query["at"].ToString(), cancellationToken);
        return timeline.MoreAsync(html, Request.Query["under"].ToString(), Number(from, "from"), Request.Query.TryGetValue("count", out var count) ? Number(count, "count") : int.MaxValue, cancellationToken);
    }

    static int Number(string? text, string name) => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
        ? number : throw ProblemException.Invalid("query." + name, "A number is wanted.");
}
