using Microsoft.AspNetCore.Authorization;

namespace RunHub.Access;

/// <summary>What a person may do in a tenant; each includes the ones before it.</summary>
public enum Role
{
    /// <summary>Not a member.</summary>
    None = 0,

    /// <summary>Reads, exports, downloads (masked).</summary>
    Viewer = 1,

    /// <summary>Also re-runs, cancels, annotates, tags, resolves, assigns, decides, starts and stops.</summary>
    Operator = 2,

    /// <summary>Also administers the tenant.</summary>
    Admin = 3,
}

/// <summary>What an API key may do. Independent of each other, except that admin includes the rest.</summary>
[Flags]
public enum KeyScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Report runs, steps, logs.</summary>
    Ingest = 1,

    /// <summary>Read.</summary>
    Read = 2,

    /// <summary>What an operator does.</summary>
    Operate = 4,

    /// <summary>What a tenant's admin does, the rest included.</summary>
    Admin = 8,
}

/// <summary>
/// Who may call an endpoint: the role a signed-in person needs in the tenant, and the scope an API key needs. Every
/// endpoint and page carries exactly one; without it nobody gets in, and a test fails.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class AccessAttribute : Attribute, IAuthorizeData, IAuthorizationRequirement, IAuthorizationRequirementData
{
    /// <summary>Declares the access of a page or endpoint.</summary>
    /// <param name="role">Least role of a person; <see cref="Role.None"/> with no scope: anyone, signed in or not.</param>
    /// <param name="scope">Scope of a key; <see cref="KeyScopes.None"/>: no key gets in.</param>
    public AccessAttribute(Role role, KeyScopes scope) => (Role, Scope) = (role, scope);

    /// <summary>Least role of a person in the tenant.</summary>
    public Role Role { get; }

    /// <summary>A key needs one of these scopes (admin includes all).</summary>
    public KeyScopes Scope { get; }

    /// <summary>Only the installation's admins, by session or by an installation key.</summary>
    public bool Installation { get; init; }

    /// <summary>Any signed-in person whatever the role, tenant or none (profile, sign-out).</summary>
    public bool AnyPerson { get; init; }

    /// <summary>True when nothing is required.</summary>
    public bool IsPublic => Role == Role.None && Scope == KeyScopes.None && !Installation && !AnyPerson;

    /// <inheritdoc/>
    public string? Policy { get; set; }

    /// <inheritdoc/>
    public string? Roles { get; set; }

    /// <inheritdoc/>
    public string? AuthenticationSchemes { get; set; }

    /// <inheritdoc/>
    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];

    /// <summary>One declaration is itself alone: attributes otherwise compare field by field through reflection, at every request.</summary>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
}

/// <summary>The declarations endpoints use, and how they are attached.</summary>
public static class Allow
{
    /// <summary>Anyone: health, sign-in, static documents.</summary>
    public static AccessAttribute Anyone => new(Role.None, KeyScopes.None);

    /// <summary>Viewers and keys that read.</summary>
    public static AccessAttribute Viewers => new(Role.Viewer, KeyScopes.Read);

    /// <summary>Operators and keys that report.</summary>
    public static AccessAttribute Reporters => new(Role.Operator, KeyScopes.Ingest);

    /// <summary>Operators and keys that operate.</summary>
    public static AccessAttribute Operators => new(Role.Operator, KeyScopes.Operate);

    /// <summary>The tenant's admins and admin keys.</summary>
    public static AccessAttribute Admins => new(Role.Admin, KeyScopes.Admin);

    /// <summary>The installation's admins.</summary>
    public static AccessAttribute Installation => new(Role.Admin, KeyScopes.Admin) { Installation = true };

    /// <summary>Says who may call an endpoint.</summary>
    public static TBuilder Access<TBuilder>(this TBuilder builder, AccessAttribute access) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(access);
}
