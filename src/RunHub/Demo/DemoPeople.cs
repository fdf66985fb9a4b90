using Microsoft.Extensions.DependencyInjection;
using RunHub.Access;
using RunHub.Access.Keys;
using RunHub.Access.People;
using RunHub.Access.Sessions;
using RunHub.Store;

namespace RunHub.Demo;

/// <summary>Tenants, users and keys of the demo. The first tenant and its admin come from <c>Bootstrap</c> settings.</summary>
sealed class DemoPeople(IServiceProvider services)
{
    /// <summary>Who the printed link signs in.</summary>
    public const string Visitor = "demo@acme.example";
    static readonly Actor Actor = new("system", "demo");

    /// <summary>True when an earlier demo left its tenants in the data folder.</summary>
    public async Task<bool> AreThereAsync(CancellationToken cancellationToken) =>
        await services.GetRequiredService<AccessDirectory>().TenantAsync(DemoTenant.Sol.Id, cancellationToken) is not null;

    /// <summary>Creates what is missing: the second tenant, a user for every name that appears in the runs.</summary>
    public async Task CreateAsync(CancellationToken cancellationToken)
    {
        var directory = services.GetRequiredService<AccessDirectory>();
        var acme = await directory.TenantAsync(DemoTenant.Acme.Id, cancellationToken)
            ?? throw new InvalidOperationException("This database is somebody's own, the demo does not touch it: choose another Data:Folder or database.");
        await services.GetRequiredService<WriteLane>().Run(async (scope, ct) =>
        {
            var sol = await AccessWriter.InsertTenantAsync(scope, Actor, DemoTenant.Sol.Id, DemoTenant.Sol.Name, ct);
            foreach (var (tenant, no) in new[] { (DemoTenant.Acme, acme.No), (DemoTenant.Sol, sol.No) })
            {
                foreach (var (email, index) in tenant.Operators.Select((email, index) => (email, index)))
                {
                    var userNo = await AccessWriter.InsertUserAsync(scope, Actor, new NewUser(email, NameOf(email), PasswordHash: null), ct);
                    await AccessWriter.SetRoleAsync(scope, Actor, userNo, email, no, index == 0 ? Role.Admin : index == 1 ? Role.Operator : Role.Viewer, ct);
                }
            }
        }, cancellationToken);
        directory.ForgetTenants();
    }

    /// <summary>A key for each tenant that works for a week: what the reporting programs of the demo use.</summary>
    public async Task<IReadOnlyDictionary<string, string>> CreateKeysAsync(CancellationToken cancellationToken)
    {
        var keys = DemoTenant.All.ToDictionary(t => t.Id, _ => KeyText.Create(), StringComparer.Ordinal);
        var directory = services.GetRequiredService<AccessDirectory>();
        var numbers = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var tenant in DemoTenant.All) numbers[tenant.Id] = (await directory.TenantAsync(tenant.Id, cancellationToken))!.No;
        await services.GetRequiredService<WriteLane>().Run(async (scope, ct) =>
        {
            foreach (var (tenant, text) in keys)
            {
                var expires = scope.Now + (long)TimeSpan.FromDays(7).TotalMicroseconds;
                await AccessWriter.InsertKeyAsync(scope, Actor, new NewKey(numbers[tenant], "demo-workflows", text, KeyScopes.Ingest | KeyScopes.Read, expires), ct);
            }
        }, cancellationToken);
        return keys;
    }

    /// <summary>A link that signs the visitor in once.</summary>
    public async Task<string> SignInLinkAsync(CancellationToken cancellationToken)
    {
        await using var sql = await services.GetRequiredService<Database>().ReadAsync(cancellationToken);
        var userNo = await sql.Prepare("SELECT user_no FROM users WHERE email = @email").With(Visitor).ScalarAsync<long>(cancellationToken);
        return services.GetRequiredService<OneTimeSignIn>().Create(userNo);
    }

    // maya.lindqvist@… → Maya Lindqvist
    static string NameOf(string email) => string.Join(' ', email[..email.IndexOf('@', StringComparison.Ordinal)].Split('.').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
