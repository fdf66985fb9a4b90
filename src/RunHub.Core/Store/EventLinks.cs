using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;

namespace RunHub.Store;

/// <summary>Section <c>EventLinks</c>.</summary>
public sealed class EventLinkOptions
{
    /// <summary>Schemes that addresses may have beside https, such as <c>http</c> or <c>sap</c>.</summary>
    public List<string> Schemes { get; } = [];
}

/// <summary>Where business events whose id begins so are at home.</summary>
/// <param name="Prefix">Beginning of the id; empty: every id.</param>
/// <param name="Url">Address with <c>{id}</c>, or <c>{rest}</c> for what stands behind the prefix.</param>
/// <param name="ChangedBy">Who said so.</param>
/// <param name="ChangedAt">Microseconds since 1970.</param>
public sealed record EventLink(string Prefix, string Url, string ChangedBy, long ChangedAt);

/// <summary>
/// Addresses of business events, set by a tenant's admins: the one with the longest prefix counts. Read at every run's page, so they are kept for
/// some seconds.
/// </summary>
public sealed class EventLinks(Database database, WriteLane lane, IOptions<EventLinkOptions> options, TimeProvider time)
{
    /// <summary>Addresses of a tenant.</summary>
    public const int Most = 200;

    /// <summary>Characters of an address.</summary>
    public const int MaxUrl = 1000;

    const int MaxPrefix = 128, MaxKept = 1024;
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    readonly ConcurrentDictionary<long, (IReadOnlyList<EventLink> Links, long At)> kept = new();

    /// <summary>The address of a business event; null: the tenant has none for it.</summary>
    /// <param name="sql">To read with, when they are not known.</param>
    /// <param name="tenantNo">Whose.</param>
    /// <param name="eventId">The event.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async ValueTask<string?> FindAsync(SqlSession sql, long tenantNo, string eventId, CancellationToken cancellationToken)
    {
        if (!kept.TryGetValue(tenantNo, out var known) || time.GetElapsedTime(known.At) >= Fresh)
        {
            var at = time.GetTimestamp();
            if (kept.Count >= MaxKept) kept.Clear();
            kept[tenantNo] = known = (await ListAsync(sql, tenantNo, cancellationToken), at);
        }

        return Of(known.Links, eventId) is { } link ? Fill(link, eventId) : null;
    }

    /// <summary>All of a tenant, longest prefix first: the order in which they are tried.</summary>
    public async Task<IReadOnlyList<EventLink>> ListAsync(long tenantNo, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await ListAsync(sql, tenantNo, cancellationToken);
    }

    /// <summary>The one that counts for this id; null: none.</summary>
    /// <param name="links">Longest prefix first.</param>
    /// <param name="eventId">The event.</param>
    public static EventLink? Of(IReadOnlyList<EventLink> links, string eventId) => links.FirstOrDefault(l => eventId.StartsWith(l.Prefix, StringComparison.Ordinal));

    /// <summary>The address with the id in it, percent-encoded.</summary>
    public static string Fill(EventLink link, string eventId) => link.Url
        .Replace("{rest}", Uri.EscapeDataString(eventId[link.Prefix.Length..]), StringComparison.Ordinal)
        .Replace("{id}", Uri.EscapeDataString(eventId), StringComparison.Ordinal);

