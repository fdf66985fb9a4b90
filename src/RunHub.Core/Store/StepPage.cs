using RunHub.Json;
using RunHub.Model;
using RunHub.Store.Payloads;

namespace RunHub.Store;

/// <summary>Some of a run's steps with all that belongs to them, bounded in number and bytes: lists and exports read so.</summary>
/// <param name="Steps">In order of arrival.</param>
/// <param name="Payloads">Theirs.</param>
/// <param name="Next">Where the next page begins; null: this is the last.</param>
public sealed record StepPage(IReadOnlyList<StepRow> Steps, PayloadSet Payloads, StepPosition? Next)
{
    /// <summary>Most steps of a page.</summary>
    public const int MaxSteps = 1000;

    const long MaxPayloadBytes = 32L << 20;

    /// <summary>Reads a page: at least one step where there is one, and no more payload than a request may bring.</summary>
    /// <param name="sql">Where to read.</param>
    /// <param name="runNo">Whose steps.</param>
    /// <param name="from">After which.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<StepPage> ReadAsync(SqlSession sql, long runNo, StepPosition from, int limit, CancellationToken cancellationToken)
    {
        var steps = await RunReader.StepsAsync(sql, runNo, from, limit + 1, cancellationToken);
        var count = Fitting(steps, limit);
        StepPosition? next = count < steps.Count ? StepPosition.Of(steps[count - 1]) : null;
        steps.RemoveRange(count, steps.Count - count);
        var payloads = await RunReader.PayloadsAsync(sql, runNo, steps.SelectMany(s => new[] { s.Input, s.Output, s.Extra }), cancellationToken);
        return new StepPage(steps, payloads, next);
    }

    /// <summary>What stands in a step's JSON beside its row.</summary>
    public StepParts PartsOf(StepRow step)
    {
        var extra = StepExtra.Read(Payloads[step.Extra]);
        return new StepParts
        {
            Input = Payloads[step.Input],
            Output = Payloads[step.Output],
            Parameters = extra.Parameters?.Utf8 ?? default,
            Reasons = extra.Reasons?.Utf8 ?? default,
            ErrorMessage = extra.ErrorMessage,
            ErrorStack = extra.ErrorStack,
            Attributes = extra.Attributes?.Utf8 ?? default,
        };
    }

    static int Fitting(List<StepRow> steps, int limit)
    {
        long bytes = 0;
        for (var i = 0; i < steps.Count; i++)
        {
            bytes += (steps[i].Input?.Length ?? 0) + (steps[i].Output?.Length ?? 0) + (steps[i].Extra?.Length ?? 0);
            if (i == limit || i > 0 && bytes > MaxPayloadBytes) return i;
        }

        return steps.Count;
    }
}
