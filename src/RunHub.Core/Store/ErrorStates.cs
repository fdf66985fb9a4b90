using RunHub.Access;
using RunHub.Http;

namespace RunHub.Store;

/// <summary>How a group of failures with one fingerprint stands; 0 to 2 are stored.</summary>
public enum ErrorState
{
    /// <summary>Nobody has dealt with it.</summary>
    Open = 0,

    /// <summary>Dealt with, and not seen since.</summary>
    Resolved = 1,

    /// <summary>It is known and may come.</summary>
    Ignored = 2,

    /// <summary>It was resolved, and a run that started later failed with it.</summary>
    Regressed = 3,
}

/// <summary>What is known about a group of failures over all time.</summary>
/// <param name="State">How it stands.</param>
/// <param name="By">Who said so; null: nobody.</param>
/// <param name="At">When, microseconds since 1970.</param>
/// <param name="Note">What they said.</param>
/// <param name="FirstSeen">Start of the earliest run with it that is kept; null: there is none.</param>
/// <param name="LastSeen">Start of the latest.</param>
public sealed record ErrorStanding(ErrorState State, string? By, long? At, string? Note, long? FirstSeen, long? LastSeen);

/// <summary>What people decided about failures with the same fingerprint. A resolved one that comes back is regressed, without anything being written.</summary>
public sealed class ErrorStates(WriteLane lane)
{
    const string EdgeSql = "SELECT sort_at FROM runs WHERE tenant_no = @tenant_no AND fingerprint = @fingerprint ORDER BY sort_at {0}, run_no {0} LIMIT 1";
    static readonly string FirstSql = EdgeSql.Replace("{0}", "ASC", StringComparison.Ordinal), LastSql = EdgeSql.Replace("{0}", "DESC", StringComparison.Ordinal);

    /// <summary>How a group stands: three look-ups in indexes.</summary>
    public static async Task<ErrorStanding> FindAsync(SqlSession sql, long tenantNo, string fingerprint, CancellationToken cancellationToken)
    {
        var said = await sql.Prepare("SELECT state, actor, at, note FROM error_states WHERE tenant_no = @tenant_no AND fingerprint = @fingerprint").With(tenantNo, fingerprint)
            .FirstAsync(r => new ErrorStanding((ErrorState)r.GetInt64(0), r.GetString(1), r.GetInt64(2), r.Text(3), null, null), cancellationToken) ?? new ErrorStanding(ErrorState.Open, null, null, null, null, null);
        var first = await sql.Prepare(FirstSql).With(tenantNo, fingerprint).ScalarAsync<long?>(cancellationToken);
        var last = await sql.Prepare(LastSql).With(tenantNo, fingerprint).ScalarAsync<long?>(cancellationToken);
        return said with { FirstSeen = first, LastSeen = last, State = said.State == ErrorState.Resolved && last > said.At ? ErrorState.Regressed : said.State };
    }

    /// <summary>What people said of a tenant's groups, by fingerprint; a resolved one may be regressed. Missing: nobody said anything.</summary>
    public static async Task<IReadOnlyDictionary<string, ErrorState>> AllAsync(SqlSession sql, long tenantNo, CancellationToken cancellationToken) =>
        (await sql.Prepare("SELECT fingerprint, state FROM error_states WHERE tenant_no = @tenant_no").With(tenantNo).ListAsync(r => (r.GetString(0), (ErrorState)r.GetInt64(1)), cancellationToken))
        .ToDictionary(e => e.Item1, e => e.Item2, StringComparer.Ordinal);

    /// <summary>Says how it stands from now on, with an audit row.</summary>
    /// <exception cref="ProblemException">404: no failure here has this fingerprint; 400: the note is too long.</exception>
    public Task<ErrorStanding> SetAsync(Caller caller, string fingerprint, ErrorState state, string? note, CancellationToken cancellationToken)
    {
        if (state is not (ErrorState.Open or ErrorState.Resolved or ErrorState.Ignored)) throw ProblemException.Invalid("$.state", "One of open, resolved, ignored.");
        if (note?.Length > Limits.Note) throw ProblemException.Invalid("$.note", $"At most {Limits.Note} characters, this has {note.Length}.");
        var text = string.IsNullOrWhiteSpace(note) ? null : Ingest.ValidateRuns.Clean(note.Trim());
        return lane.Run<ErrorStanding>(async (scope, ct) =>
        {
            var before = await FindAsync(scope.Sql, caller.Tenant.No, fingerprint, ct);
            if (before.LastSeen is null) throw ProblemException.NotFound("error", fingerprint);
            await scope.Sql.Prepare("""
                INSERT INTO error_states (tenant_no, fingerprint, state, actor, at, note) VALUES (@tenant_no, @fingerprint, @state, @actor, @at, @note)
                ON CONFLICT (tenant_no, fingerprint) DO UPDATE SET state = excluded.state, actor = excluded.actor, at = excluded.at, note = excluded.note
                """).With(caller.Tenant.No, fingerprint, (long)state, caller.Name, scope.Now, text).ExecuteAsync(ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "error." + state.ToString().ToLowerInvariant(), "error", fingerprint, new { from = before.State.ToString().ToLowerInvariant(), note = text }), ct);
            return await FindAsync(scope.Sql, caller.Tenant.No, fingerprint, ct);
        }, cancellationToken);
    }
}
