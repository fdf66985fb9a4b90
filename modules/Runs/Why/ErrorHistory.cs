using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Why;

/// <summary>How often a run's error came before.</summary>
/// <param name="InWeek">In the 7 days before the run.</param>
/// <param name="InMonth">In the 30 days before it.</param>
/// <param name="FirstSeen">The earliest of these; null: none.</param>
/// <param name="SearchedBackTo">More than <see cref="MaxCounted"/> came, counted back to here; null: all were counted.</param>
/// <param name="Fingerprint">What they have in common.</param>
/// <param name="Standing">What people decided about it.</param>
public sealed record ErrorHistory(int InWeek, int InMonth, long? FirstSeen, long? SearchedBackTo, string Fingerprint, ErrorStanding Standing)
{
    /// <summary>Failures that are counted.</summary>
    public const int MaxCounted = 10_000;

    const long Day = 86_400_000_000;

    /// <summary>Counts failures with the same fingerprint: entries of one index.</summary>
    public static async Task<ErrorHistory> ReadAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var fingerprint = run.Fingerprint ?? ErrorFingerprint.Of(run);
        var same = await sql.Prepare("""
            SELECT sort_at FROM runs WHERE tenant_no = @tenant_no AND fingerprint = @fingerprint AND (sort_at, run_no) < (@before, @run_no) AND sort_at >= @since
            ORDER BY sort_at DESC, run_no DESC LIMIT @limit
            """).With(run.TenantNo, fingerprint, run.SortAt, run.RunNo, run.SortAt - 30 * Day, (long)MaxCounted + 1).ListAsync(r => r.GetInt64(0), cancellationToken);
        long? cut = same.Count > MaxCounted ? same[MaxCounted - 1] : null;
        if (cut is not null) same.RemoveRange(MaxCounted, same.Count - MaxCounted);
        return new(same.Count(at => at >= run.SortAt - 7 * Day), same.Count, same.Count > 0 ? same[^1] : null, cut, fingerprint, await ErrorStates.FindAsync(sql, run.TenantNo, fingerprint, cancellationToken));
    }
}
