using System.Diagnostics;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Runs.Columns;

/// <summary>Why a value is not shown.</summary>
public enum ValueState
{
    /// <summary>It is, or there is none.</summary>
    Read,

    /// <summary>The payload is larger than a list reads.</summary>
    TooLarge,

    /// <summary>The page had read as much as a page may.</summary>
    TooMuch,
}

/// <summary>Values of a run's chosen places, in the order of the columns.</summary>
/// <param name="Values">The values.</param>
/// <param name="Input">Whether the input was read.</param>
/// <param name="Output">Whether the output was read.</param>
public sealed record RunValues(PathValue[] Values, ValueState Input, ValueState Output);

/// <summary>
/// Reads places in inputs and outputs for the rows of one page: each payload once, none larger than <see cref="MaxPayload"/>, no more
/// than <see cref="MaxPage"/> in all, and for <see cref="MaxTime"/> at most.
/// </summary>
public sealed class ReadPathValues(Database database)
{
    /// <summary>Largest payload a list looks into, bytes.</summary>
    public const long MaxPayload = 256 * 1024;

    /// <summary>Bytes of payloads of a page.</summary>
    public const long MaxPage = 8 * 1024 * 1024;

    /// <summary>Time for a page.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(400);

    /// <summary>The values, by number of the run.</summary>
    public async Task<IReadOnlyDictionary<long, RunValues>> HandleAsync(IReadOnlyList<RunRow> runs, IReadOnlyList<PayloadPath> paths, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, RunValues>(runs.Count);
        if (paths.Count == 0 || runs.Count == 0) return found;
        var (start, spent) = (Stopwatch.GetTimestamp(), 0L);
        var (wantsInput, wantsOutput) = (paths.Any(p => p.IsInput), paths.Any(p => !p.IsInput));
        await using var sql = await database.ReadAsync(cancellationToken);
        foreach (var run in runs)
        {
            var (input, output) = (Judge(wantsInput ? run.Inputs : null), Judge(wantsOutput ? run.Outputs : null));
            if (spent > MaxPage || Stopwatch.GetElapsedTime(start) > MaxTime)
            {
                if (input == ValueState.Read && wantsInput && run.Inputs is { Length: > 0 }) input = ValueState.TooMuch;
                if (output == ValueState.Read && wantsOutput && run.Outputs is { Length: > 0 }) output = ValueState.TooMuch;
            }

            var (inRef, outRef) = (wantsInput && input == ValueState.Read ? run.Inputs : null, wantsOutput && output == ValueState.Read ? run.Outputs : null);
            spent += (inRef?.Length ?? 0) + (outRef?.Length ?? 0);
            PayloadSet payloads;
            try
            {
                payloads = await PayloadReader.ReadAsync(sql, run.RunNo, [inRef, outRef], cancellationToken);
            }
            catch (InvalidDataException)
            {
                // Deleted or replaced since its row was read.
                payloads = PayloadSet.Empty;
            }

            found[run.RunNo] = new RunValues([.. paths.Select(p => p.In(payloads[p.IsInput ? inRef : outRef].Span))], input, output);
        }

        return found;
    }

    static ValueState Judge(PayloadRef? payload) => payload is { Length: > MaxPayload } ? ValueState.TooLarge : ValueState.Read;
}
