using RunHub.Http;
using RunHub.Plugins;
using RunHub.Store;

namespace RunHub.IntegrationTests.Plugins;

public sealed class ContainmentTests
{
    static readonly Dictionary<string, string?> Quick = new() { ["Plugins:CallTimeoutMs"] = "150", ["Plugins:MaxCalls"] = "4" };

    [Fact]
    public async Task Hands_a_refusal_to_the_sender_with_path_and_reason()
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync();
        var refusal = await Assert.ThrowsAsync<ProblemException>(() => MapAsync(hub, "invoice", "{}"));
        Assert.Equal((422, new Fault("$.number", "An invoice has a number.")), (refusal.Status, Assert.Single(refusal.Faults)));
        Assert.Empty(Report(hub, "good").Errors);
    }

    [Theory]
    [InlineData("\"boom\"", "FormatException: This document makes it throw.")]
    [InlineData("\"null\"", "Map answered no runs.")]
    [InlineData("\"other type\"", "Map answered a run of the type precrafter")]
    [InlineData("\"bad json\"", "Json")]
    [InlineData("\"odd status\"", "RunStatus 99")]
    [InlineData("\"odd type\"", "StepType 99")]
    [InlineData("\"bad attributes\"", "Json")]
    [InlineData("\"bad piece\"", "Json")]
    [InlineData("\"bad anchor\"", "Json")]
    [InlineData("\"no note\"", "a note that is null")]
    [InlineData("\"no tag\"", "a tag that is null")]
    [InlineData("\"no text\"", "a log line, its level or its text that is null")]
    [InlineData("\"bad line\"", "Json")]
    public async Task Answers_for_a_plugin_that_throws_or_answers_nonsense(string document, string error)
    {
        using var folder = new PluginFolder("ThrowsInMap");
        await using var hub = await folder.StartAsync();
        var problem = await Assert.ThrowsAsync<ProblemException>(() => MapAsync(hub, "throws", document));
        Assert.Equal(422, problem.Status);
        var recorded = Assert.Single(Report(hub, "throws-in-map").Errors);
        Assert.Equal("Map", recorded.During);
        Assert.Contains(error, recorded.Message, StringComparison.Ordinal);
        Assert.Equal("thrown", Assert.Single((await MapAsync(hub, "throws", "\"good\"")).Runs).Id);
    }

    [Fact]
    public async Task Figures_of_a_plugin_that_do_not_fit_are_refused_with_their_place()
    {
        using var folder = new PluginFolder("ThrowsInMap");
        await using var hub = await folder.StartAsync();
        using var client = await hub.KeyAsync();
        using var answer = await client.PostAsync("/api/ingest/throws", new StringContent("\"too much\"", System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(422, (int)answer.StatusCode);
        Assert.Contains("$.steps[0].subtree_usage", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Falls_back_to_the_usual_layout_and_document()
    {
        using var folder = new PluginFolder("ThrowsInMap");
        await using var hub = await folder.StartAsync();
        var type = hub.Get<WorkflowTypes>().Find("throws")!;
        Assert.Equal([null, null], await type.PresentAsync([new StoredStep(new StepWrite()), new StoredStep(new StepWrite())], default));
        Assert.Null(await type.MapBackAsync(new StoredRun(new RunWrite(), []), default));
        Assert.Equal(["MapBack", "Present"], Report(hub, "throws-in-map").Errors.Select(e => e.During));
    }

    [Fact]
    public async Task Disables_a_plugin_that_only_throws()
    {
        using var folder = new PluginFolder("ThrowsInMap");
        await using var hub = await folder.StartAsync(settings: new() { ["Plugins:MaxThrows"] = "3" });
        for (var i = 0; i < 2; i++) await Assert.ThrowsAsync<ProblemException>(() => MapAsync(hub, "throws", "\"boom\""));
        await MapAsync(hub, "throws", "\"good\"");
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<ProblemException>(() => MapAsync(hub, "throws", "\"boom\""));
        Assert.Equal(PluginState.Disabled, Report(hub, "throws-in-map").State);
        Assert.Contains("Map threw 3 times in a row", Report(hub, "throws-in-map").Reason, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Disables_a_plugin_that_hangs_until_an_admin_enables_it(string engine)
    {
        using var folder = new PluginFolder("HangsInMap", "Good");
        await using var database = await TestDatabase.CreateAsync(engine);
        await using (var hub = await folder.StartAsync(engine, database, settings: Quick))
        {
            for (var i = 0; i < 3; i++) Assert.Equal(504, (await Assert.ThrowsAsync<ProblemException>(() => MapAsync(hub, "hangs", "1"))).Status);
            Assert.Null(hub.Get<WorkflowTypes>().Find("hangs"));
            Assert.Equal(PluginState.Disabled, Report(hub, "hangs-in-map").State);
            await Eventually.TrueAsync(async () => await CountAsync(hub, "SELECT count(*) FROM plugin_states WHERE enabled = 0") == 1);
            Assert.Equal(1, await CountAsync(hub, "SELECT count(*) FROM audit WHERE action = 'plugin.disabled' AND actor_kind = 'system'"));
            Assert.Equal("R-1", (await MapAsync(hub, "invoice", """{"number":"R-1","lines":[]}""")).Runs[0].Id);
        }

        await using (var again = await folder.StartAsync(engine, database, settings: Quick))
        {
            var report = Report(again, "hangs-in-map");
            Assert.Equal(PluginState.Disabled, report.State);
            Assert.Contains("3 times", report.Reason, StringComparison.Ordinal);
            await again.Get<PluginHost>().EnableAsync(PluginFolder.Admin, "hangs-in-map", default);
            Assert.Equal(PluginState.Loaded, Report(again, "hangs-in-map").State);
            Assert.Equal("answered", (await MapAsync(again, "hangs", "\"answer\"")).Runs[0].Id);
            await again.Get<PluginHost>().DisableAsync(PluginFolder.Admin, "hangs-in-map", default);
            Assert.Null(again.Get<WorkflowTypes>().Find("hangs"));
            Assert.Equal(2, await CountAsync(again, "SELECT count(*) FROM audit WHERE actor_kind = 'user' AND action LIKE 'plugin.%'"));
        }
    }

    [Fact]
    public async Task Never_lets_hanging_calls_take_more_than_their_threads()
    {
        using var folder = new PluginFolder("HangsInMap");
        await using var hub = await folder.StartAsync(settings: new(Quick) { ["Plugins:MaxHangs"] = "1000" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await Assert.ThrowsAsync<ProblemException>(() => MapAsync(hub, "hangs", "1"))).Status));
        Assert.Equal(4, answers.Count(a => a == 504));
        Assert.Equal(16, answers.Count(a => a == 503));
    }

    static Task<RunBatch> MapAsync(TestHub hub, string type, string json) =>
        hub.Get<WorkflowTypes>().Find(type)!.MapAsync(new PayloadDocument(type, JsonPayload.Parse(json), DateTimeOffset.UnixEpoch), default);

    static PluginReport Report(TestHub hub, string id) => hub.Get<PluginHost>().Reports.Single(r => r.Id == id);

    static async Task<long> CountAsync(TestHub hub, string sql)
    {
        await using var session = await hub.Get<Database>().ReadAsync(default);
        return await session.Prepare(sql).ScalarAsync<long>(default);
    }
}
