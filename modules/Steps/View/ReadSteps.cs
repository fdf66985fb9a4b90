using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Steps.View;

/// <summary>All steps of a run without what they carried: what the table and the timeline are made of.</summary>
/// <param name="Steps">In order of arrival.</param>
/// <param name="Usual">How long steps of their names usually take; empty where nobody can say.</param>
/// <param name="IsPart">There are more than are read.</param>
public sealed record AllSteps(IReadOnlyList<StepRow> Steps, IReadOnlyDictionary<string, Usual> Usual, bool IsPart)
{
    /// <summary>More are not read: a page that shows a hundred thousand bars shows none.</summary>
    public const int Most = 50_000;

    static readonly RowProjection<StepRow> Columns = StepRow.Table.Project("id", "ord", "name", "type", "node_id", "label", "parent_step_id", "status", "started_at", "completed_at",
        "duration_ms", "retries", "model", "tool", "tokens", "tokens_in", "tokens_out", "compute_ms", "cost_nano", "error_code", "error_message", "validation_passed", "validation_score",
        "input_at", "input_len", "output_at", "output_len");

    /// <summary>Reads them.</summary>
    public static async Task<AllSteps> ReadAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var steps = await sql.Prepare($"SELECT {Columns.Sql} FROM steps WHERE run_no = @run_no ORDER BY ord, id LIMIT @limit").With(run.RunNo, Most + 1L).ListAsync(r => Columns.Read(r), cancellationToken);
        var isPart = steps.Count > Most;
        if (isPart) steps.RemoveAt(Most);
        return new AllSteps(steps, await Baseline.OfStepsAsync(sql, run, steps, cancellationToken), isPart);
    }

    /// <summary>How many times longer than usual a step took, when that is more than 19 of 20 take; null: it did not, or nobody can say.</summary>
    public double? TimesUsual(StepRow step) =>
        step.DurationMs is { } ms && step.Status.IsFinal() && Usual.TryGetValue(step.Name, out var usual) && usual.IsExceededBy(ms) && usual.P50 > 0 ? (double)ms / usual.P50.Value : null;
}
