using RunHub.Access;
using RunHub.Admin.ApiKeys;
using RunHub.Admin.Invitation;
using RunHub.Admin.Links;
using RunHub.Admin.Plugins;
using RunHub.Admin.Profile;
using RunHub.Admin.SignIn;
using RunHub.Admin.Tenants;
using RunHub.Admin.Users;
using RunHub.Modules;
using RunHub.Modules.Slots;

namespace RunHub.Admin;

/// <summary>Users, API keys, plugins, tenants; sign-in, profile and first set-up.</summary>
public sealed class AdminModule : IModule
{
    const string Group = "Administration";

    /// <inheritdoc/>
    public string Name => "admin";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section)
    {
        services.AddSingleton<SignInPerson>();
        services.AddSingleton<Invitations>();
        services.AddSingleton<ChangeProfile>();
        services.AddSingleton<Members>();
        services.AddSingleton<ChangeMembers>();
        services.AddSingleton<ChangeKeys>();
        services.AddSingleton<ChangeTenants>();
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        SignInEndpoints.Map(app);
        var api = app.MapGroup("/api/admin").WithTags("Administration").AddEndpointFilter(static async (context, next) =>
        {
            try
            {
                return await next(context);
            }
            catch (Refused refused)
            {
                throw refused.ToProblem();
            }
        });
        UsersApi.Map(api);
        ApiKeysApi.Map(api);
        TenantsApi.Map(api);
        PluginsApi.Map(api);
        LinksApi.Map(api);
    }

    /// <inheritdoc/>
    public void AddSlots(SlotBuilder slots)
    {
        slots.Add(Entry("users", "Users", "users", "/admin/users", new AccessAttribute(Role.Admin, KeyScopes.None), 900));
        slots.Add(Entry("api-keys", "ApiKeys", "key", "/admin/api-keys", new AccessAttribute(Role.Admin, KeyScopes.None), 910));
        slots.Add(Entry("event-links", "EventLinks", "link", "/admin/links", new AccessAttribute(Role.Admin, KeyScopes.None), 915));
        slots.Add(Entry("plugins", "Plugins", "puzzle", "/admin/plugins", new AccessAttribute(Role.Admin, KeyScopes.None) { Installation = true }, 920));
        slots.Add(Entry("tenants", "Tenants", "building", "/admin/tenants", new AccessAttribute(Role.Admin, KeyScopes.None) { Installation = true }, 930));
    }

    static NavigationEntry Entry(string key, string text, string icon, string url, AccessAttribute needs, int order) =>
        new(key, text, typeof(AdminTexts), icon, url, needs, order) { Group = Group };
}
