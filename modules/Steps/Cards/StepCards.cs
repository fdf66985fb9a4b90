using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Steps.Cards;

/// <summary>Some cards of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Cards">In order.</param>
/// <param name="Next">Position of the last of them, which the next ones come after; null: these were the last.</param>
/// <param name="Before">How many cards stand before these.</param>
public sealed record CardPage(RunRow Run, IReadOnlyList<StepCard> Cards, StepPosition? Next, long Before)
{
    /// <summary>Cards that come with the page; more on demand.</summary>
    public const int Size = 50;

    /// <summary>Reads a page of cards.</summary>
    public static async Task<CardPage> ReadAsync(SqlSession sql, LayOutSteps layOut, RunRow run, StepPosition after, long before, CancellationToken cancellationToken)
    {
        var steps = await RunReader.StepsAsync(sql, run.RunNo, after, Size + 1, cancellationToken);
        var shown = steps.Count > Size ? steps[..Size] : steps;
        return new CardPage(run, await layOut.HandleAsync(sql, run, shown, cancellationToken), steps.Count > Size ? StepPosition.Of(steps[Size - 1]) : null, before);
    }
}

/// <summary>The section of node cards on the run's page.</summary>
public sealed class StepCards(Database database, LayOutSteps layOut) : ViewComponent
{
    /// <summary>The first cards.</summary>
    public async Task<IViewComponentResult> InvokeAsync(RunRow run)
    {
        await using var sql = await database.ReadAsync(HttpContext.RequestAborted);
        return View("/Pages/Steps/Cards/_Cards.cshtml", await CardPage.ReadAsync(sql, layOut, run, StepPosition.Start, 0, HttpContext.RequestAborted));
    }
}

/// <summary><c>/runs/{id}/steps</c>: more cards.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class CardsPage(Database database, LayOutSteps layOut) : PageModel
{
    /// <summary>The cards.</summary>
    public CardPage Found { get; private set; } = null!;

    /// <summary>Cards after a position; <paramref name="before"/> stand before them.</summary>
    public async Task OnGetAsync(string id, string? after, long before, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.FindAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken) ?? throw ProblemException.NotFound("run", id);
        var position = string.IsNullOrEmpty(after) ? StepPosition.Start : StepPosition.Parse(after) ?? throw ProblemException.Invalid("query.after", "This is not a place among the steps.");
        Found = await CardPage.ReadAsync(sql, layOut, run, position, Math.Max(0, before), cancellationToken);
    }
}
