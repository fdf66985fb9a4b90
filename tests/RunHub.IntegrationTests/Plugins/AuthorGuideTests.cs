using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunHub.Access;
using RunHub.Plugins;

namespace RunHub.IntegrationTests.Plugins;

/// <summary>Does what docs/plugins.md tells an author to do, with the texts that stand there.</summary>
public sealed class AuthorGuideTests : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    readonly string folder = Directory.CreateTempSubdirectory("runhub-author-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Leads_from_an_empty_folder_to_a_run()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot(), "docs", "plugins.md"));
        await using var hub = await TestHub.StartAsync(settings: new() { ["Plugins:CallTimeoutMs"] = "20000" });
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RUNHUB_SDK"] = Path.Combine(AppContext.BaseDirectory, "sdk"),
            ["RUNHUB_DATA"] = hub.Database.Folder,
            ["RUNHUB_URL"] = hub.Address.ToString().TrimEnd('/'),
            ["RUNHUB_KEY"] = await hub.KeyTextAsync(KeyScopes.Ingest),
        };

        var files = 0;
        foreach (Match block in Regex.Matches(guide, "^```(?<language>\\w+)(?: (?<file>\\S+))?\\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline, TimeSpan.FromSeconds(5)))
        {
            var text = block.Groups["text"].Value;
            if (block.Groups["file"].Success)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, block.Groups["file"].Value), text);
                files++;
            }
            else
            {
                Assert.Equal("sh", block.Groups["language"].Value);
                // "Press Look again".
                if (text.Contains("/api/ingest/", StringComparison.Ordinal)) await hub.Get<PluginHost>().RefreshAsync(default);
                await RunAsync(text, environment);
            }
        }

        Assert.Equal(3, files);
        var report = hub.Get<PluginHost>().Reports.Single(r => r.Id == "acme-invoices");
        Assert.True(report is { State: PluginState.Loaded, Errors.Count: 0 }, report.Reason);
        Assert.Equal("Environment", Assert.Single((await hub.Get<PluginHost>().SettingsAsync("acme-invoices", "acme-invoice", default))!).Label);
        using var client = await hub.KeyAsync();
        var run = JsonDocument.Parse(await client.GetStringAsync("/api/runs/INV-98421")).RootElement;
        Assert.Equal(("Invoice scan", "acme-invoice", "completed"), (run.GetProperty("workflow_name").GetString(), run.GetProperty("type").GetString(), run.GetProperty("status").GetString()));
        Assert.Equal("""{ "number": "INV-98421", "total": 1732.50 }""", await client.GetStringAsync("/api/runs/INV-98421/download"));
    }

    async Task RunAsync(string script, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-e", "-c", script]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        // The build of a test run must not leave servers behind, nor inherit the settings of the one around it.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        foreach (var name in (string[])["MSBuildSDKsPath", "MSBUILD_EXE_PATH", "MSBuildExtensionsPath", "MSBuildLoadMicrosoftTargetsReadOnly"]) start.Environment.Remove(name);
        using var process = Process.Start(start) ?? throw new Win32Exception("The shell did not start.");
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"{script}\n{await output}\n{await errors}");
    }

    static string RepositoryRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "RunHub.sln"))) return at.FullName;
        }

        throw new DirectoryNotFoundException("The repository is not above the tests.");
    }
}
