using System.Collections.Concurrent;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Stats;

namespace RunHub.Runs.Views;

/// <summary>How many runs a view has.</summary>
/// <param name="Count">Runs.</param>
/// <param name="IsCapped">There are, or may be, more.</param>
public readonly record struct ViewCount(long Count, bool IsCapped);

/// <summary>
/// Counts for the navigation: run by run to a thousand and for a moment at most, beyond that from the rollups where the filter fits them, once for all who look at the same filter of a tenant,
/// and kept the longer the more it cost, so that many people with many views cost what one does.
/// </summary>
public sealed class CountView(RunQuery runs, ReadStats stats, TimeProvider time)
{
    /// <summary>Counting run by run ends here.</summary>
    public const int Most = 1000;

    const int MaxKept = 2000;

    // A count may take this share of one core, however often it is asked for.
    const int Rests = 50;
    static readonly TimeSpan LeastFresh = TimeSpan.FromSeconds(5);
    static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(150);
    readonly ConcurrentDictionary<(long Tenant, string Runs), Lazy<Task<Kept>>> kept = new();
    readonly SemaphoreSlim turns = new(2);

    /// <summary>The count, at most some seconds old; null: the filter asks for something that cannot be counted now.</summary>
    public async Task<ViewCount?> OfAsync(SavedView view, CancellationToken cancellationToken)
    {
        if (view.Runs?.RunsAlone() is not { } filter) return null;
        var key = (view.TenantNo, filter.ToQuery());
        if (kept.TryGetValue(key, out var known) && (known.Value.IsFaulted || known.Value is { IsCompletedSuccessfully: true, Result: var old } && time.GetElapsedTime(old.At) > old.Fresh)) kept.TryRemove(KeyValuePair.Create(key, known));
        if (kept.Count > MaxKept) kept.Clear();
        var counting = kept.GetOrAdd(key, _ => new Lazy<Task<Kept>>(() => CountAsync(view.TenantNo, filter)));
        // Others wait for the same count: whoever goes away does not end it.
        return (await counting.Value.WaitAsync(cancellationToken)).Count;
    }

    async Task<Kept> CountAsync(long tenantNo, RunFilter filter)
    {
        await turns.WaitAsync();
        var start = time.GetTimestamp();
        ViewCount? found = null;
        try
        {
            var (count, more) = await runs.CountAsync(tenantNo, filter, Most, MaxTime, CancellationToken.None);
            found = new ViewCount(count, more);
            if (more && await stats.HandleAsync(tenantNo, filter, 1, TimeSpan.Zero, CancellationToken.None) is { IsComplete: true } all && all.Total >= count) found = new ViewCount(all.Total, false);
        }
        catch (ProblemException)
        {
            // A tag pattern that stands for too much, and the like: the list says so, the navigation shows nothing.
        }
        finally
        {
            turns.Release();
        }

        var took = time.GetElapsedTime(start);
        return new Kept(found, time.GetTimestamp(), took * Rests > LeastFresh ? took * Rests : LeastFresh);
    }

    sealed record Kept(ViewCount? Count, long At, TimeSpan Fresh);
}
