using RunHub.Store;

namespace RunHub.Search;

/// <summary>How far the index is.</summary>
/// <param name="Seq">Number of the last event it has taken in.</param>
/// <param name="WalkAt">All runs are being gone through, newest first, and this is the last one seen; null: no.</param>
sealed record SearchState(long Seq, long? WalkAt)
{
    /// <summary>Before the first run of a walk.</summary>
    public const long Start = long.MaxValue;
}

/// <summary>A place in lists.</summary>
readonly record struct SearchHit(long SortAt, long RunNo);

/// <summary>
/// The search index on one of the engines: written by <see cref="FillSearchIndex"/> alone, read by anyone. Words are cut by
/// <see cref="SearchWords"/> on both, so both find the same.
/// </summary>
abstract class SearchStore
{
    /// <summary>Most matching runs that a list reads from the index; with more it walks its own and asks their texts.</summary>
    public virtual int MaxHits => 20_000;

    /// <summary>Makes an empty one where there is none; before anybody reads.</summary>
    public virtual Task CreateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Where it is; null: there is none yet, or one that was made by another version and is empty now.</summary>
    public abstract Task<SearchState?> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Where it is now, asked by a reader; null: there is none yet.</summary>
    public abstract Task<SearchState?> StateAsync(SqlSession sql, CancellationToken cancellationToken);

    /// <summary>Runs that are taken in together.</summary>
    public virtual int MaxBatch => 500;

    /// <summary>Takes in entries, lets go of runs that are gone, and moves on, all in one transaction; rests in between where a pace is given and nobody waits for that.</summary>
    public abstract Task WriteAsync(IReadOnlyList<SearchEntry> entries, IReadOnlyList<long> gone, SearchState before, SearchState after, SearchPace? pace, CancellationToken cancellationToken);

    /// <summary>Asks for it to be made anew.</summary>
    public abstract Task AskAnewAsync(WriteScope scope, CancellationToken cancellationToken);

    /// <summary>Was it asked to be made anew, and not cleared since.</summary>
    public abstract Task<bool> IsAskedAnewAsync(SqlSession sql, CancellationToken cancellationToken);

    /// <summary>Empties it and begins anew.</summary>
    public abstract Task ClearAsync(SearchState state, CancellationToken cancellationToken);

    /// <summary>Nothing to do for a while: a good time to tidy up.</summary>
    public virtual Task RestAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Makes a reading session ready for conditions on texts.</summary>
    public virtual ValueTask PrepareAsync(SqlSession sql, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Runs of a tenant that match, newest numbers first, at most <paramref name="limit"/>; null: too many words begin like
    /// the last one for asking the index.
    /// </summary>
    public abstract Task<List<SearchHit>?> HitsAsync(SqlSession sql, long tenantNo, SearchText text, int limit, CancellationToken cancellationToken);

    /// <summary>The newest runs of a tenant in the index, by number.</summary>
    public abstract Task<List<SearchHit>> NewestAsync(SqlSession sql, long tenantNo, int limit, CancellationToken cancellationToken);

    /// <summary>Texts as stored, by run.</summary>
    public abstract Task<Dictionary<long, SearchDocument>> DocumentsAsync(SqlSession sql, IReadOnlyList<long> runNos, CancellationToken cancellationToken);
}
