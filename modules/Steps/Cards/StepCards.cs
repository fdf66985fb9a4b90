using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Modules.Slots;
using RunHub.Plugins;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Steps.Cards;

/// <summary>Reads a run's steps and writes their cards: laid out by the workflow type's adapter where it has a layout of its own, else by what the step is.</summary>
public sealed class StepCards(WorkflowTypes types)
{
    /// <summary>Cards that come with the page; more on demand.</summary>
    public const int Size = 50;

    const int BytesOfCard = 4096;

    /// <summary>The section of node cards on the run's page.</summary>
    public static Task<HtmlBuffer> SectionAsync(RunSectionRequest request, CancellationToken cancellationToken) =>
        request.Services.GetRequiredService<StepCards>().WriteAsync(request.Services.GetRequiredService<Shell>(), request.Sql, request.Run, request.Payloads, StepPosition.Start, 0, cancellationToken);

    /// <summary>A page of cards.</summary>
    /// <param name="shell">Of the request.</param>
    /// <param name="sql">To read with.</param>
    /// <param name="run">Their run.</param>
    /// <param name="payloads">Its payloads.</param>
    /// <param name="after">The last card before these.</param>
    /// <param name="before">How many cards stand before these.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<HtmlBuffer> WriteAsync(Shell shell, SqlSession sql, RunRow run, RunPayloads payloads, StepPosition after, long before, CancellationToken cancellationToken)
    {
        var steps = await RunReader.StepsAsync(sql, run.RunNo, after, Size + 1, cancellationToken);
        var next = steps.Count > Size ? StepPosition.Of(steps[Size - 1]) : (StepPosition?)null;
        if (next is not null) steps.RemoveRange(Size, steps.Count - Size);
        foreach (var step in steps)
        {
            payloads.Want(AtOnce(step.Input));
            payloads.Want(AtOnce(step.Output));
            payloads.Want(step.Extra);
        }

        await payloads.LoadAsync(cancellationToken);
        var layouts = types.Find(run.Type) is { HasOwnLayout: true } type ? await type.PresentAsync(Messages(run, steps, payloads), cancellationToken) : null;
        var writer = shell.Prepared(static s => new CardWriter(s));
        var html = new HtmlBuffer(BytesOfCard * Math.Max(1, steps.Count));
        // Few nodes are shown open; of many only what failed.
        var few = run.StepCount <= 5;
        for (var i = 0; i < steps.Count; i++) writer.Write(html, new Card(run, steps[i], payloads, layouts?[i], few || steps[i].Status == RunStatus.Failed, shell.Now));
        if (steps.Count == 0) writer.None(html, run);
        if (next is { } position) writer.More(html, run, position, before + steps.Count);
        return html;
    }

    /// <summary>Payloads that come with the page.</summary>
    internal static PayloadRef? AtOnce(PayloadRef? payload) => payload is { Length: <= JsonBlock.LoadedAtOnce } ? payload : null;

    static List<StoredStep> Messages(RunRow run, List<StepRow> steps, RunPayloads payloads)
    {
        var set = payloads.Of(steps.SelectMany(s => new[] { AtOnce(s.Input), AtOnce(s.Output), s.Extra }).OfType<PayloadRef>());
        return steps.ConvertAll(s => new StoredStep(StoredRuns.ToMessage(s, run, set)));
    }
}

/// <summary><c>/runs/{id}/steps</c>: more cards.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class CardsPage(Database database, StepCards cards, Shell shell) : PageModel
{
    /// <summary>The cards.</summary>
    public HtmlBuffer Cards { get; private set; } = null!;

    /// <summary>Cards after a position; <paramref name="before"/> stand before them.</summary>
    public async Task OnGetAsync(string id, string? after, long before, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.FindAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken) ?? throw ProblemException.NotFound("run", id);
        var position = string.IsNullOrEmpty(after) ? StepPosition.Start : StepPosition.Parse(after) ?? throw ProblemException.Invalid("query.after", "This is not a place among the steps.");
        Cards = await cards.WriteAsync(shell, sql, run, new RunPayloads(sql, run.RunNo), position, Math.Max(0, before), cancellationToken);
    }
}
