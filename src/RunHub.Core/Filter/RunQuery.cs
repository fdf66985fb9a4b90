using Microsoft.Data.Sqlite;
using RunHub.Http;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;

namespace RunHub.Filter;

/// <summary>A page of a list.</summary>
/// <param name="Runs">The runs, in order.</param>
/// <param name="NextToken">Where the next page begins; null: this is the last.</param>
/// <param name="SearchedBackTo">
/// Not null: runs between here and the end have not been looked at yet, in microseconds since 1970: the page may be short, or
/// even empty, with <paramref name="NextToken"/> to search on; sorted by duration, the window ends there.
/// </param>
public sealed record RunPage(IReadOnlyList<RunRow> Runs, string? NextToken, long? SearchedBackTo);

/// <summary>
/// Lists runs: by position, never by offset, so that no run is skipped or shown twice while others arrive, and the
/// thousandth page costs what the first did. docs/filters.md says which index serves which filter.
/// </summary>
public sealed class RunQuery
{
    readonly Database database;
    readonly SearchStore search;

    internal RunQuery(Database database, SearchStore search) => (this.database, this.search) = (database, search);

    /// <summary>Index entries a page may look at before it comes back short.</summary>
    public const int MaxLooks = 20_000;

    /// <summary>Newest runs that sorting by duration looks at.</summary>
    public const int DurationWindow = 50_000;

    /// <summary>Everything a <see cref="RunSummary"/> is made of, and what a list shows.</summary>
    internal static RowProjection<RunRow> SummaryColumns { get; } = RunRow.Table.Project(
        "run_no", "tenant_no", "id", "name", "type", "workflow_name", "workflow_version", "environment", "status", "lane", "sort_at", "created_at", "updated_at",
        "started_at", "completed_at", "duration_ms", "actor", "hitl", "trigger", "owner", "business_event_id", "lead_id", "batch_id", "thread_id",
        "agent_id", "trace_id", "parent_run_id", "tokens", "cost_nano", "error_code", "error_class", "error_message", "failed_node", "fingerprint", "models", "tags", "resolved");

    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    static readonly RowProjection<RunRow> Counted = RunRow.Table.Project("run_no");

    /// <summary>The columns a list shows.</summary>
    public static RowProjection<RunRow> ListColumns { get; } = RunRow.Table.Project(
        "run_no", "tenant_no", "id", "name", "type", "workflow_name", "workflow_version", "environment", "status", "lane", "sort_at", "created_at", "updated_at",
        "started_at", "completed_at", "duration_ms", "actor", "hitl", "trigger", "started_by", "owner", "business_event_id", "lead_id", "batch_id", "thread_id",
        "agent_id", "parent_run_id", "attempt", "progress", "tokens", "cost_nano", "error_code", "error_class", "error_message", "failed_node", "tags",
        "resolved", "flags", "step_count", "failed_steps", "retries");

    /// <summary>A page with <see cref="ListColumns"/>.</summary>
    public Task<RunPage> ListAsync(long tenantNo, RunFilter filter, string? nextToken, int limit, CancellationToken cancellationToken) =>
        ListAsync(tenantNo, filter, nextToken, limit, ListColumns, cancellationToken);

    /// <summary>A page.</summary>
    /// <param name="tenantNo">Whose runs.</param>
    /// <param name="filter">Which, and in which order.</param>
    /// <param name="nextToken">From the page before, with the same filter; null: the first page.</param>
    /// <param name="limit">1–200.</param>
    /// <param name="columns">What to read; other properties keep their defaults.</param>
    /// <param name="cancellationToken">Cancels; SQLite is interrupted.</param>
    /// <exception cref="ProblemException">400 for a token of another list, or a tag pattern that stands for too much; 503 when it took too long.</exception>
    public async Task<RunPage> ListAsync(long tenantNo, RunFilter filter, string? nextToken, int limit, RowProjection<RunRow> columns, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        var token = string.IsNullOrEmpty(nextToken) ? (PageToken?)null : PageToken.Read(nextToken, tenantNo, filter);
        await using var sql = await database.ReadAsync(cancellationToken);
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(MaxTime);
        await using var interrupt = sql.InterruptOn(time.Token);
        try
        {
            return await new RunLister(sql, search, tenantNo, filter, columns, Math.Min(limit, RunFilter.MaxLimit), time.Token).PageAsync(token);
        }
        catch (Exception e) when (time.IsCancellationRequested && e is SqliteException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ProblemException(503, "The list took too long.", $"The list was given up after {MaxTime.TotalSeconds:0} seconds; a narrower filter or time range will do.") { RetryAfter = 5 };
        }
    }

    /// <summary>How many runs a filter matches, counted up to <paramref name="most"/>.</summary>
    /// <param name="tenantNo">Whose runs.</param>
    /// <param name="filter">Which.</param>
    /// <param name="most">Where counting ends.</param>
    /// <param name="time">How long it may take; what was counted until then is the answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The count, and whether there are, or may be, more.</returns>
    public async Task<(int Count, bool More)> CountAsync(long tenantNo, RunFilter filter, int most, TimeSpan time, CancellationToken cancellationToken)
    {
        var (count, token) = (0, (PageToken?)null);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        await using var sql = await database.ReadAsync(cancellationToken);
        await using var interrupt = sql.InterruptOn(limit.Token);
        try
        {
            while (true)
            {
                var page = await new RunLister(sql, search, tenantNo, filter.SortedBy(RunSort.Default), Counted, Math.Min(RunFilter.MaxLimit, most - count), limit.Token).PageAsync(token);
                count += page.Runs.Count;
                if (page.NextToken is null) return (count, false);
                if (count >= most) return (most, true);
                token = PageToken.Read(page.NextToken, tenantNo, filter.SortedBy(RunSort.Default));
            }
        }
        catch (Exception e) when (limit.IsCancellationRequested && e is SqliteException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (count, true);
        }
    }

    /// <summary>How the first page of a list is found, for tests and for operators who wonder.</summary>
    public async Task<RunListPlan> ExplainAsync(long tenantNo, RunFilter filter, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        if (filter.Words is not null) await search.PrepareAsync(sql, cancellationToken);
        var values = await DistinctValues.FindAsync(sql, tenantNo, filter, cancellationToken);
        var segment = RunSegment.Of(filter, idsFirst: false)[0];
        var text = new RunListSql(tenantNo, filter, values, sql.IsSqlite);
        var indexes = RunIndex.For(filter, segment, values);
        var statement = text.Page(indexes[0], segment, ListColumns, text.Start, since: null, MaxLooks, filter.Limit + 1);
        await RunLister.BeginAsync(sql, cancellationToken);
        try
        {
            var lines = await statement.On(sql, sql.IsSqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ").ListAsync(r => r.GetString(sql.IsSqlite ? 3 : 0), cancellationToken);
            return new RunListPlan([.. indexes.Select(i => i.Name)], indexes[0].Branches.Count, text.HasRest(indexes[0], segment), statement.ToString(), lines);
        }
        finally
        {
            await RunLister.EndAsync(sql);
        }
    }
}

/// <summary>How a list is found.</summary>
/// <param name="Indexes">Indexes that can lead: the first does, and the shortest when the first gives too little.</param>
/// <param name="Branches">Walks that are merged.</param>
/// <param name="AsksMore">True: something must be asked of each run that the index does not answer.</param>
/// <param name="Sql">The statement.</param>
/// <param name="Lines">What the engine says about it.</param>
public sealed record RunListPlan(IReadOnlyList<string> Indexes, int Branches, bool AsksMore, string Sql, IReadOnlyList<string> Lines);
