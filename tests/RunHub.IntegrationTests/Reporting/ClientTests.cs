using System.Diagnostics;
using System.Text.Json;
using RunHub.Access;
using RunHub.Client;

namespace RunHub.IntegrationTests.Reporting;

public sealed class ClientTests
{
    [Theory, Engines]
    public async Task A_run_is_stored_as_it_was_reported(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await using var client = new RunHubClient(new RunHubClientOptions { Url = hub.Address.ToString(), ApiKey = await hub.KeyTextAsync(KeyScopes.Ingest | KeyScopes.Read), Environment = "stage" });
        string id;
        await using (var run = client.StartRun("invoice", new RunStart { Version = "2", Tags = ["a"], LeadId = "l1", Trigger = RunTrigger.Schedule, Input = new { Pages = 2 } }))
        {
            id = run.Id;
            await client.FlushAsync();
            Assert.Equal("running", (await client.GetRunAsync(id))!.Value.GetProperty("status").GetString());
            await using (var outer = run.StartStep("extract", new StepStart { Kind = StepKind.Tool, Tool = "ocr" }))
            {
                await using var call = outer.StartStep("chat", new StepStart { Kind = StepKind.Model, Model = "gpt-4o", Parameters = new { temperature = 0 }, Input = "text" });
                call.SetTokens(100, 20);
                call.SetCost(0.25m);
                call.SetValidation(false, 0.4, "no total");
                call.Fail(new InvalidDataException("unreadable"), ErrorKind.ValidationFailed);
            }

            run.Annotate("look at this", "ops");
            run.SetField("effectiveness.accuracy", 0.5);
            run.Fail("gave up", "E7", ErrorKind.Bug);
        }

        await client.FlushAsync();
        var stored = (await client.GetRunAsync(id))!.Value;
        Assert.Equal(("failed", "stage", "2", "schedule", "l1"), (Text("status"), Text("environment"), Text("workflow_version"), Text("trigger"), Text("lead_id")));
        Assert.Equal(2, stored.GetProperty("inputs_summary").GetProperty("pages").GetInt32());
        Assert.Equal(("gave up", "E7"), (stored.GetProperty("diagnostics").GetProperty("error_message").GetString(), stored.GetProperty("diagnostics").GetProperty("error_code").GetString()));
        Assert.Equal((120, 0.25m), (stored.GetProperty("total_tokens").GetInt32(), stored.GetProperty("cost_usd").GetDecimal()));
        Assert.Equal("ops", stored.GetProperty("annotations")[0].GetProperty("author").GetString());
        var steps = new List<JsonElement>();
        await foreach (var step in client.GetStepsAsync(id)) steps.Add(step);
        Assert.Equal(["extract", "chat"], steps.Select(s => s.GetProperty("name").GetString()!));
        Assert.Equal(("completed", "failed"), (steps[0].GetProperty("status").GetString(), steps[1].GetProperty("status").GetString()));
        Assert.Equal(steps[0].GetProperty("id").GetString(), steps[1].GetProperty("parent_step_id").GetString());
        Assert.Equal("no total", steps[1].GetProperty("validation").GetProperty("reasons")[0].GetString());
        Assert.Null(await client.GetRunAsync("nobody"));

        string? Text(string name) => stored.GetProperty(name).GetString();
    }

    [Theory, Engines]
    public async Task A_run_the_hub_refuses_is_told_with_where_and_why(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var rejected = new List<RejectedRun>();
        await using var client = new RunHubClient(new RunHubClientOptions { Url = hub.Address.ToString(), ApiKey = await hub.KeyTextAsync(), OnRejected = rejected.Add });
        await using (var bad = client.StartRun("flow", new RunStart { Id = "bad" })) bad.SetField("hitl", "perhaps");
        await using (client.StartRun("flow", new RunStart { Id = "good" })) { }
        await client.FlushAsync();
        var run = Assert.Single(rejected);
        Assert.Equal(("bad", 400, "$.hitl"), (run.RunId, run.Status, run.Path));
        Assert.NotNull(await client.GetRunAsync("good"));
        Assert.Null(await client.GetRunAsync("bad"));

        var refusal = await Assert.ThrowsAsync<RunHubException>(async () =>
        {
            await foreach (var _ in client.ListRunsAsync("statis=failed")) Assert.Fail("It is no filter.");
        });
        Assert.Equal(400, refusal.Status);
        Assert.Contains("status", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_program_reports_to_a_real_hub()
    {
        await using var hub = await TestHub.StartAsync();
        var key = await hub.KeyTextAsync();
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "InvoiceAgent.dll")]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RUNHUB_URL"] = hub.Address.ToString().TrimEnd('/');
        start.Environment["RUNHUB_KEY"] = key;
        using var process = Process.Start(start)!;
        var (output, errors) = (await process.StandardOutput.ReadToEndAsync(), await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + errors);
        Assert.Empty(errors);
        Assert.Contains("INV-1001: 1732.55 USD", output, StringComparison.Ordinal);
        await using var client = new RunHubClient(new RunHubClientOptions { Url = hub.Address.ToString(), ApiKey = key });
        var runs = new List<JsonElement>();
        await foreach (var run in client.ListRunsAsync("tag=sample&env=dev")) runs.Add(run);
        Assert.Equal(["completed", "completed", "failed"], runs.Select(r => r.GetProperty("status").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(5, runs.Max(r => r.GetProperty("step_count").GetInt32()) + 1);
    }
}
