using Microsoft.Extensions.FileProviders;
using RunHub.Access;
using RunHub.Admin;
using RunHub.Annotations;
using RunHub.Attachments;
using RunHub.Checkpoints;
using RunHub.Errors;
using RunHub.Http;
using RunHub.Jobs;
using RunHub.Logs;
using RunHub.Modules;
using RunHub.Modules.Slots;
using RunHub.Plugins;
using RunHub.Otlp;
using RunHub.Runs;
using RunHub.Steps;
using RunHub.Store;
using RunHub.Traces;
using RunHub.Ui;

namespace RunHub;

/// <summary>Puts the application together: configuration, Core, modules, pages. Tests build the same one.</summary>
public static class HubHost
{
    /// <summary>The table of contents: every module is named here, nothing is found by magic.</summary>
    public static IReadOnlyList<IModule> Modules { get; } =
    [
        new RunsModule(),
        new StepsModule(),
        new LogsModule(),
        new TracesModule(),
        new OtlpModule(),
        new AttachmentsModule(),
        new CheckpointsModule(),
        new AnnotationsModule(),
        new ErrorsModule(),
        new AdminModule(),
    ];

    /// <summary>Builds the application; nothing listens until it is started.</summary>
    /// <param name="modules">Usually <see cref="Modules"/>.</param>
    /// <param name="args">Settings as <c>--Section:Key=value</c>.</param>
    /// <param name="configure">Last word on the builder, for tests.</param>
    public static WebApplication Build(IReadOnlyList<IModule> modules, string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = HubConfiguration.CreateBuilder(args);
        configure?.Invoke(builder);
        var services = builder.Services;
        services.AddSingleton(modules);
        services.AddRunStore(builder.Configuration);
        services.AddHubAccess(builder.Configuration);
        services.AddPlugins(builder.Configuration);
        services.AddHubHttp(builder.Configuration);
        var slots = new SlotBuilder();
        services.AddHubUi(builder.Configuration, WebRoot, typeof(HubHost).Assembly, modules);
        foreach (var module in modules)
        {
            module.AddServices(services, builder.Configuration.GetSection(module.Name));
            module.AddSlots(slots);
        }

        slots.Add(new NavigationEntry("docs", "ApiDocs", typeof(UiTexts), "code", "/docs", Allow.Anyone, 800));
        services.AddSingleton(slots.Build());
        services.AddJobs(builder.Configuration, modules);
        services.AddMappedPages();
        var app = builder.Build();
        // First, because it begins what a start waits for longest; where things are mapped plays no part in the order of the pipeline.
        app.MapHubUi();
        app.UseHubCompression();
        app.UseRequestLocalization();
        app.UseErrorPages();
        app.UseHubProblems();
        app.UseHubAccess();
        app.UseIngestLimit();
        app.UseWebSockets();
        app.UseWrittenPages();
        app.MapHubHttp();
        foreach (var module in modules) module.Map(app);
        return app;
    }

    // Embedded in the binary; from the working copy while developing, so that a change shows at once.
    static IFileProvider WebRoot(IServiceProvider services)
    {
        if (services.GetRequiredService<IWebHostEnvironment>().IsDevelopment())
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "wwwroot", "lib", "htmx.js"))) return new PhysicalFileProvider(Path.Combine(folder.FullName, "wwwroot"));
        return new ManifestEmbeddedFileProvider(typeof(HubHost).Assembly, "wwwroot");
    }
}
