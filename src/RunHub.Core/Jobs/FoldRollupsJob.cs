using Quartz;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Jobs;

/// <summary>Folds rollup deltas every few seconds, so that figures read few rows.</summary>
[DisallowConcurrentExecution]
public sealed class FoldRollupsJob(FoldRollups fold) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await fold.HandleAsync(cancellationToken);
        }
        catch (LaneFullException)
        {
            // Ingest has the lane to itself now; readers add what is not folded yet, so the next time will do.
        }
    }
}
