using System.Collections.Concurrent;
using System.Security.Claims;
using RunHub.Store;

namespace RunHub.Access.Keys;

/// <summary>An API key that was found, with all that a request needs of it.</summary>
public sealed class KnownKey(Caller caller, long? expiresAt, bool isRevoked, ClaimsPrincipal principal)
{
    long usedAt;

    /// <summary>Who calls with it.</summary>
    public Caller Caller { get; } = caller;

    /// <summary>The same in ASP.NET Core's words.</summary>
    public ClaimsPrincipal Principal { get; } = principal;

    /// <summary>Neither revoked nor expired at <paramref name="now"/>, µs since 1970.</summary>
    public bool IsValid(long now) => !isRevoked && (expiresAt is null || now < expiresAt);

    /// <summary>µs since 1970 of the last use not yet written; 0: none.</summary>
    public long TakeUse() => Interlocked.Exchange(ref usedAt, 0);

    /// <summary>It is used at <paramref name="now"/>.</summary>
    public void Use(long now) => Volatile.Write(ref usedAt, now);
}

/// <summary>
/// Keys by their hash, so that a request with a key costs a hash and a look-up in memory. What was found is asked for
/// again after <see cref="Fresh"/> (for news that got lost) and at once when
/// <see cref="Forget"/> says, here or on another node, that something changed. Unknown keys are remembered too, up to a bound.
/// </summary>
public sealed class KeyCache
{
    /// <summary>How long an answer counts.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    const int MaxUnknown = 10_000;
    readonly ConcurrentDictionary<Digest, Entry> entries = new();
    const string KeyNews = "keys";
    readonly Database database;
    readonly AccessDirectory directory;
    readonly TimeProvider time;
    readonly AccessNews news;
    long version;
    int unknown;

    /// <summary>Knows no key yet.</summary>
    public KeyCache(Database database, AccessDirectory directory, TimeProvider time, AccessNews news)
    {
        (this.database, this.directory, this.time, this.news) = (database, directory, time, news);
        news.On(Hear);
    }

    /// <summary>How many keys nobody knows are remembered.</summary>
    public int Unknown => Volatile.Read(ref unknown);

    /// <summary>All keys seen since start.</summary>
    public IEnumerable<KnownKey> Known => entries.Values.Select(e => e.Key).OfType<KnownKey>();

    /// <summary>Something about keys changed: nothing read before this moment counts.</summary>
    public void Forget() => news.Tell(KeyNews);

    void Hear(string what)
    {
        if (what is not ("" or KeyNews)) return;
        Interlocked.Increment(ref version);
        foreach (var entry in entries.Values) entry.MarkStale();
    }

    /// <summary>The key with this text; null when nobody knows it. Ask it whether it is valid now.</summary>
    public ValueTask<KnownKey?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (text.Length is 0 or > KeyText.MaxLength) return default;
        var digest = Digest.Of(text);
        if (entries.TryGetValue(digest, out var entry) && entry.Counts(time)) return new ValueTask<KnownKey?>(entry.Key);
        return new ValueTask<KnownKey?>(LoadAsync(digest, cancellationToken));
    }

    async Task<KnownKey?> LoadAsync(Digest digest, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = Interlocked.Read(ref version);
            var key = await ReadAsync(digest, cancellationToken);
            if (before != Interlocked.Read(ref version)) continue;
            Remember(digest, key);
            // A change between the check and the line above marked the old entry, not this one: look again.
            if (before == Interlocked.Read(ref version)) return key;
        }
    }

    void Remember(Digest digest, KnownKey? key)
    {
        entries.TryGetValue(digest, out var old);
        if (old?.Key is { } same && key is not null) key.Use(same.TakeUse());
        entries[digest] = new Entry(key, time.GetTimestamp());
        if (key is not null || old is { Key: null }) return;
        if (Interlocked.Increment(ref unknown) <= MaxUnknown) return;
        Interlocked.Exchange(ref unknown, 0);
        foreach (var pair in entries.Where(e => e.Value.Key is null)) entries.TryRemove(pair);
    }

    async Task<KnownKey?> ReadAsync(Digest digest, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var row = await sql.Prepare("SELECT key_no, tenant_no, name, scopes, is_admin, expires_at, revoked_at FROM api_keys WHERE hash = @hash")
            .With(digest.ToString())
            .FirstAsync(r => new Row(r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4) != 0, r.Long(5), r.Long(6)), cancellationToken);
        if (row is null || await directory.TenantAsync(row.TenantNo, cancellationToken) is not { } tenant) return null;
        var caller = new Caller(CallerKind.Key, row.KeyNo, row.Name, tenant, Role.None, (KeyScopes)row.Scopes, row.IsAdmin);
        var identity = new ClaimsIdentity([new Claim("sub", caller.Key)], Schemes.Key);
        return new KnownKey(caller, row.ExpiresAt, row.RevokedAt is not null, new ClaimsPrincipal(identity));
    }

    sealed record Row(long KeyNo, long TenantNo, string Name, long Scopes, bool IsAdmin, long? ExpiresAt, long? RevokedAt);

    sealed class Entry(KnownKey? key, long readAt)
    {
        long readAt = readAt;

        public KnownKey? Key => key;

        /// <summary>True while fresh. When not, one caller gets false and reads again; a moment's grace goes to the rest.</summary>
        public bool Counts(TimeProvider time)
        {
            var read = Volatile.Read(ref readAt);
            if (read == long.MinValue) return false;
            var now = time.GetTimestamp();
            return time.GetElapsedTime(read, now) < Fresh || Interlocked.CompareExchange(ref readAt, now, read) != read;
        }

        public void MarkStale() => Volatile.Write(ref readAt, long.MinValue);
    }
}
