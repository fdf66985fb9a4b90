using System.Text.RegularExpressions;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Why;

/// <summary>How often a run's error came before, in its workflow.</summary>
/// <param name="InWeek">In the 7 days before the run.</param>
/// <param name="InMonth">In the 30 days before it.</param>
/// <param name="FirstSeen">The earliest of these; null: none.</param>
/// <param name="SearchedBackTo">Not all failures of the 30 days were looked at, only those since then; null: all.</param>
public sealed partial record ErrorHistory(int InWeek, int InMonth, long? FirstSeen, long? SearchedBackTo)
{
    /// <summary>Failures that are looked at.</summary>
    public const int MaxScanned = 2000;

    const long Day = 86_400_000_000;
    const int MaxCompared = 400;

    /// <summary>Counts them: the same class and code, and the same message but for numbers and ids.</summary>
    public static async Task<ErrorHistory> ReadAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var failures = await sql.Prepare("""
            SELECT sort_at, error_code, error_class, substr(error_message, 1, 600) FROM runs
            WHERE tenant_no = @tenant_no AND workflow_name = @workflow_name AND lane_status = @lane_status AND (sort_at, run_no) < (@before, @run_no) AND sort_at >= @since
            ORDER BY sort_at DESC, run_no DESC LIMIT @limit
            """).With(run.TenantNo, run.WorkflowName, run.LaneStatus, run.SortAt, run.RunNo, run.SortAt - 30 * Day, (long)MaxScanned + 1)
            .ListAsync(r => (At: r.GetInt64(0), Code: r.Text(1), Class: r.Text(2), Message: r.Text(3)), cancellationToken);
        long? cut = failures.Count > MaxScanned ? failures[MaxScanned - 1].At : null;
        var message = Normalised(run.ErrorMessage);
        var same = failures.Take(MaxScanned).Where(f => f.Code == run.ErrorCode && f.Class == run.ErrorClass && Normalised(f.Message) == message).Select(f => f.At).ToList();
        return new(same.Count(at => at >= run.SortAt - 7 * Day), same.Count, same.Count > 0 ? same[^1] : null, cut);
    }

    /// <summary>A message without what changes each time: numbers, ids, addresses in memory, upper case and spacing.</summary>
    public static string Normalised(string? message)
    {
        if (message is null) return "";
        var text = Changing().Replace(message.Length > 600 ? message[..600] : message, "#");
        text = Spaces().Replace(text, " ").Trim().ToUpperInvariant();
        return text.Length > MaxCompared ? text[..MaxCompared] : text;
    }

    // A word with a digit in it (ids, hashes, dates), with what joins its parts.
    [GeneratedRegex(@"[\p{L}\p{N}]*\p{Nd}[\p{L}\p{N}]*(?:[-_:.][\p{L}\p{N}]+)*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Changing();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
