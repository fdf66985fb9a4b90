using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using RunHub.Access;
using RunHub.IntegrationTests.Api;

namespace RunHub.IntegrationTests.Transfer;

/// <summary><c>runhub import</c> and <c>runhub export</c> as an operator starts them.</summary>
public sealed class ImportTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("runhub-import-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, Engines]
    public async Task What_was_exported_is_the_same_in_another_hub(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await TransferSeed.FillAsync(client);
        await TransferSeed.ManyAsync(client, 700);
        var file = Path.Combine(folder, "runs.ndjson");
        var export = await RunAsync(hub, ["export", file], await hub.KeyTextAsync());
        Assert.True(export.Code == 0, export.Said);
        Assert.Equal(707, File.ReadLines(file).Count());

        await using var other = await TestHub.StartAsync(engine);
        var key = await other.KeyTextAsync(KeyScopes.Ingest, "globex");
        var import = await RunAsync(other, ["import", file], key);
        Assert.True(import.Code == 0, import.Said);
        Assert.Contains("707 runs taken", import.Said, StringComparison.Ordinal);
        var (before, after) = (await TransferSeed.DocumentsAsync(client), await TransferSeed.DocumentsAsync(await other.KeyAsync(tenant: "globex")));
        Assert.Equal(before.Keys, after.Keys);
        foreach (var (id, document) in before) Assert.Equal(document, after[id]);

        // Again: nothing changes, neither from the file nor packed, nor from an array.
        await File.WriteAllTextAsync(Path.Combine(folder, "array.json"), await client.GetStringAsync("/api/runs/export?format=json&lane=all&include=payloads,steps"));
        await using (var packed = new GZipStream(File.Create(file + ".gz"), CompressionLevel.Fastest)) await packed.WriteAsync(await File.ReadAllBytesAsync(file));
        foreach (var again in new[] { file, file + ".gz", Path.Combine(folder, "array.json") })
        {
            import = await RunAsync(other, ["import", again, "--restart"], key);
            Assert.True(import.Code == 0, import.Said);
        }

        Assert.Equal(after, await TransferSeed.DocumentsAsync(await other.KeyAsync(tenant: "globex")));
        Assert.Empty(Directory.GetFiles(folder, "*.position*"));
    }

    [Fact]
    public async Task Runs_that_are_not_taken_are_told_with_line_path_and_reason_and_the_others_are_taken()
    {
        await using var hub = await TestHub.StartAsync();
        var file = Path.Combine(folder, "runs.ndjson");
        await File.WriteAllTextAsync(file, """
            {"id":"a","workflow_name":"w","status":"completed"}

            {"id":"b","workflow_name":"w","status":"perhaps"}
            {"id":"c","workflow_na
            {"id":"a","workflow_name":"w","status":"failed"}
            ["no run"]
            {"workflow_name":"w","status":"completed"}
            """);
        var import = await RunAsync(hub, ["import", file], await hub.KeyTextAsync());
        Assert.Equal(2, import.Code);
        Assert.Contains("2 runs taken, 4 rejected", import.Said, StringComparison.Ordinal);
        var rejected = (await File.ReadAllLinesAsync(file + ".rejected.ndjson")).Select(l => JsonNode.Parse(l)!).OrderBy(r => (int)r["line"]!).ToList();
        Assert.Equal(["3 400 $.status", "4 400 $", "5 409 $.status", "6 400 $"], rejected.Select(r => $"{r["line"]} {r["status"]} {r["path"]}"));
        Assert.Equal("perhaps", (string)rejected[0]["run"]!["status"]!);
        Assert.Equal("{\"id\":\"c\",\"workflow_na", (string)rejected[1]["run"]!);

        // Without an id of its own the same line is the same run.
        await RunAsync(hub, ["import", file, "--restart"], await hub.KeyTextAsync());
        Assert.Equal(2, (await (await hub.KeyAsync()).ReadAsync("/api/runs")).Json!["runs"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_run_larger_than_a_request_goes_in_pieces()
    {
        await using var hub = await TestHub.StartAsync(settings: new() { ["Ingest:MaxItems"] = "5000" });
        var steps = string.Join(',', Enumerable.Range(0, 12_000).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"s{{i}}","name":"step","type":"io","status":"completed","io":{"output_redacted":"{{new string('x', 1000)}}"} }""")));
        var import = await RunAsync(hub, ["import", "-"], await hub.KeyTextAsync(), $$"""[ {"id":"big","workflow_name":"w","status":"completed","steps":[{{steps}}]} ]""");
        Assert.True(import.Code == 0, import.Said);
        Assert.Contains("1 runs taken", import.Said, StringComparison.Ordinal);
        Assert.Equal(12_000, (int)(await (await hub.KeyAsync()).ReadAsync("/api/runs/big")).Json!["step_count"]!);
    }

    [Fact]
    public async Task An_import_that_was_killed_goes_on_where_it_stopped()
    {
        await using var hub = await TestHub.StartAsync(settings: new() { ["Ingest:RequestsPerSecond"] = "4", ["Ingest:Burst"] = "2" });
        var (file, key) = (Path.Combine(folder, "runs.ndjson"), await hub.KeyTextAsync());
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 6000).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"r{{i}}","workflow_name":"w","status":"completed","started_at":"2026-11-01T00:00:00Z"}""")));
        using (var process = Start(hub, ["import", file], key))
        {
            await Eventually.TrueAsync(() => Task.FromResult(File.Exists(file + ".position")));
            process.Kill();
            await process.WaitForExitAsync();
        }

        var import = await RunAsync(hub, ["import", file], key);
        Assert.True(import.Code == 0, import.Said);
        Assert.Matches(@"Going on at line [0-9,]{3,}", import.Said);
        Assert.Contains("6,000 runs taken", import.Said, StringComparison.Ordinal);
        Assert.Equal("6000", (await (await hub.KeyAsync()).GetAsync("/api/runs/export?format=csv&columns=id", HttpCompletionOption.ResponseHeadersRead)).Headers.GetValues("RunHub-Rows").Single());
    }

    [Fact]
    public async Task What_has_no_id_in_the_file_is_there_once_however_often_it_is_sent()
    {
        await using var hub = await TestHub.StartAsync();
        var (file, key) = (Path.Combine(folder, "runs.ndjson"), await hub.KeyTextAsync());
        await File.WriteAllTextAsync(file, """
            {"id":"a","workflow_name":"w","steps":[{"name":"x"},{"name":"x"},{"id":"own","name":"y"},{"id":null,"name":"z"}],"logs":[{"msg":"m"},{"msg":"m"}],"annotations":[{"note":"n"}]}
            {"workflow_name":"w","Steps":[{"name":"x"}],"logs":[{"msg":"m","ts":"2025-01-01T00:00:00Z"}]}
            """);
        for (var i = 0; i < 2; i++)
        {
            var import = await RunAsync(hub, ["import", file, "--restart"], key);
            Assert.True(import.Code == 0, import.Said);
        }

        var client = await hub.KeyAsync();
        var runs = (await client.ReadAsync("/api/runs")).Json!["runs"]!.AsArray();
        Assert.Equal([1, 4], runs.Select(r => (int)r!["step_count"]!).Order());
        Assert.Contains("own", (await client.ReadAsync("/api/runs/a/steps")).Json!["steps"]!.AsArray().Select(s => (string?)s!["id"]));
        Assert.Equal(2, (int)(await client.ReadAsync("/api/runs/a/logs")).Json!["lines"]!);
        Assert.Single((await client.ReadAsync("/api/runs/a/annotations")).Json!["annotations"]!.AsArray());
    }

    [Theory]
    [InlineData("rh_wrong", "runs.ndjson", "key")]
    [InlineData(null, "missing.ndjson", "missing.ndjson")]
    [InlineData(null, "cut.json", "ends within")]
    public async Task What_cannot_be_imported_says_why(string? key, string name, string said)
    {
        await using var hub = await TestHub.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "runs.ndjson"), """{"id":"a","workflow_name":"w"}""");
        await File.WriteAllTextAsync(Path.Combine(folder, "cut.json"), """[{"id":"a","workflow_name":"w"},{"id":""");
        var import = await RunAsync(hub, ["import", Path.Combine(folder, name)], key ?? await hub.KeyTextAsync());
        Assert.Equal(1, import.Code);
        Assert.Contains(said, import.Said, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(Directory.GetFiles(folder, "*.rejected.ndjson"));
    }

    [Fact]
    public async Task A_csv_comes_out_of_the_command_too()
    {
        await using var hub = await TestHub.StartAsync();
        await TransferSeed.FillAsync(await hub.KeyAsync());
        var file = Path.Combine(folder, "runs.csv");
        Assert.Equal(0, (await RunAsync(hub, ["export", file, "--format", "csv", "--filter", "status=failed&lane=all"], await hub.KeyTextAsync())).Code);
        Assert.Equal(2, File.ReadLines(file).Count());
        var refused = await RunAsync(hub, ["export", file, "--filter", "statis=failed"], await hub.KeyTextAsync());
        Assert.Equal(1, refused.Code);
        Assert.Contains("Did you mean status?", refused.Said, StringComparison.Ordinal);
        Assert.Equal(2, File.ReadLines(file).Count()); // the earlier file stays
    }

    static Process Start(TestHub hub, string[] arguments, string key)
    {
        var start = new ProcessStartInfo(HubProcess.Program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["RUNHUB_URL"] = hub.Address.ToString();
        start.Environment["RUNHUB_KEY"] = key;
        return Process.Start(start)!;
    }

    internal static async Task<(int Code, string Said)> RunAsync(TestHub hub, string[] arguments, string key, string? input = null)
    {
        using var process = Start(hub, arguments, key);
        var (errors, output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await errors + await output);
    }
}
