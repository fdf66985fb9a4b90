namespace RunHub.Access;

/// <summary>A user as the running process knows them: refreshed at once after a change here, within a minute after one elsewhere.</summary>
/// <param name="No">Number.</param>
/// <param name="Email">Lower case.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Stamp">What a valid session carries.</param>
/// <param name="IsDisabled">Cannot sign in.</param>
/// <param name="IsInstallationAdmin">Administers the installation, and is an admin in every tenant.</param>
/// <param name="Language"><c>en</c>, <c>es</c> or null.</param>
/// <param name="Theme"><c>light</c>, <c>dark</c> or null.</param>
/// <param name="Roles">Role by tenant number.</param>
public sealed record Person(long No, string Email, string Name, string Stamp, bool IsDisabled, bool IsInstallationAdmin,
    string? Language, string? Theme, IReadOnlyDictionary<long, Role> Roles)
{
    /// <summary>The role in a tenant; installation admins are admins everywhere.</summary>
    public Role RoleIn(long tenantNo) => IsInstallationAdmin ? Role.Admin : Roles.GetValueOrDefault(tenantNo);
}
