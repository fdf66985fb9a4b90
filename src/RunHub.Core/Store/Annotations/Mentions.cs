using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using RunHub.Access;
using RunHub.Model;

namespace RunHub.Store.Annotations;

/// <summary>A member of the tenant who can be mentioned.</summary>
/// <param name="UserNo">Number.</param>
/// <param name="Email">What stands after the @.</param>
/// <param name="Name">Name for people.</param>
public sealed record MentionedMember(long UserNo, string Email, string Name);

/// <summary>Somebody was mentioned.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Workflow">Its workflow.</param>
/// <param name="Status">Its status.</param>
/// <param name="Note">The annotation.</param>
/// <param name="ReadAt">Microseconds since 1970; null: not read yet.</param>
public sealed record Mention(string RunId, string Workflow, RunStatus Status, AnnotationRow Note, long? ReadAt);

/// <summary>
/// Who is mentioned in annotations: <c>@</c> and a member's email address, or what stands before its @ where only one member has that.
/// The unread count stands in every page's head: it is kept for some seconds and forgotten when somebody here is mentioned or reads.
/// </summary>
public sealed partial class Mentions(Database database, WriteLane lane, TimeProvider time)
{
    /// <summary>Members mentioned in one annotation.</summary>
    public const int MaxPerNote = 50;

    /// <summary>Mentions that are listed.</summary>
    public const int MaxListed = 200;

    const int MaxKept = 4096;
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    readonly ConcurrentDictionary<(long Tenant, long User), (long Count, long At)> unread = new();

    /// <summary>Mentions this person has not read, in the current tenant; 0 for keys.</summary>
    public async ValueTask<long> UnreadAsync(Caller? caller, CancellationToken cancellationToken)
    {
        if (caller is not { Kind: CallerKind.User, Tenant.No: > 0 }) return 0;
        var key = (caller.Tenant.No, caller.No);
        if (unread.TryGetValue(key, out var kept) && time.GetElapsedTime(kept.At) < Fresh) return kept.Count;
        var at = time.GetTimestamp();
        await using var sql = await database.ReadAsync(cancellationToken);
        var count = await sql.Prepare("SELECT count(*) FROM annotation_mentions WHERE tenant_no = @tenant_no AND user_no = @user_no AND read_at IS NULL").With(key.Item1, key.Item2).ScalarAsync<long>(cancellationToken);
        if (unread.Count >= MaxKept) unread.Clear();
        unread[key] = (count, at);
        return count;
    }

    /// <summary>Where somebody was mentioned, newest first.</summary>
    public async Task<IReadOnlyList<Mention>> ListAsync(Caller caller, bool onlyUnread, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare($"""
            SELECT {AnnotationRow.Columns}, r.id, r.workflow_name, r.status, m.read_at
            FROM annotation_mentions m JOIN runs r ON r.run_no = m.run_no JOIN annotations a ON a.run_no = m.run_no AND a.id = m.annotation_id
            LEFT JOIN steps s ON s.run_no = a.run_no AND s.id = a.step_id
            WHERE m.tenant_no = @tenant_no AND m.user_no = @user_no AND a.deleted_at IS NULL {(onlyUnread ? "AND m.read_at IS NULL" : "")}
            ORDER BY m.at DESC, m.run_no DESC, m.annotation_id LIMIT {MaxListed}
            """).With(caller.Tenant.No, caller.No).ListAsync(r => new Mention(r.GetString(21), r.GetString(22), (RunStatus)r.GetInt64(23), AnnotationRow.Read(r), r.Long(24)), cancellationToken);
    }

    /// <summary>Marks mentions as read; null: all of them.</summary>
    public async Task ReadAsync(Caller caller, string? annotationId, CancellationToken cancellationToken)
    {
        await lane.Run(async (scope, ct) =>
        {
            var update = "UPDATE annotation_mentions SET read_at = @read_at WHERE tenant_no = @tenant_no AND user_no = @user_no AND read_at IS NULL";
            if (annotationId is null) await scope.Sql.Prepare(update).With(scope.Now, caller.Tenant.No, caller.No).ExecuteAsync(ct);
            else await scope.Sql.Prepare(update + " AND annotation_id = @annotation_id").With(scope.Now, caller.Tenant.No, caller.No, annotationId).ExecuteAsync(ct);
        }, cancellationToken);
        unread.Clear();
    }

