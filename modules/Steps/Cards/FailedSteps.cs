using RunHub.Model;
using RunHub.Store;

namespace RunHub.Steps.Cards;

/// <summary>A failed step and the way to it.</summary>
/// <param name="Step">The step.</param>
/// <param name="Way">Names of the steps above it, from the top.</param>
readonly record struct FailedStep(StepRow Step, IReadOnlyList<string> Way);

/// <summary>What failed in a run of many steps: it stands above the cards, for it may be far down among them.</summary>
static class FailedSteps
{
    /// <summary>More are in the table.</summary>
    public const int Shown = 10;

    const int LongestWay = 8;

    static readonly RowProjection<StepRow> Columns = StepRow.Table.Project("id", "name", "node_id", "label", "type", "parent_step_id", "status", "duration_ms", "error_code", "error_message");

    public static async Task<IReadOnlyList<FailedStep>> ReadAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var failed = await sql.Prepare($"SELECT {Columns.Sql} FROM steps WHERE run_no = @run_no AND status = @failed ORDER BY ord, id LIMIT @limit")
            .With(run.RunNo, (long)RunStatus.Failed, (long)Shown).ListAsync(r => Columns.Read(r), cancellationToken);
        var known = new Dictionary<string, StepRow?>(StringComparer.Ordinal);
        var found = new List<FailedStep>(failed.Count);
        foreach (var step in failed)
        {
            var way = new List<string>();
            for (var id = step.ParentStepId; id is not null && way.Count < LongestWay;)
            {
                if (!known.TryGetValue(id, out var parent)) known[id] = parent = await ParentAsync(sql, run.RunNo, id, cancellationToken);
                if (parent is null) break;
                way.Insert(0, parent.NodeId ?? parent.Name);
                id = parent.ParentStepId;
            }

            found.Add(new FailedStep(step, way));
        }

        return found;
    }

    static Task<StepRow?> ParentAsync(SqlSession sql, long runNo, string id, CancellationToken cancellationToken) =>
        sql.Prepare($"SELECT {Columns.Sql} FROM steps WHERE run_no = @run_no AND id = @id").With(runNo, id).FirstAsync(r => Columns.Read(r), cancellationToken);
}
