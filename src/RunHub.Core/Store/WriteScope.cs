using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using RunHub.Store.Events;
using RunHub.Store.Rollups;

namespace RunHub.Store;

/// <summary>
/// What a piece of work in the <see cref="WriteLane"/> may use: the writing session inside its open transaction, and the
/// buffers of events and rollup deltas that are written when the transaction ends. What the work did is undone, buffers
/// included, when it throws.
/// </summary>
public sealed class WriteScope
{
    readonly List<EventDraft> events = [];
    readonly RollupBuffer rollups = new();

    internal WriteScope(SqlSession sql, TimeProvider time)
    {
        Sql = sql;
        Time = time;
        RunNumbers = new RunNumbers(this);
        NewRuns = new NewRuns(isAlone: sql.IsSqlite);
    }

    /// <summary>The session; its transaction is open.</summary>
    public SqlSession Sql { get; }

    /// <summary>Now, UTC, microseconds since 1970; the same for the whole transaction.</summary>
    public long Now { get; private set; }

    internal TimeProvider Time { get; }

    internal RunNumbers RunNumbers { get; }

    internal IReadOnlyList<EventDraft> Events => events;

    internal RollupBuffer Rollups => rollups;

    /// <summary>What this transaction took for granted about what others write.</summary>
    internal NewRuns NewRuns { get; }

    /// <summary>Appends an event; it gets its <c>seq</c> when the transaction commits.</summary>
    public void Emit(in EventDraft draft) => events.Add(draft);

    /// <summary>Records who did what to what, in this transaction.</summary>
    public async Task AuditAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        await Sql.Prepare("""
            INSERT INTO audit (tenant_no, at, actor_kind, actor, action, target_type, target, detail)
            VALUES (@tenant_no, @at, @actor_kind, @actor, @action, @target_type, @target, @detail)
            """)
            .With(entry.TenantNo, Now, entry.ActorKind, entry.Actor, entry.Action, entry.TargetType, entry.Target,
                entry.Detail is null ? null : JsonSerializer.Serialize(entry.Detail, JsonSerializerOptions.Web))
            .ExecuteAsync(cancellationToken);

    /// <summary>Lets an EF context work on this session's connection and transaction.</summary>
    public TContext Use<TContext>(TContext context) where TContext : DbContext
    {
        context.Database.SetDbConnection(Sql.Connection, contextOwnsConnection: false);
        context.Database.UseTransaction(Sql.Transaction);
        return context;
    }

    internal void Begin()
    {
        Now = Times.ToMicros(Time.GetUtcNow());
        events.Clear();
        rollups.Clear();
        NewRuns.Clear();
    }

    internal (int Events, int Rollups, int NewRuns) Mark() => (events.Count, rollups.Mark(), NewRuns.Mark());

    internal void RollBackTo((int Events, int Rollups, int NewRuns) mark)
    {
        NewRuns.RollBackTo(mark.NewRuns);
        events.RemoveRange(mark.Events, events.Count - mark.Events);
        rollups.RollBackTo(mark.Rollups);
        RunNumbers.Forget();
    }
}

/// <summary>One line of the audit trail.</summary>
/// <param name="TenantNo">The tenant concerned; null: the installation.</param>
/// <param name="ActorKind"><c>user, key, system</c>.</param>
/// <param name="Actor">Email of the user, name and prefix of the key, or the job.</param>
/// <param name="Action">Past tense with the noun first: <c>run.deleted</c>, <c>user.invited</c>.</param>
/// <param name="TargetType"><c>run, user, api_key</c> …</param>
/// <param name="Target">Public id of the target.</param>
/// <param name="Detail">What else is worth keeping; serialised to JSON. Never secrets.</param>
public sealed record AuditEntry(long? TenantNo, string ActorKind, string Actor, string Action, string TargetType, string Target, object? Detail = null);
