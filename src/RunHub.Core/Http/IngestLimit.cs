using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using RunHub.Access;

namespace RunHub.Http;

/// <summary>
/// How often one sender may report: a bucket of tokens per key or tenant, on this node. It guards the others from one that
/// runs wild; what the store can take is guarded by the write lane. Endpoints that take reports are known by their access.
/// </summary>
static class IngestLimit
{
    const string NotLimited = "";

    /// <summary>Adds the limiter; without <see cref="IngestOptions.RequestsPerSecond"/> it limits nobody.</summary>
    public static void AddIngestLimit(this IServiceCollection services)
    {
        services.AddRateLimiter(static _ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<IngestOptions>>(static (limiter, ingest) =>
        {
            var options = ingest.Value;
            if (options.RequestsPerSecond < 0 || options.Burst < 0) throw new InvalidOperationException("Ingest:RequestsPerSecond and Ingest:Burst cannot be negative.");
            if (options.LimitPer is not ("key" or "tenant")) throw new InvalidOperationException($"Ingest:LimitPer must be key or tenant, not \"{options.LimitPer}\".");
            var bucket = BucketOf(options);
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => PartitionOf(context, options) is { } sender
                ? RateLimitPartition.GetTokenBucketLimiter(sender, _ => bucket)
                : RateLimitPartition.GetNoLimiter(NotLimited));
            limiter.OnRejected = (rejected, _) => new ValueTask(RefuseAsync(rejected, options));
        });
    }

    static TokenBucketRateLimiterOptions BucketOf(IngestOptions options)
    {
        var rate = Math.Max(1, options.RequestsPerSecond);
        var tokens = Math.Max(1, rate / 10);
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = options.Burst > 0 ? options.Burst : 2 * rate,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)tokens / rate),
            QueueLimit = 0,
        };
    }

    static string? PartitionOf(HttpContext context, IngestOptions options)
    {
        if (options.RequestsPerSecond == 0 || context.GetEndpoint()?.Metadata.GetMetadata<AccessAttribute>() is not { Scope: KeyScopes.Ingest } || context.TryCaller() is not { } caller) return null;
        return options.LimitPer == "tenant" ? caller.Tenant.No.ToString(CultureInfo.InvariantCulture) : caller.Key;
    }

    static Task RefuseAsync(OnRejectedContext rejected, IngestOptions options)
    {
        var seconds = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, 60) : 1;
        return ProblemWriter.WriteAsync(rejected.HttpContext, new ProblemException(429, "Too many requests.",
            $"{(options.LimitPer == "tenant" ? "This tenant" : "This key")} may report {options.RequestsPerSecond} times a second (Ingest:RequestsPerSecond). Send more runs per request, or wait.") { RetryAfter = seconds });
    }
}
