using System.Diagnostics;
using System.Text;

namespace RunHub.IntegrationTests.Publish;

/// <summary>The published file, alone in an empty folder with an empty home.</summary>
[Trait("Category", "Publish")]
public sealed class PublishTests
{
    [Fact]
    public async Task The_published_file_runs_alone_in_an_empty_folder()
    {
        var folder = Directory.CreateTempSubdirectory("runhub-publish-").FullName;
        try
        {
            var (output, home, work) = (Path.Combine(folder, "published"), Path.Combine(folder, "home"), Path.Combine(folder, "work"));
            Directory.CreateDirectory(home);
            Directory.CreateDirectory(work);
            if (HubProcess.Published is { } made)
            {
                output = Path.GetDirectoryName(made)!;
            }
            else
            {
                var published = await RunAsync("dotnet", ["publish", Path.Combine(Root(), "src", "RunHub"), "-c", "Release", "-r", "linux-x64", "-o", output, "--nologo", "-v", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false"], home: null);
                Assert.True(published.Code == 0, published.Text);
            }

            // One file to run; beside it only what an operator may edit or add to.
            Assert.Equal(["appsettings.json", "plugins", "runhub", "sdk"], Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal(["crafter", "precrafter"], Directory.EnumerateDirectories(Path.Combine(output, "plugins")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

            var program = Path.Combine(output, "runhub");
            var help = await RunAsync(program, ["--help"], home);
            Assert.Equal(0, help.Code);
            Assert.Contains("demo", help.Text, StringComparison.Ordinal);

            var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = home, ["DOTNET_ROOT"] = "", ["ASPNETCORE_ENVIRONMENT"] = null };
            await using var hub = HubProcess.Start(settings, program, folder: work);
            await hub.ReadyAsync();
            using var content = new StringContent("""{"id":"run_alone","workflow_name":"smoke","status":"completed","steps":[{"name":"only"}]}""", Encoding.UTF8, "application/json");
            using var posted = await hub.Client.PostAsync("/api/runs", content);
            Assert.True(posted.IsSuccessStatusCode, await posted.Content.ReadAsStringAsync());
            Assert.Contains("run_alone", await hub.Client.GetStringAsync("/api/runs"), StringComparison.Ordinal);
            // Plugins are loaded from their folders, with the contract that is inside the file.
            using var document = new StringContent("""{"id":"pre_alone","type":"precrafter","status":"success","results":{"node_1":{"input":{"model":"gpt-4"},"output":1.50}}}""", Encoding.UTF8, "application/json");
            using var mapped = await hub.Client.PostAsync("/api/ingest/precrafter", document);
            Assert.True(mapped.IsSuccessStatusCode, await mapped.Content.ReadAsStringAsync());
            Assert.Contains("1.50", await hub.Client.GetStringAsync("/api/runs/pre_alone/download"), StringComparison.Ordinal);
            // Views, texts and assets are inside: the page a person without a session gets, and a style sheet.
            var page = await hub.Client.GetStringAsync("/sign-in");
            Assert.Contains("<form", page, StringComparison.Ordinal);
            var style = page.Split("href=\"").Select(p => p.Split('"')[0]).First(p => p.EndsWith(".css", StringComparison.Ordinal) || p.Contains(".css?", StringComparison.Ordinal));
            Assert.NotEmpty(await hub.Client.GetStringAsync(style));
            Assert.True(File.Exists(Path.Combine(work, "data", "runhub.db")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<(int Code, string Text)> RunAsync(string program, string[] arguments, string? home)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (home is not null) start.Environment["HOME"] = home;
        using var process = Process.Start(start)!;
        var (text, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await text + await errors);
    }

    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RunHub.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
