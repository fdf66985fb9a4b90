using RunHub.Access;
using RunHub.Http;

namespace RunHub.Admin.Users;

/// <summary><c>/api/admin/users</c>: members of the caller's tenant.</summary>
static class UsersApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/users", ListAsync).Access(Allow.Admins).WithSummary("Members of the tenant");
        api.MapPost("/users", AddAsync).Access(Allow.Admins).WithSummary("Adds a person by email; answers a one-time invitation link for a new one");
        api.MapPatch("/users/{email}", ChangeAsync).Access(Allow.Admins).WithSummary("Changes role, disables or enables");
        api.MapDelete("/users/{email}", RemoveAsync).Access(Allow.Admins).WithSummary("Takes a person out of the tenant");
        api.MapPost("/users/{email}/invitation", InviteAsync).Access(Allow.Admins).WithSummary("A new one-time link to set a password");
    }

    static async Task<IResult> ListAsync(HttpContext context, Members members, CancellationToken cancellationToken) =>
        ApiJson.Write(new { users = (await members.ListAsync(context.Caller().Tenant.No, cancellationToken)).Select(Show) });

    static async Task<IResult> AddAsync(HttpContext context, ChangeMembers change, Members members, CancellationToken cancellationToken)
    {
        var body = await ApiJson.ReadAsync<AddBody>(context);
        var caller = context.Caller();
        var link = await change.AddAsync(caller, body.Email, RoleOf(body.Role ?? "viewer"), cancellationToken);
        var member = await members.FindAsync(caller.Tenant.No, Access.People.Emails.Normalize(body.Email)!, cancellationToken);
        return ApiJson.Write(new { user = Show(member!), invitation_url = Absolute(context, link) }, StatusCodes.Status201Created);
    }

    static async Task<IResult> ChangeAsync(HttpContext context, string email, ChangeMembers change, Members members, CancellationToken cancellationToken)
    {
        var body = await ApiJson.ReadAsync<ChangeBody>(context);
        var caller = context.Caller();
        await change.ChangeAsync(caller, email, new MemberChange(body.Role is null ? null : RoleOf(body.Role), body.Disabled, body.InstallationAdmin), cancellationToken);
        var member = await members.FindAsync(caller.Tenant.No, Access.People.Emails.Normalize(email)!, cancellationToken);
        return ApiJson.Write(new { user = Show(member!) });
    }

    static async Task<IResult> RemoveAsync(HttpContext context, string email, ChangeMembers change, CancellationToken cancellationToken)
    {
        await change.RemoveAsync(context.Caller(), email, cancellationToken);
        return Results.NoContent();
    }

    static async Task<IResult> InviteAsync(HttpContext context, string email, ChangeMembers change, CancellationToken cancellationToken) =>
        ApiJson.Write(new { invitation_url = Absolute(context, await change.InviteAgainAsync(context.Caller(), email, cancellationToken)) });

    /// <summary>With scheme and host, as the caller reached us.</summary>
    internal static string? Absolute(HttpContext context, string? path) => path is null ? null : $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{path}";

    static Role RoleOf(string text) => text switch
    {
        "viewer" => Role.Viewer,
        "operator" => Role.Operator,
        "admin" => Role.Admin,
        _ => throw ProblemException.Invalid("$.role", "A role is viewer, operator or admin."),
    };

    static object Show(Member member) => new
    {
        member.Email,
        member.Name,
        role = ApiJson.Lower(member.Role),
        installation_admin = member.IsInstallationAdmin,
        status = member.State,
        created_at = Times.ToIso(member.CreatedAt),
        last_seen_at = ApiJson.Time(member.LastSeenAt),
    };

    sealed record AddBody(string Email, string? Role = null);

    sealed record ChangeBody(string? Role = null, bool? Disabled = null, bool? InstallationAdmin = null);
}
