using Quartz;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Runs;

/// <summary>Forgets the answers of requests with an <c>Idempotency-Key</c> after their time.</summary>
[DisallowConcurrentExecution]
public sealed class PurgeIdempotencyKeysJob(IdempotentWrites writes) : IJob
{
    /// <inheritdoc/>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await writes.PurgeAsync(cancellationToken);
        }
        catch (LaneFullException)
        {
            // An expired answer is not given again whether its row is there or not; the next time will do.
        }
    }
}
