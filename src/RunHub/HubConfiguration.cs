namespace RunHub;

/// <summary>
/// Where settings come from, later ones winning: appsettings.json beside the binary, appsettings.json in the working
/// directory, <c>ASPNETCORE_…</c>, environment variables (<c>Data__Folder</c>), the command line (<c>--Data:Folder=…</c>).
/// </summary>
static class HubConfiguration
{
    /// <summary>
    /// A builder with exactly these sources. Files are read once: watching them costs a start-up, and no setting of
    /// RunHub changes while it runs.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // The builder's own sources go, but not before it has begun to watch every folder below the binary, data among them.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Configuration.Sources.Clear();
        builder.Configuration
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true, reloadOnChange: false)
            .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true, reloadOnChange: false)
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddEnvironmentVariables()
            .AddCommandLine(args);
        return builder;
    }
}
