using Quartz;

namespace RunHub.Store.Blobs;

/// <summary>Takes away the bytes of uploads that were cut short and of runs whose deletion was.</summary>
[DisallowConcurrentExecution]
public sealed class SweepBlobsJob(KeepBlobs blobs) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await blobs.SweepAsync(KeepBlobs.Patience, cancellationToken);
        }
        catch (LaneFullException)
        {
            // The rows still say what to do next time.
        }
    }
}