    /// <summary>Sets the address for a prefix, with an audit row.</summary>
    /// <exception cref="ProblemException">400: prefix or address will not do; 409: the tenant has too many.</exception>
    public async Task<EventLink> SetAsync(Caller caller, string? prefix, string? url, CancellationToken cancellationToken)
    {
        prefix = prefix?.Trim() ?? "";
        if (prefix.Length > MaxPrefix || prefix.Any(c => char.IsControl(c) || char.IsSurrogate(c))) throw ProblemException.Invalid("$.prefix", $"At most {MaxPrefix} printable characters.");
        var address = Checked(url?.Trim() ?? "");
        var set = await lane.Run<EventLink>(async (scope, ct) =>
        {
            var before = await scope.Sql.Prepare("SELECT url FROM event_links WHERE tenant_no = @tenant_no AND prefix = @prefix").With(caller.Tenant.No, prefix).FirstAsync(r => r.GetString(0), ct);
            if (before is null && await scope.Sql.Prepare("SELECT count(*) FROM event_links WHERE tenant_no = @tenant_no").With(caller.Tenant.No).ScalarAsync<long>(ct) >= Most)
                throw new ProblemException(409, "There are too many.", $"A tenant has at most {Most} addresses.", new Fault("$.prefix", "Remove one first."));
            await scope.Sql.Prepare("""
                INSERT INTO event_links (tenant_no, prefix, url, changed_by, changed_at) VALUES (@tenant_no, @prefix, @url, @changed_by, @changed_at)
                ON CONFLICT (tenant_no, prefix) DO UPDATE SET url = excluded.url, changed_by = excluded.changed_by, changed_at = excluded.changed_at
                """).With(caller.Tenant.No, prefix, address, caller.Name, scope.Now).ExecuteAsync(ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "event_link.set", "event_link", prefix, new { from = before, to = address }), ct);
            return new EventLink(prefix, address, caller.Name, scope.Now);
        }, cancellationToken);
        kept.TryRemove(caller.Tenant.No, out _);
        return set;
    }

    /// <summary>Removes one, with an audit row.</summary>
    /// <returns>False: there was none.</returns>
    public async Task<bool> RemoveAsync(Caller caller, string prefix, CancellationToken cancellationToken)
    {
        var removed = await lane.Run<bool>(async (scope, ct) =>
        {
            var before = await scope.Sql.Prepare("SELECT url FROM event_links WHERE tenant_no = @tenant_no AND prefix = @prefix").With(caller.Tenant.No, prefix).FirstAsync(r => r.GetString(0), ct);
            if (before is null) return false;
            await scope.Sql.Prepare("DELETE FROM event_links WHERE tenant_no = @tenant_no AND prefix = @prefix").With(caller.Tenant.No, prefix).ExecuteAsync(ct);
            await scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, "event_link.removed", "event_link", prefix, new { from = before }), ct);
            return true;
        }, cancellationToken);
        kept.TryRemove(caller.Tenant.No, out _);
        return removed;
    }

    static async Task<IReadOnlyList<EventLink>> ListAsync(SqlSession sql, long tenantNo, CancellationToken cancellationToken) =>
        await sql.Prepare("SELECT prefix, url, changed_by, changed_at FROM event_links WHERE tenant_no = @tenant_no ORDER BY length(prefix) DESC, prefix").With(tenantNo)
            .ListAsync(r => new EventLink(r.GetString(0), r.GetString(1), r.GetString(2), r.GetInt64(3)), cancellationToken);

    // Whoever writes ids decides neither scheme nor host.
    string Checked(string url)
    {
        if (url.Length is 0 or > MaxUrl || url.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c))) throw ProblemException.Invalid("$.url", $"An address of at most {MaxUrl} characters, without spaces.");
        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : url[..colon].ToLowerInvariant();
        if (scheme is "javascript" or "data" or "vbscript" or "file" || scheme != "https" && !options.Value.Schemes.Contains(scheme, StringComparer.OrdinalIgnoreCase))
            throw ProblemException.Invalid("$.url", "An address that begins with " + string.Join(" or ", options.Value.Schemes.Prepend("https").Distinct(StringComparer.OrdinalIgnoreCase).Select(s => s + ":")) + (scheme is "https" ? "" : "; others are allowed in EventLinks:Schemes") + ".");
        var (sample, other) = (Sample(url, "a"), Sample(url, "b"));
        if (!Uri.TryCreate(sample, UriKind.Absolute, out var one) || !Uri.TryCreate(other, UriKind.Absolute, out var two)) throw ProblemException.Invalid("$.url", "This is not an address.");
        if (string.Equals(sample, other, StringComparison.Ordinal)) throw ProblemException.Invalid("$.url", "{id} (or {rest}, what stands behind the prefix) has to stand in it.");
        if (scheme is "http" or "https" && one.Host.Length == 0 || one.UserInfo.Length > 0 || !string.Equals(one.Authority, two.Authority, StringComparison.Ordinal)) throw ProblemException.Invalid("$.url", "{id} and {rest} stand in the path, the query or the fragment, behind a host of their own.");
        return url;

        static string Sample(string url, string id) => url.Replace("{id}", id, StringComparison.Ordinal).Replace("{rest}", id, StringComparison.Ordinal);
    }
}
