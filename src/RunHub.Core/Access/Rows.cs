namespace RunHub.Access;

/// <summary>Row of <c>tenants</c>.</summary>
public sealed class TenantRow
{
    /// <summary>Number, shifted into every <c>run_no</c>.</summary>
    public long TenantNo { get; set; }

    /// <summary>Public id: lower-case letters, digits and <c>-</c>; never changes.</summary>
    public required string Id { get; set; }

    /// <summary>Name for people.</summary>
    public required string Name { get; set; }

    /// <summary>µs since 1970.</summary>
    public long CreatedAt { get; set; }

    /// <summary>Counter of <c>run_no</c>; kept by the store, never by EF.</summary>
    public long NextRun { get; set; } = 1;

    /// <summary>JSON of the tenant's settings.</summary>
    public string? Settings { get; set; }
}

/// <summary>Row of <c>users</c>.</summary>
public sealed class UserRow
{
    /// <summary>Number.</summary>
    public long UserNo { get; set; }

    /// <summary>Lower case, unique in the installation.</summary>
    public required string Email { get; set; }

    /// <summary>Name for people.</summary>
    public required string Name { get; set; }

    /// <summary>Null until an invitation is accepted.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Administers the installation: an admin in every tenant.</summary>
    public bool IsAdmin { get; set; }

    /// <summary><c>en</c>, <c>es</c>, or null: as the browser asks.</summary>
    public string? Language { get; set; }

    /// <summary><c>light</c>, <c>dark</c>, or null: as the system is.</summary>
    public string? Theme { get; set; }

    /// <summary>Random; sessions and invitations carry it and end when it changes.</summary>
    public required string Stamp { get; set; }

    /// <summary>µs since 1970.</summary>
    public long CreatedAt { get; set; }

    /// <summary>µs since 1970, to the minute or so.</summary>
    public long? LastSeenAt { get; set; }

    /// <summary>µs since 1970; not null: cannot sign in anywhere.</summary>
    public long? DisabledAt { get; set; }
}

/// <summary>Row of <c>memberships</c>: a user's role in a tenant.</summary>
public sealed class MembershipRow
{
    /// <summary>The user.</summary>
    public long UserNo { get; set; }

    /// <summary>The tenant.</summary>
    public long TenantNo { get; set; }

    /// <summary>Never <see cref="Role.None"/>: no row instead.</summary>
    public Role Role { get; set; }
}

/// <summary>Row of <c>api_keys</c>.</summary>
public sealed class ApiKeyRow
{
    /// <summary>Number.</summary>
    public long KeyNo { get; set; }

    /// <summary>The one tenant it belongs to.</summary>
    public long TenantNo { get; set; }

    /// <summary>Name for people.</summary>
    public required string Name { get; set; }

    /// <summary>The first characters of the key, shown in lists.</summary>
    public required string Prefix { get; set; }

    /// <summary>SHA-256 of the whole key, 64 hexadecimal digits, upper case.</summary>
    public required string Hash { get; set; }

    /// <summary>What it may do.</summary>
    public KeyScopes Scopes { get; set; }

    /// <summary>Administers the installation.</summary>
    public bool IsAdmin { get; set; }

    /// <summary>Who made it: an email, or a key's name.</summary>
    public required string CreatedBy { get; set; }

    /// <summary>µs since 1970.</summary>
    public long CreatedAt { get; set; }

    /// <summary>µs since 1970; refused from then on. Null: never.</summary>
    public long? ExpiresAt { get; set; }

    /// <summary>µs since 1970, to the minute or so.</summary>
    public long? LastUsedAt { get; set; }

    /// <summary>µs since 1970.</summary>
    public long? RevokedAt { get; set; }
}

/// <summary>Row of <c>audit</c>: written with <see cref="Store.WriteScope.AuditAsync"/>, read here.</summary>
public sealed class AuditRow
{
    /// <summary>Order of writing.</summary>
    public long Seq { get; set; }

    /// <summary>The tenant concerned; null: the installation.</summary>
    public long? TenantNo { get; set; }

    /// <summary>µs since 1970.</summary>
    public long At { get; set; }

    /// <summary><c>user, key, system</c>.</summary>
    public required string ActorKind { get; set; }

    /// <summary>Email, key name, or job.</summary>
    public required string Actor { get; set; }

    /// <summary>Past tense, noun first: <c>api_key.revoked</c>.</summary>
    public required string Action { get; set; }

    /// <summary><c>user, api_key, tenant, run</c> …</summary>
    public required string TargetType { get; set; }

    /// <summary>Public id of the target.</summary>
    public required string Target { get; set; }

    /// <summary>JSON.</summary>
    public string? Detail { get; set; }
}
