using RunHub.Http;
using RunHub.Access;
using RunHub.Plugins;

namespace RunHub.Admin.Plugins;

/// <summary><c>GET /api/admin/plugins</c>: for the installation's admins.</summary>
static class PluginsApi
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/plugins", List).Access(Allow.Installation).WithSummary("All plugins, what they add, and why one is not loaded");

    static IResult List(PluginHost host) => ApiJson.Write(new
    {
        contract = PluginContract.Version,
        host.Folders,
        plugins = host.Reports.Select(p => new
        {
            p.Id,
            p.Name,
            p.Version,
            p.Contract,
            p.Description,
            p.Folder,
            state = ApiJson.Lower(p.State),
            p.Reason,
            types = p.Types.Select(t => new { t.Type, t.DisplayName, t.Capabilities, t.HasSettings }),
            errors = p.Errors.Select(e => new { at = ApiJson.Time(e.At.ToMicros()), e.During, e.Message }),
        }),
    });
}
