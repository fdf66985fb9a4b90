using Quartz;
using RunHub.Store;

namespace RunHub.Bulk;

/// <summary>Takes away files of bulk actions that ended long enough ago.</summary>
[DisallowConcurrentExecution]
public sealed class PurgeBulkFilesJob(BulkFiles files) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await files.PurgeAsync(cancellationToken);
        }
        catch (LaneFullException)
        {
            // They are as old the next time.
        }
    }
}