    /// <summary>Members of the tenant whose address or name begins with this, for suggestions; not who asks.</summary>
    public async Task<IReadOnlyList<MentionedMember>> SuggestAsync(Caller caller, string text, int limit, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var begin = text.Trim().ToLowerInvariant();
        var all = await sql.Prepare(MembersSql + " ORDER BY u.email").With(caller.Tenant.No).ListAsync(Member, cancellationToken);
        return [.. all.Where(m => !(caller.Kind == CallerKind.User && m.UserNo == caller.No) && (m.Email.StartsWith(begin, StringComparison.Ordinal) || m.Name.Split(' ').Any(part => part.StartsWith(begin, StringComparison.OrdinalIgnoreCase)))).Take(limit)];
    }

    /// <summary>Writes down whom a note mentions, in place of whom it mentioned before; who writes is not told of it.</summary>
    /// <returns>The addresses, to be kept with the note.</returns>
    internal async Task<string?> WriteAsync(WriteScope scope, long tenantNo, long runNo, string annotationId, string note, Caller? author, CancellationToken cancellationToken)
    {
        var members = new List<MentionedMember>();
        foreach (var name in Names(note).Take(MaxPerNote))
            if (await MemberAsync(scope.Sql, tenantNo, name, cancellationToken) is { } member && !members.Contains(member)) members.Add(member);
        var had = await scope.Sql.Prepare("SELECT user_no FROM annotation_mentions WHERE run_no = @run_no AND annotation_id = @annotation_id").With(runNo, annotationId).ListAsync(r => r.GetInt64(0), cancellationToken);
        foreach (var gone in had.Where(no => members.TrueForAll(m => m.UserNo != no)))
            await scope.Sql.Prepare("DELETE FROM annotation_mentions WHERE run_no = @run_no AND annotation_id = @annotation_id AND user_no = @user_no").With(runNo, annotationId, gone).ExecuteAsync(cancellationToken);
        foreach (var member in members.Where(m => !had.Contains(m.UserNo) && !(author is { Kind: CallerKind.User } && author.No == m.UserNo)))
            await scope.Sql.Prepare("INSERT INTO annotation_mentions (run_no, annotation_id, user_no, tenant_no, at) VALUES (@run_no, @annotation_id, @user_no, @tenant_no, @at)")
                .With(runNo, annotationId, member.UserNo, tenantNo, scope.Now).ExecuteAsync(cancellationToken);
        if (members.Count > 0 || had.Count > 0) unread.Clear();
        return TextList.Join([.. members.Select(m => m.Email)]);
    }

    /// <summary>Forgets the counts, once what was written is there for all.</summary>
    internal void Forget() => unread.Clear();

    /// <summary>What stands after each @ of a text, lower case, without the punctuation behind it.</summary>
    public static IEnumerable<string> Names(string text) => At().Matches(text).Select(m => m.Groups["name"].Value.TrimEnd('.', '!', '?', '-', '_', '\'').ToLowerInvariant()).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal);

    const string MembersSql = "SELECT u.user_no, u.email, u.name FROM memberships m JOIN users u ON u.user_no = m.user_no WHERE m.tenant_no = @tenant_no AND u.disabled_at IS NULL";

    static async Task<MentionedMember?> MemberAsync(SqlSession sql, long tenantNo, string name, CancellationToken cancellationToken)
    {
        if (name.Contains('@', StringComparison.Ordinal)) return await sql.Prepare(MembersSql + " AND u.email = @email").With(tenantNo, name).FirstAsync(Member, cancellationToken);
        var found = await sql.Prepare(MembersSql + " AND u.email >= @first AND u.email < @last LIMIT 2").With(tenantNo, name + "@", name + "A").ListAsync(Member, cancellationToken);
        return found.Count == 1 ? found[0] : null;
    }

    static MentionedMember Member(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetString(2));

    [GeneratedRegex(@"(?<![\p{L}\p{N}._%+-])@(?<name>[^\s@<>()\[\]{},;:""/\\|]{1,128}(?:@[^\s@<>()\[\]{},;:""/\\|]{1,190})?)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    internal static partial Regex At();
}
