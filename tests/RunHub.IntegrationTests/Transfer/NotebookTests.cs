using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunHub.IntegrationTests.Steps;

namespace RunHub.IntegrationTests.Transfer;

public sealed partial class NotebookTests
{
    const string Odd = "q\"\"\" \\ ''' \u2028 *b* <script>alert(1)</script> \ud83d\ude80 $x$";

    [Theory, Engines]
    public async Task A_run_is_a_valid_notebook_with_its_data_inside(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await ViewTests.FillAsync(hub, Run("r"));
        using var client = await hub.KeyAsync();
        using var answer = await client.GetAsync("/api/runs/r/notebook");
        Assert.Equal("application/x-ipynb+json", answer.Content.Headers.ContentType!.ToString());
        Assert.Matches("filename=\"run_r_\\d{4}-\\d\\d-\\d\\d\\.ipynb\"", answer.Content.Headers.GetValues("Content-Disposition").Single());
        var notebook = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        AssertIsNotebook(notebook);
        var run = Assert.Single(RunsIn(notebook).AsArray())!;
        Assert.Equal(("r", Odd, 2), ((string)run["id"]!, (string)run["workflow_name"]!, run["steps"]!.AsArray().Count));
        Assert.Equal(Odd, (string)run["steps"]![0]!["io"]!["output_redacted"]!);
        Assert.DoesNotContain("<script>", ((string)notebook["cells"]![0]!["source"]!).Replace("\\<script\\>", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(404, (int)(await client.GetAsync("/api/runs/nobody/notebook")).StatusCode);
        using var elsewhere = await hub.KeyAsync(tenant: "other");
        Assert.Equal(404, (int)(await elsewhere.GetAsync("/api/runs/r/notebook")).StatusCode);
    }

    [Theory, Engines]
    public async Task A_filter_s_runs_are_one_notebook_that_says_where_it_ends(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await ViewTests.FillAsync(hub, [.. Enumerable.Range(0, 1010).Select(i => new RunWrite { Id = "r" + i, WorkflowName = i < 5 ? "few" : "many", Status = RunStatus.Completed })]);
        using var client = await hub.KeyAsync();
        var few = JsonNode.Parse(await client.GetStringAsync("/api/runs/export?format=ipynb&workflow=few&include=payloads,steps"))!;
        AssertIsNotebook(few);
        Assert.Equal(["r4", "r3", "r2", "r1", "r0"], RunsIn(few).AsArray().Select(r => (string)r!["id"]!));
        Assert.Contains("`/runs?workflow=few`", (string)few["cells"]![0]!["source"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("is full", (string)few["cells"]![0]!["source"]!, StringComparison.Ordinal);
        var many = JsonNode.Parse(await client.GetStringAsync("/api/runs/export?format=ipynb"))!;
        AssertIsNotebook(many);
        Assert.Equal(1000, RunsIn(many).AsArray().Count);
        Assert.Contains("This notebook is full: it holds up to 1,000 runs or 8 MB", (string)many["cells"]![0]!["source"]!, StringComparison.Ordinal);
        Assert.Empty(RunsIn(JsonNode.Parse(await client.GetStringAsync("/api/runs/export?format=ipynb&workflow=nothing"))!).AsArray());
    }

    [Fact]
    public async Task Beyond_its_size_steps_are_counted_instead()
    {
        await using var hub = await TestHub.StartAsync();
        var output = JsonPayload.String(new string('x', 200_000));
        await ViewTests.FillAsync(hub, new RunWrite { Id = "r", WorkflowName = "w", Steps = [.. Enumerable.Range(0, 120).Select(i => new StepWrite { Id = "s" + i, Name = "n", Output = output })] });
        using var client = await hub.KeyAsync();
        var text = await client.GetStringAsync("/api/runs/r/notebook");
        Assert.InRange(text.Length, 4 << 20, 16 << 20);
        var run = RunsIn(JsonNode.Parse(text)!)[0]!;
        Assert.Equal(120, run["steps"]!.AsArray().Count + (int)run["steps_left_out"]!);
    }

    // What Jupyter does, without Jupyter; where there is no Python there is nothing to do it with.
    [Fact]
    public async Task Its_cells_run_in_plain_python()
    {
        if (Python() is not { } python) return;
        await using var hub = await TestHub.StartAsync();
        await ViewTests.FillAsync(hub, Run("a"), Run("b"), new RunWrite { Id = "c", WorkflowName = "bare" });
        using var client = await hub.KeyAsync();
        foreach (var url in new[] { "/api/runs/a/notebook", "/api/runs/c/notebook", "/api/runs/export?format=ipynb&include=payloads,steps", "/api/runs/export?format=ipynb", "/api/runs/export?format=ipynb&workflow=nothing" })
        {
            var notebook = JsonNode.Parse(await client.GetStringAsync(url))!;
            var file = Path.Combine(hub.Database.Folder, "cells.py");
            await File.WriteAllTextAsync(file, string.Join("\n\n", notebook["cells"]!.AsArray().Where(c => (string)c!["cell_type"]! == "code").Select(c => (string)c!["source"]!)) + "\nassert all(isinstance(r['id'], str) for r in RUNS)\n");
            using var process = Process.Start(new ProcessStartInfo(python, ["-I", file]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, Environment = { ["PYTHONIOENCODING"] = "utf-8" } })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"{url}: {await error}");
            Assert.StartsWith(RunsIn(notebook).AsArray().Count.ToString(System.Globalization.CultureInfo.InvariantCulture), await output, StringComparison.Ordinal);
        }
    }

    static string? Python() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "python3")).FirstOrDefault(File.Exists);

    static RunWrite Run(string id)
    {
        var start = new DateTimeOffset(2025, 3, 20, 12, 0, 0, TimeSpan.Zero);
        return new RunWrite
        {
            Id = id, WorkflowName = Odd, Status = RunStatus.Failed, StartedAt = start, DurationMs = 2000, ErrorMessage = Odd, InputsSummary = JsonPayload.Parse("""{"a":1e5,"b":[],"c":null,"":""}"""), OutputsSummary = JsonPayload.String(Odd), Tokens = 7, CostUsd = 0.5m,
            Steps = [new StepWrite { Id = "1", Name = Odd, Output = JsonPayload.String(Odd), StartedAt = start, DurationMs = 900, Tokens = 7, ErrorMessage = Odd }, new StepWrite { Id = "2", Name = "no times" }],
        };
    }

    static JsonNode RunsIn(JsonNode notebook)
    {
        var source = (string)notebook["cells"]!.AsArray().Single(c => (string)c!["id"]! == "data")!["source"]!;
        return JsonNode.Parse(Embedded().Match(source).Groups["json"].Value)!;
    }

    [GeneratedRegex("^import json\n\nRUNS = json\\.loads\\(r\"\"\"\n(?<json>.*)\n\"\"\"\\)\nprint\\(len\\(RUNS\\)\\)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 5000)]
    private static partial Regex Embedded();

    // Every rule of nbformat 4.5 that applies to a notebook without outputs, attachments and raw cells.
    static void AssertIsNotebook(JsonNode notebook)
    {
        AssertMembers(notebook, "cells", "metadata", "nbformat", "nbformat_minor");
        Assert.Equal((4, 5), ((int)notebook["nbformat"]!, (int)notebook["nbformat_minor"]!));
        var metadata = notebook["metadata"]!;
        Assert.All(["name", "display_name"], name => Assert.Equal(JsonValueKind.String, metadata["kernelspec"]![name]!.GetValueKind()));
        Assert.Equal("python", (string)metadata["language_info"]!["name"]!);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in notebook["cells"]!.AsArray())
        {
            var isCode = (string)cell!["cell_type"]! == "code";
            if (isCode) AssertMembers(cell, "cell_type", "execution_count", "id", "metadata", "outputs", "source");
            else AssertMembers(cell, "cell_type", "id", "metadata", "source");
            Assert.True(isCode || (string)cell["cell_type"]! == "markdown");
            Assert.Matches("^[a-zA-Z0-9-_]{1,64}$", (string)cell["id"]!);
            Assert.True(ids.Add((string)cell["id"]!));
            Assert.Equal(JsonValueKind.Object, cell["metadata"]!.GetValueKind());
            Assert.Equal(JsonValueKind.String, cell["source"]!.GetValueKind());
            if (!isCode) continue;
            Assert.Null(cell["execution_count"]);
            Assert.Empty(cell["outputs"]!.AsArray());
            if (cell["metadata"]!["jupyter"] is { } jupyter) Assert.Equal(JsonValueKind.True, jupyter["source_hidden"]!.GetValueKind());
        }
    }

    static void AssertMembers(JsonNode of, params string[] names) => Assert.Equal(names, of.AsObject().Select(m => m.Key).Order(StringComparer.Ordinal));
}
