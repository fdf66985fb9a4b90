using Quartz;
using RunHub.Store;

namespace RunHub.Otlp.Silence;

/// <summary>Looks for silent runs again and again; see <see cref="EndSilentRuns"/>.</summary>
[DisallowConcurrentExecution]
sealed class EndSilentRunsJob(EndSilentRuns end) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await end.HandleAsync(cancellationToken);
        }
        catch (LaneFullException)
        {
            // The hub is busy; the runs are still silent next time.
        }
    }
}
