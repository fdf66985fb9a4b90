using System.Diagnostics;

namespace RunHub.IntegrationTests.Otlp;

/// <summary>The programs of tests/clients: real SDKs from npm, installed by their lock file when they are not there.</summary>
static class NodeClients
{
    static readonly string Folder = Path.Combine(Root(), "tests", "clients");
    static readonly Lazy<Task> Installed = new(InstallAsync);

    /// <summary>Runs a program against a hub; answers the trace id it prints.</summary>
    public static async Task<string> RunAsync(TestHub hub, string key, string program, string protocol, bool gzip, string? argument = null)
    {
        await Installed.Value;
        return (await ProcessAsync("node", [program, .. argument is null ? Array.Empty<string>() : [argument]], new(StringComparer.Ordinal)
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = hub.Address.ToString().TrimEnd('/'),
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=Bearer%20" + key,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_EXPORTER_OTLP_COMPRESSION"] = gzip ? "gzip" : "none",
        })).Trim();
    }

    static async Task InstallAsync()
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "ai"))) await ProcessAsync("npm", ["ci", "--no-audit", "--no-fund"], []);
    }

    static async Task<string> ProcessAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}\n{await error}");
            return await output;
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "RunHub.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
