namespace RunHub.Access;

/// <summary>A tenant, the isolation unit.</summary>
/// <param name="No">Number, shifted into every <c>run_no</c>; never shown.</param>
/// <param name="Id">Public id, such as <c>acme-inc</c>.</param>
/// <param name="Name">Name for people.</param>
public sealed record Tenant(long No, string Id, string Name)
{
    /// <summary>The current tenant of a person who is a member of none; its caller has <see cref="Role.None"/>.</summary>
    public static Tenant None { get; } = new(0, "", "");
}

/// <summary>How a caller proved who it is.</summary>
public enum CallerKind
{
    /// <summary>A person with a session.</summary>
    User,

    /// <summary>An API key.</summary>
    Key,
}

/// <summary>
/// Who is calling, in which tenant. Set by authentication; read it with <see cref="CallerExtensions.Caller"/>.
/// </summary>
/// <param name="Kind">Person or key.</param>
/// <param name="No">Number of the user or key.</param>
/// <param name="Name">Email of the user, or name of the key: what stands in <c>started_by</c>, annotations and audit.</param>
/// <param name="Tenant">The tenant this request is about: a key's own, a session's current one, or the one in the path.</param>
/// <param name="Role">A person's role there; <see cref="Role.None"/> for a key.</param>
/// <param name="Scopes">A key's scopes; none for a person.</param>
/// <param name="IsInstallationAdmin">Administers the installation.</param>
public sealed record Caller(CallerKind Kind, long No, string Name, Tenant Tenant, Role Role, KeyScopes Scopes, bool IsInstallationAdmin)
{
    /// <summary>Stable text for idempotency and audit: <c>user:3</c>, <c>key:7</c>.</summary>
    public string Key => (Kind == CallerKind.User ? "user:" : "key:") + No.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What an audit row calls this kind: <c>user</c> or <c>key</c>.</summary>
    public string AuditKind => Kind == CallerKind.User ? "user" : "key";

    /// <summary>Does this caller satisfy <paramref name="access"/>.</summary>
    public bool May(AccessAttribute access)
    {
        if (access.IsPublic) return true;
        if (access.Installation && !IsInstallationAdmin) return false;
        if (Kind == CallerKind.User) return access.AnyPerson || Role >= access.Role && access.Role != Role.None;
        return access.Scope != KeyScopes.None && (Scopes.HasFlag(KeyScopes.Admin) || (Scopes & access.Scope) != KeyScopes.None);
    }
}

/// <summary>Finding the caller of a request.</summary>
public static class CallerExtensions
{
    /// <summary>The caller; throws where the endpoint let anonymous callers in.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.TryCaller() ?? throw new InvalidOperationException("This endpoint has no caller: it is declared Allow.Anyone.");

    /// <summary>The caller, or null for an anonymous request.</summary>
    public static Caller? TryCaller(this HttpContext context) => context.Features.Get<Caller>();

    /// <summary>The signed-in person with name, language and theme; null for keys and anonymous requests.</summary>
    public static Person? Person(this HttpContext context) => context.Features.Get<Person>();
}
