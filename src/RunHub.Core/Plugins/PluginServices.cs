using Microsoft.Extensions.Hosting;

namespace RunHub.Plugins;

/// <summary>Registers plugin loading.</summary>
public static class PluginServices
{
    /// <summary>Adds the plugin host and the workflow types; options from section <c>Plugins</c>; after the run store.</summary>
    public static IServiceCollection AddPlugins(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<PluginOptions>(configuration.GetSection("Plugins"));
        services.AddSingleton<PluginHost>();
        services.AddSingleton<WorkflowTypes>();
        services.AddHostedService(provider => provider.GetRequiredService<PluginHost>());
        return services;
    }
}
