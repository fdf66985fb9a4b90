using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Mvc.Razor.Compilation;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Localization;
using RunHub.Modules;

namespace RunHub.Ui;

/// <summary>How the host puts the interface together.</summary>
public static class UiHosting
{
    /// <summary>Adds Razor pages of the named assemblies, texts, assets and what views need.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="configuration">The host's; section <c>Navigation</c>.</param>
    /// <param name="files"><c>wwwroot</c>.</param>
    /// <param name="host">The host's assembly, with the layout.</param>
    /// <param name="modules">Modules with pages.</param>
    public static IMvcBuilder AddHubUi(this IServiceCollection services, IConfiguration configuration, Func<IServiceProvider, IFileProvider> files, Assembly host, IEnumerable<IModule> modules)
    {
        services.AddHttpContextAccessor();
        // Accents need no entities in UTF-8; what HTML gives a meaning to is still escaped.
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        services.AddSingleton(s => new Assets(files(s)));
        services.AddScoped<Shell>();
        services.AddSingleton<PageFrames>();
        services.AddSingleton<IStringLocalizerFactory, TextLocalizerFactory>();
        services.AddTransient(typeof(IStringLocalizer<>), typeof(StringLocalizer<>));
        services.Configure<NavigationOptions>(configuration.GetSection("Navigation"));
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.SetDefaultCulture(TextTable.Languages[0]).AddSupportedCultures([.. TextTable.Languages]).AddSupportedUICultures([.. TextTable.Languages]);
            options.RequestCultureProviders = [new CustomRequestCultureProvider(Preferences.ChosenLanguage), new CustomRequestCultureProvider(Preferences.AskedLanguage)];
        });
        return services.AddRazorPages().ConfigureApplicationPartManager(parts =>
        {
            // By hand: a single file has no assemblies to look for, and a test's entry assembly is not the host.
            parts.ApplicationParts.Clear();
            foreach (var assembly in modules.Select(m => m.GetType().Assembly).Append(typeof(UiHosting).Assembly).Append(host).Distinct())
            {
                parts.ApplicationParts.Add(new AssemblyPart(assembly));
                parts.ApplicationParts.Add(new CompiledRazorAssemblyPart(assembly));
            }
        });
    }

    /// <summary>Asks pages that write themselves; last in the pipeline.</summary>
    public static IApplicationBuilder UseWrittenPages(this IApplicationBuilder app) => app.Use(WritesItselfAttribute.AskAsync);

    /// <summary>The last of what is started before the web server: the pages are mapped.</summary>
    public static IServiceCollection AddMappedPages(this IServiceCollection services) =>
        services.AddSingleton<MapPages>().AddHostedService(provider => provider.GetRequiredService<MapPages>());

    /// <summary>Maps assets, preferences and, when it starts, the pages.</summary>
    public static void MapHubUi(this IEndpointRouteBuilder app)
    {
        app.ServiceProvider.GetRequiredService<MapPages>().Begin(app);
        app.ServiceProvider.GetRequiredService<Assets>().Map(app);
        Preferences.Map(app);
    }
}
