using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using RunHub.Store;

namespace RunHub.Access;

/// <summary>
/// Tenants and people in memory, so that a request costs no query. What was read counts for <see cref="Fresh"/>: a change
/// shows at once, because whoever makes it calls <see cref="ForgetTenants"/> or <see cref="ForgetPerson"/> after its
/// commit, which <see cref="AccessNews"/> tells every node; the time limit is for news that got lost.
/// </summary>
public sealed class AccessDirectory
{
    /// <summary>How long what was read counts.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    const string TenantNews = "tenants";
    const string PersonNews = "person:";
    readonly ConcurrentDictionary<long, (Person? Person, long ReadAt)> people = new();
    readonly Database database;
    readonly TimeProvider time;
    readonly AccessNews news;
    TenantTable? tenants;
    long tenantsVersion;
    long peopleVersion;

    /// <summary>Knows nothing yet.</summary>
    public AccessDirectory(Database database, TimeProvider time, AccessNews news)
    {
        (this.database, this.time, this.news) = (database, time, news);
        news.On(Hear);
    }

    /// <summary>All tenants by name.</summary>
    public async ValueTask<IReadOnlyList<Tenant>> TenantsAsync(CancellationToken cancellationToken) => (await TableAsync(cancellationToken)).ByName;

    /// <summary>A tenant by number.</summary>
    public async ValueTask<Tenant?> TenantAsync(long tenantNo, CancellationToken cancellationToken) =>
        (await TableAsync(cancellationToken)).ByNo.GetValueOrDefault(tenantNo);

    /// <summary>A tenant by public id.</summary>
    public async ValueTask<Tenant?> TenantAsync(string id, CancellationToken cancellationToken) =>
        (await TableAsync(cancellationToken)).ById.GetValueOrDefault(id);

    /// <summary>The tenants a person has a role in, by name: what the tenant switch offers.</summary>
    public async ValueTask<IReadOnlyList<Tenant>> TenantsOfAsync(Person person, CancellationToken cancellationToken)
    {
        var all = await TenantsAsync(cancellationToken);
        return person.IsInstallationAdmin ? all : [.. all.Where(t => person.RoleIn(t.No) != Role.None)];
    }

    /// <summary>A person by number; null when there is none.</summary>
    public ValueTask<Person?> PersonAsync(long userNo, CancellationToken cancellationToken) =>
        people.TryGetValue(userNo, out var entry) && time.GetElapsedTime(entry.ReadAt) < Fresh
            ? new ValueTask<Person?>(entry.Person)
            : new ValueTask<Person?>(LoadPersonAsync(userNo, cancellationToken));

    /// <summary>A tenant was created or renamed.</summary>
    public void ForgetTenants() => news.Tell(TenantNews);

    /// <summary>A user or one of their memberships changed.</summary>
    public void ForgetPerson(long userNo) => news.Tell(PersonNews + userNo.ToString(CultureInfo.InvariantCulture));

    void Hear(string what)
    {
        if (what is "" or TenantNews)
        {
            Interlocked.Increment(ref tenantsVersion);
            Volatile.Write(ref tenants, null);
        }

        if (what.Length > 0 && !what.StartsWith(PersonNews, StringComparison.Ordinal)) return;
        Interlocked.Increment(ref peopleVersion);
        if (long.TryParse(what.AsSpan(Math.Min(PersonNews.Length, what.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var userNo)) people.TryRemove(userNo, out _);
        else people.Clear();
    }

    ValueTask<TenantTable> TableAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref tenants) is { } table && time.GetElapsedTime(table.ReadAt) < Fresh
            ? new ValueTask<TenantTable>(table)
            : new ValueTask<TenantTable>(LoadTenantsAsync(cancellationToken));

    async Task<TenantTable> LoadTenantsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = Interlocked.Read(ref tenantsVersion);
            var readAt = time.GetTimestamp();
            await using var sql = await database.ReadAsync(cancellationToken);
            var rows = await sql.Prepare("SELECT tenant_no, id, name FROM tenants ORDER BY name, id")
                .ListAsync(r => new Tenant(r.GetInt64(0), r.GetString(1), r.GetString(2)), cancellationToken);
            var table = new TenantTable(readAt, rows, rows.ToFrozenDictionary(t => t.No), rows.ToFrozenDictionary(t => t.Id, StringComparer.Ordinal));
            Volatile.Write(ref tenants, table);
            if (before == Interlocked.Read(ref tenantsVersion)) return table;
            Volatile.Write(ref tenants, null);
        }
    }

    async Task<Person?> LoadPersonAsync(long userNo, CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = Interlocked.Read(ref peopleVersion);
            var readAt = time.GetTimestamp();
            var person = await ReadPersonAsync(userNo, cancellationToken);
            people[userNo] = (person, readAt);
            if (before == Interlocked.Read(ref peopleVersion)) return person;
            people.TryRemove(userNo, out _);
        }
    }

    async Task<Person?> ReadPersonAsync(long userNo, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var roles = await sql.Prepare("SELECT tenant_no, role FROM memberships WHERE user_no = @user_no").With(userNo)
            .ListAsync(r => KeyValuePair.Create(r.GetInt64(0), (Role)r.GetInt64(1)), cancellationToken);
        return await sql.Prepare("SELECT email, name, stamp, disabled_at, is_admin, language, theme FROM users WHERE user_no = @user_no").With(userNo)
            .FirstAsync(r => new Person(userNo, r.GetString(0), r.GetString(1), r.GetString(2), !r.IsDBNull(3), r.GetInt64(4) != 0, r.Text(5), r.Text(6),
                roles.ToFrozenDictionary()), cancellationToken);
    }

    sealed record TenantTable(long ReadAt, IReadOnlyList<Tenant> ByName, FrozenDictionary<long, Tenant> ByNo, FrozenDictionary<string, Tenant> ById);
}
