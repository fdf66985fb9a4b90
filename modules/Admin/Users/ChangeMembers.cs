using RunHub.Access;
using RunHub.Access.People;
using RunHub.Admin.Invitation;
using RunHub.Store;

namespace RunHub.Admin.Users;

/// <summary>What shall change about a member; null: stays.</summary>
/// <param name="Role">Role in the tenant.</param>
/// <param name="Disabled">May not sign in any more, or may again.</param>
/// <param name="InstallationAdmin">Administers the installation; only its admins may say so.</param>
public sealed record MemberChange(Role? Role = null, bool? Disabled = null, bool? InstallationAdmin = null);

/// <summary>
/// Adding, changing and removing members of the caller's tenant. A user is one across tenants, so a tenant's admin may
/// disable or re-invite only those who belong to that tenant alone: an invitation link is the key to all they can see.
/// The last admin of a tenant and of the installation cannot be taken away.
/// </summary>
public sealed class ChangeMembers(WriteLane lane, AccessDirectory directory, Invitations invitations)
{

    /// <summary>Adds a person to the tenant, creating the user when there is none.</summary>
    /// <returns>A one-time link to hand over; null when the person can sign in already.</returns>
    /// <exception cref="Refused">The email is none, is a member already, or was invited by another tenant and has not come yet.</exception>
    public async Task<string?> AddAsync(Caller caller, string? email, Role role, CancellationToken cancellationToken)
    {
        var address = Emails.Normalize(email) ?? throw new Refused(400, "email", "EmailInvalid");
        CheckRole(role);
        var actor = Actor.Of(caller);
        var user = await lane.Run(async (scope, ct) =>
        {
            var known = await FindAsync(scope.Sql, address, caller.Tenant.No, ct);
            if (known is { Role: not Role.None }) throw new Refused(409, "email", "AlreadyMember", address);
            if (known is { HasPassword: false } && !MayVouch(caller, known)) throw new Refused(409, "email", "InvitedElsewhere", address);
            if (known is null)
            {
                await AccessWriter.InsertUserAsync(scope, actor, new NewUser(address, address.Split('@')[0], null), ct);
                known = (await FindAsync(scope.Sql, address, caller.Tenant.No, ct))!;
            }

            await AccessWriter.SetRoleAsync(scope, actor, known.UserNo, address, caller.Tenant.No, role, ct);
            return known;
        }, cancellationToken);
        directory.ForgetPerson(user.UserNo);
        return user.HasPassword ? null : invitations.Create(user.UserNo, user.Stamp);
    }

    /// <summary>Changes role, access or installation rights.</summary>
    /// <exception cref="Refused">No such member, not the caller's to change, or the last admin.</exception>
    public Task ChangeAsync(Caller caller, string email, MemberChange change, CancellationToken cancellationToken) => WriteAsync(caller, email, async (scope, user, ct) =>
    {
        var actor = Actor.Of(caller);
        if (change.Role is { } role && role != user.Role)
        {
            CheckRole(role);
            await AccessWriter.SetRoleAsync(scope, actor, user.UserNo, user.Email, caller.Tenant.No, role, ct);
        }

        if (change.InstallationAdmin is { } admin && admin != user.IsInstallationAdmin)
        {
            if (!caller.IsInstallationAdmin) throw new Refused(409, "installation_admin", "OnlyInstallationAdmins");
            await scope.Sql.Prepare("UPDATE users SET is_admin = @is_admin WHERE user_no = @user_no").With(admin ? 1 : 0, user.UserNo).ExecuteAsync(ct);
            await AuditAsync(scope, actor, admin ? "user.made_installation_admin" : "user.unmade_installation_admin", user, ct);
        }

        if (change.Disabled is { } disabled && disabled != user.IsDisabled)
        {
            if (!MayVouch(caller, user)) throw new Refused(409, "disabled", "BelongsElsewhere", user.Email);
            // A new stamp also kills invitations that are still under way.
            await scope.Sql.Prepare("UPDATE users SET disabled_at = @disabled_at, stamp = @stamp WHERE user_no = @user_no")
                .With(disabled ? scope.Now : null, AccessWriter.NewStamp(), user.UserNo).ExecuteAsync(ct);
            await AuditAsync(scope, actor, disabled ? "user.disabled" : "user.enabled", user, ct);
        }
    }, cancellationToken);

