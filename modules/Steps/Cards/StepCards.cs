using RunHub.Http;
using RunHub.Model;
using RunHub.Modules.Slots;
using RunHub.Plugins;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Steps.Cards;

/// <summary>Which cards are wanted.</summary>
/// <param name="After">The last card before these.</param>
/// <param name="Before">How many cards stand before these.</param>
/// <param name="At">Not from the beginning but around this step: its id, else a node or a name; null: by <paramref name="After"/>.</param>
public readonly record struct CardsAsk(StepPosition After, long Before, string? At)
{
    /// <summary>From the beginning.</summary>
    public static CardsAsk Start { get; } = new(StepPosition.Start, 0, null);

    /// <summary>From an address: <c>after</c> and <c>before</c>, or <c>at</c>.</summary>
    /// <exception cref="ProblemException">400: <c>after</c> is not a place among steps.</exception>
    public static CardsAsk Of(IQueryCollection query)
    {
        if (query.Count == 0) return Start;
        if (query["at"].ToString() is { Length: > 0 } at) return Start with { At = at };
        var position = query["after"].ToString() is { Length: > 0 } after ? StepPosition.Parse(after) ?? throw ProblemException.Invalid("query.after", "This is not a place among the steps.") : StepPosition.Start;
        return new(position, long.TryParse(query["before"], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var before) ? before : 0, null);
    }
}

/// <summary>Reads a run's steps and writes their cards: laid out by the workflow type's adapter where it has a layout of its own, else by what the step is.</summary>
public sealed class StepCards(WorkflowTypes types)
{
    /// <summary>Cards that come with the page; more on demand.</summary>
    public const int Size = 50;

    const int AroundIt = 3;

    /// <summary>A page of cards.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="shell">Of the request.</param>
    /// <param name="request">Their run, and what of it was read.</param>
    /// <param name="ask">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task WriteAsync(HtmlBuffer html, Shell shell, RunSectionRequest request, CardsAsk ask, CancellationToken cancellationToken)
    {
        var (sql, run, payloads) = (request.Sql, request.Run, request.Payloads);
        var writer = shell.Prepared(static s => new CardWriter(s));
        if (ask.At is { } at)
        {
            ask = await AroundAsync(sql, run, at, cancellationToken);
            writer.Begin(html, run, ask.Before);
        }
        else if (run.StepCount > Size && run.FailedSteps > 0 && ask.Before == 0)
        {
            writer.Failed(html, run, await FailedSteps.ReadAsync(sql, run, cancellationToken));
        }

        var steps = await RunReader.StepsAsync(sql, run.RunNo, ask.After, Size + 1, cancellationToken);
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
        // Few nodes are shown open; of many only what failed.
        var few = run.StepCount <= 5;
        for (var i = 0; i < steps.Count; i++) writer.Write(html, new Card(run, steps[i], payloads, layouts?[i], few || steps[i].Status == RunStatus.Failed, shell.Now));
        if (steps.Count == 0 && ask.Before == 0) writer.None(html, run);
        if (next is { } position) writer.More(html, run, position, ask.Before + steps.Count);
    }

    /// <summary>Payloads that come with the page.</summary>
    internal static PayloadRef? AtOnce(PayloadRef? payload) => payload is { Length: <= JsonBlock.LoadedAtOnce } ? payload : null;

    static async Task<CardsAsk> AroundAsync(SqlSession sql, RunRow run, string at, CancellationToken cancellationToken)
    {
        var step = await RunReader.StepAsync(sql, run.RunNo, at, cancellationToken)
            ?? await sql.Prepare($"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no AND (node_id = @node OR name = @node) ORDER BY ord DESC, id DESC LIMIT 1").With(run.RunNo, at)
                .FirstAsync(r => StepRow.Table.All.Read(r), cancellationToken)
            ?? throw ProblemException.NotFound("step", at);
        var before = await sql.Prepare("SELECT ord, id FROM steps WHERE run_no = @run_no AND (ord, id) < (@ord, @id) ORDER BY ord DESC, id DESC LIMIT 1 OFFSET @around")
            .With(run.RunNo, step.Ord, step.Id, (long)AroundIt).FirstAsync(r => (StepPosition?)new StepPosition(r.GetInt64(0), r.GetString(1)), cancellationToken);
        if (before is not { } after) return CardsAsk.Start;
        var count = await sql.Prepare("SELECT count(*) FROM steps WHERE run_no = @run_no AND (ord, id) <= (@ord, @id)").With(run.RunNo, after.Ord, after.Id).ScalarAsync<long>(cancellationToken);
        return new CardsAsk(after, count, null);
    }

    static List<StoredStep> Messages(RunRow run, List<StepRow> steps, RunPayloads payloads)
    {
        var set = payloads.Of(steps.SelectMany(s => new[] { AtOnce(s.Input), AtOnce(s.Output), s.Extra }).OfType<PayloadRef>());
        return steps.ConvertAll(s => new StoredStep(StoredRuns.ToMessage(s, run, set)));
    }
}
