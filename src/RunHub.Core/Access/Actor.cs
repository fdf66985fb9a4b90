namespace RunHub.Access;

/// <summary>Who does something, as the audit trail says it: a caller, or RunHub itself.</summary>
/// <param name="Kind"><c>user, key, system</c>.</param>
/// <param name="Name">Email, key name, or job.</param>
public sealed record Actor(string Kind, string Name)
{
    /// <summary>RunHub itself at its first start.</summary>
    public static Actor Bootstrap { get; } = new("system", "bootstrap");

    /// <summary>The caller of a request.</summary>
    public static Actor Of(Caller caller) => new(caller.AuditKind, caller.Name);
}