    /// <summary>Takes a member out of the tenant; the user stays.</summary>
    /// <exception cref="Refused">No such member, or the last admin.</exception>
    public Task RemoveAsync(Caller caller, string email, CancellationToken cancellationToken) => WriteAsync(caller, email, async (scope, user, ct) =>
    {
        await scope.Sql.Prepare("DELETE FROM memberships WHERE user_no = @user_no AND tenant_no = @tenant_no").With(user.UserNo, caller.Tenant.No).ExecuteAsync(ct);
        var actor = Actor.Of(caller);
        await scope.AuditAsync(new AuditEntry(caller.Tenant.No, actor.Kind, actor.Name, "membership.removed", "user", user.Email), ct);
    }, cancellationToken);

    /// <summary>A fresh one-time link with which the person sets a password; works until it is used, for a week.</summary>
    /// <exception cref="Refused">No such member, or not the caller's to vouch for.</exception>
    public async Task<string> InviteAgainAsync(Caller caller, string email, CancellationToken cancellationToken)
    {
        string? stamp = null;
        long userNo = 0;
        await WriteAsync(caller, email, async (scope, user, ct) =>
        {
            if (!MayVouch(caller, user)) throw new Refused(409, "email", "BelongsElsewhere", user.Email);
            if (user.IsDisabled) throw new Refused(409, "email", "IsDisabled", user.Email);
            (userNo, stamp) = (user.UserNo, user.Stamp);
            await AuditAsync(scope, Actor.Of(caller), "user.invited", user, ct);
        }, cancellationToken);
        return invitations.Create(userNo, stamp!);
    }

    async Task WriteAsync(Caller caller, string email, Func<WriteScope, User, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var userNo = await lane.Run<long>(async (scope, ct) =>
        {
            if (!scope.Sql.IsSqlite) await scope.Sql.Prepare("SELECT pg_advisory_xact_lock(@no)").With(PostgresLocks.Roles).ScalarAsync<object>(ct);
            var user = Emails.Normalize(email) is { } address ? await FindAsync(scope.Sql, address, caller.Tenant.No, ct) : null;
            if (user is null or { Role: Role.None }) throw new Refused(404, "email", "NoSuchMember", email);
            var before = await AdminlessAsync(scope.Sql, ct);
            await work(scope, user, ct);
            if (await AdminlessAsync(scope.Sql, ct) > before) throw new Refused(409, "", "LastAdmin");
            return user.UserNo;
        }, cancellationToken);
        directory.ForgetPerson(userNo);
    }

    /// <summary>How many tenants have no admin who can sign in, plus one when the installation has none.</summary>
    static async Task<long> AdminlessAsync(SqlSession sql, CancellationToken cancellationToken) => await sql.Prepare("""
        SELECT (SELECT count(*) FROM tenants t WHERE NOT EXISTS (
            SELECT 1 FROM memberships m JOIN users u ON u.user_no = m.user_no
            WHERE m.tenant_no = t.tenant_no AND m.role = 3 AND u.disabled_at IS NULL))
          + (SELECT CASE WHEN EXISTS (SELECT 1 FROM users WHERE is_admin = 1 AND disabled_at IS NULL) THEN 0 ELSE 1 END)
        """).ScalarAsync<long>(cancellationToken);

    static Task<User?> FindAsync(SqlSession sql, string email, long tenantNo, CancellationToken cancellationToken) => sql.Prepare("""
        SELECT u.user_no, u.stamp, u.password_hash, u.is_admin, u.disabled_at,
          (SELECT m.role FROM memberships m WHERE m.user_no = u.user_no AND m.tenant_no = @tenant_no),
          (SELECT count(*) FROM memberships m WHERE m.user_no = u.user_no AND m.tenant_no <> @tenant_no)
        FROM users u WHERE u.email = @email
        """).With(tenantNo, email)
        .FirstAsync(r => new User(r.GetInt64(0), email, r.GetString(1), !r.IsDBNull(2), r.GetInt64(3) != 0, !r.IsDBNull(4), (Role)(r.Long(5) ?? 0), r.GetInt64(6)), cancellationToken);

    static bool MayVouch(Caller caller, User user) => caller.IsInstallationAdmin || !user.IsInstallationAdmin && user.OtherTenants == 0;

    static void CheckRole(Role role)
    {
        if (role is not (Role.Viewer or Role.Operator or Role.Admin)) throw new Refused(400, "role", "RoleInvalid");
    }

    static Task AuditAsync(WriteScope scope, Actor actor, string action, User user, CancellationToken cancellationToken) =>
        scope.AuditAsync(new AuditEntry(null, actor.Kind, actor.Name, action, "user", user.Email), cancellationToken);

    sealed record User(long UserNo, string Email, string Stamp, bool HasPassword, bool IsInstallationAdmin, bool IsDisabled, Role Role, long OtherTenants);
}
