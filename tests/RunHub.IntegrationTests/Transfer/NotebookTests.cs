using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunHub.IntegrationTests.Steps;

namespace RunHub.IntegrationTests.Transfer;

public sealed partial class NotebookTests
{
    const string Nbformat = "jsonschema, nbformat";
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

    // What Jupyter does, without Jupyter.
    [PythonFact("json")]
    public async Task Its_cells_run_in_plain_python()
    {
        var python = PythonFactAttribute.With("json")!;
        await using var hub = await TestHub.StartAsync();
        await ViewTests.FillAsync(hub, Run("a"), Run("b"), new RunWrite { Id = "c", WorkflowName = "bare" });
        using var client = await hub.KeyAsync();
        foreach (var url in new[] { "/api/runs/a/notebook", "/api/runs/c/notebook", "/api/runs/export?format=ipynb&include=payloads,steps", "/api/runs/export?format=ipynb", "/api/runs/export?format=ipynb&workflow=nothing" })
        {
            var notebook = JsonNode.Parse(await client.GetStringAsync(url))!;
            var file = Path.Combine(hub.Database.Folder, "cells.py");
            await File.WriteAllTextAsync(file, string.Join("\n\n", notebook["cells"]!.AsArray().Where(c => (string)c!["cell_type"]! == "code").Select(c => (string)c!["source"]!)) + "\nassert all(isinstance(r['id'], str) for r in RUNS)\n");
            Assert.StartsWith(RunsIn(notebook).AsArray().Count.ToString(System.Globalization.CultureInfo.InvariantCulture), await RunAsync(python, ["-I", file]), StringComparison.Ordinal);
        }
    }

    // The schema itself, as the nbformat package brings it: nothing of it is in this repository.
    [PythonFact(Nbformat)]
    public async Task The_schema_of_nbformat_accepts_it_and_nothing_less()
    {
        const string Check = """
            import json, os, sys, jsonschema, nbformat
            with open(os.path.join(os.path.dirname(nbformat.__file__), "v4", "nbformat.v4.5.schema.json"), encoding="utf-8") as file:
                schema = json.load(file)
            for name in sys.argv[1:]:
                with open(name, encoding="utf-8") as file:
                    faults = list(jsonschema.Draft4Validator(schema).iter_errors(json.load(file)))
                print(os.path.basename(name), len(faults), faults[0].message[:300] if faults else "")
            """;
        await using var hub = await TestHub.StartAsync();
        await ViewTests.FillAsync(hub, Run("a"), Run("b"), new RunWrite { Id = "c", WorkflowName = "bare" });
        using var client = await hub.KeyAsync();
        var names = new List<string>();
        foreach (var url in new[] { "/api/runs/a/notebook", "/api/runs/c/notebook", "/api/runs/export?format=ipynb&include=payloads,steps", "/api/runs/export?format=ipynb&workflow=nothing" })
        {
            names.Add($"{names.Count}.ipynb");
            await File.WriteAllTextAsync(Path.Combine(hub.Database.Folder, names[^1]), await client.GetStringAsync(url));
        }

        // One without a cell's id, so that it is seen that somebody looks.
        var broken = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(hub.Database.Folder, names[0])))!;
        broken["cells"]![0]!.AsObject().Remove("id");
        await File.WriteAllTextAsync(Path.Combine(hub.Database.Folder, "broken.ipynb"), broken.ToJsonString());
        var said = await RunAsync(PythonFactAttribute.With(Nbformat)!, ["-c", Check, .. names.Append("broken.ipynb").Select(n => Path.Combine(hub.Database.Folder, n))]);
        Assert.Equal([.. names.Select(n => n + " 0"), "broken.ipynb 1"], said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => string.Join(' ', l.Split(' ', 3)[..2])));
    }

    static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true, Environment = { ["PYTHONIOENCODING"] = "utf-8" } })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }

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

    /// <summary>Skipped, and says so, where no Python has these modules; the other tests check the rules by hand.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    sealed class PythonFactAttribute : FactAttribute
    {
        public PythonFactAttribute(string modules)
        {
            if (With(modules) is null) Skip = "No python3 here has " + modules + ".";
        }

        /// <summary>A Python that has them; null: none.</summary>
        public static string? With(string modules) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "python3")).Where(File.Exists).FirstOrDefault(python => Has(python, modules));

        static bool Has(string python, string modules)
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import " + modules]) { UseShellExecute = false, RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }

    static void AssertMembers(JsonNode of, params string[] names) => Assert.Equal(names, of.AsObject().Select(m => m.Key).Order(StringComparer.Ordinal));
}
