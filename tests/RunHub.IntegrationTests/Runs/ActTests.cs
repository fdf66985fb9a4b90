using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Store;
using static RunHub.IntegrationTests.Api.JsonCalls;

namespace RunHub.IntegrationTests.Runs;

/// <summary>What operators do to one run.</summary>
public sealed class ActTests
{
    [Theory, Engines]
    public async Task Tags_are_added_and_removed_and_the_list_finds_them(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await PostAsync(key, "/api/runs", new { id = "r1", workflow_name = "invoice", tags = new[] { "nightly", "prod" } });

        Assert.True((await PostAsync(key, "/api/runs/r1/tags", new { add = new[] { "seen", "prod" }, remove = new[] { "nightly", "never" } })).GetProperty("changed").GetBoolean());
        var run = await key.GetFromJsonAsync<JsonElement>("/api/runs/r1");
        Assert.Equal(["prod", "seen"], run.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(1, (await key.GetFromJsonAsync<JsonElement>("/api/runs?tag=seen")).GetProperty("runs").GetArrayLength());
        Assert.Equal(0, (await key.GetFromJsonAsync<JsonElement>("/api/runs?tag=nightly")).GetProperty("runs").GetArrayLength());
        Assert.False((await PostAsync(key, "/api/runs/r1/tags", new { add = new[] { "seen" } })).GetProperty("changed").GetBoolean());
        Assert.Equal(["run.tagged"], await ActionsAsync(hub, "r1"));
    }

    [Theory, Engines]
    public async Task A_run_is_assigned_resolved_reopened_and_annotated(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var reporter = await hub.KeyAsync();
        using var person = await hub.SignInAsync(Role.Operator);
        await PostAsync(reporter, "/api/runs", new { id = "r1", workflow_name = "invoice", status = "failed" });

        await PostAsync(person, "/api/runs/r1/assign", new { owner = "ana@acme.example" });
        await PostAsync(person, "/api/runs/r1/resolve", new { reason = "fixed", note = "Größe geprüft" });
        await PostAsync(person, "/api/runs/r1/annotate", new { note = "Known issue." });
        var run = await reporter.GetFromJsonAsync<JsonElement>("/api/runs/r1");
        Assert.Equal("ana@acme.example", run.GetProperty("owner").GetString());
        Assert.Equal("fixed", run.GetProperty("resolved").GetProperty("reason").GetString());
        Assert.Equal("Größe geprüft", run.GetProperty("resolved").GetProperty("note").GetString());
        Assert.Equal("operator1@example.com", run.GetProperty("resolved").GetProperty("by").GetString());
        Assert.Equal("Known issue.", run.GetProperty("annotations")[0].GetProperty("note").GetString());
        Assert.Equal("operator1@example.com", run.GetProperty("annotations")[0].GetProperty("author").GetString());

        await PostAsync(person, "/api/runs/r1/reopen", null);
        await PostAsync(person, "/api/runs/r1/assign", new { owner = (string?)null });
        run = await reporter.GetFromJsonAsync<JsonElement>("/api/runs/r1");
        Assert.False(run.TryGetProperty("resolved", out _));
        Assert.False(run.TryGetProperty("owner", out _));
        Assert.Equal(["run.assigned", "run.resolved", "run.annotated", "run.reopened", "run.assigned"], await ActionsAsync(hub, "r1"));
    }

    [Theory, Engines]
    public async Task The_undo_of_an_act_gives_back_what_was_there(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await PostAsync(key, "/api/runs", new { id = "r1", workflow_name = "invoice", tags = new[] { "a", "b" }, owner = "tom", resolved = new { reason = "known" } });
        var before = Stable(await key.GetFromJsonAsync<JsonElement>("/api/runs/r1"));
        var caller = new Caller(CallerKind.User, 1, "ana", await hub.TenantAsync(), Role.Operator, KeyScopes.None, false);
        RunAct[] acts = [new TagRun(["b", "c"], ["a", "x"]), new AssignRun("ana"), new AssignRun(null), new ResolveRun("fixed", null), new ReopenRun()];
        foreach (var act in acts)
        {
            var outcome = await hub.Get<ActOnRuns>().HandleAsync(caller, act, "r1", default);
            Assert.True(outcome.Changed);
            Assert.NotEqual(before, Stable(await key.GetFromJsonAsync<JsonElement>("/api/runs/r1")));
            // An undo is kept as JSON with a bulk action.
            var undo = JsonSerializer.Deserialize<RunAct>(JsonSerializer.Serialize(outcome.Undo))!;
            await hub.Get<ActOnRuns>().HandleAsync(caller, undo, "r1", default);
            Assert.Equal(before, Stable(await key.GetFromJsonAsync<JsonElement>("/api/runs/r1")));
        }
    }

    [Theory, Engines]
    public async Task What_cannot_be_done_says_why_and_leaves_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        await PostAsync(key, "/api/runs", new { id = "r1", workflow_name = "invoice" });
        await PostAsync(key, "/api/runs/r1/tags", new { add = Enumerable.Range(0, 64).Select(i => "t" + i) });

        await RefusedAsync(key, "/api/runs/r1/tags", new { add = new[] { "one more" } }, HttpStatusCode.BadRequest, "64 tags");
        await RefusedAsync(key, "/api/runs/r1/tags", new { add = new[] { "a\u0001" } }, HttpStatusCode.BadRequest, "$.tags[0]");
        await RefusedAsync(key, "/api/runs/r1/tags", new { }, HttpStatusCode.BadRequest, "add");
        await RefusedAsync(key, "/api/runs/r1/assign", new { }, HttpStatusCode.BadRequest, "owner");
        await RefusedAsync(key, "/api/runs/r1/resolve", new { reason = " " }, HttpStatusCode.BadRequest, "$.reason");
        await RefusedAsync(key, "/api/runs/r1/annotate", new { note = "" }, HttpStatusCode.BadRequest, "note");
        await RefusedAsync(key, "/api/runs/none/reopen", null, HttpStatusCode.NotFound, "none");
        await RefusedAsync(other, "/api/runs/r1/annotate", new { note = "mine now" }, HttpStatusCode.NotFound, "r1");
        Assert.Equal(["run.tagged"], await ActionsAsync(hub, "r1"));
        Assert.Equal(0, (await key.GetFromJsonAsync<JsonElement>("/api/runs/r1")).GetProperty("annotations").GetArrayLength());
    }

    [Theory, Engines]
    public async Task A_note_sent_twice_with_one_key_is_one_note(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await PostAsync(key, "/api/runs", new { id = "r1", workflow_name = "invoice" });
        key.DefaultRequestHeaders.Add("Idempotency-Key", "note-1");
        for (var i = 0; i < 2; i++) await PostAsync(key, "/api/runs/r1/annotate", new { note = "Once." });
        Assert.Equal(1, (await key.GetFromJsonAsync<JsonElement>("/api/runs/r1")).GetProperty("annotations").GetArrayLength());
        Assert.Equal(["run.annotated"], await ActionsAsync(hub, "r1"));
    }

    [Theory, Engines]
    public async Task Twenty_people_who_tag_one_run_at_once_lose_no_tag(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await PostAsync(key, "/api/runs", new { id = "r1", workflow_name = "invoice", tags = new[] { "first" } });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PostAsync(key, "/api/runs/r1/tags", new { add = new[] { "t" + i } })));
        var tags = (await key.GetFromJsonAsync<JsonElement>("/api/runs/r1")).GetProperty("tags").EnumerateArray().Select(t => t.GetString()!);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => "t" + i).Append("first").Order(StringComparer.Ordinal), tags.Order(StringComparer.Ordinal));
        Assert.Equal(20, (await ActionsAsync(hub, "r1")).Count);
        for (var i = 0; i < 20; i++) Assert.Equal(1, (await key.GetFromJsonAsync<JsonElement>("/api/runs?tag=t" + i)).GetProperty("runs").GetArrayLength());
    }

    static string Stable(JsonElement run) => string.Join('\n',
        [.. new[] { "owner", "resolved", "status" }.Select(n => run.TryGetProperty(n, out var value) ? value.GetRawText() : "-"), .. run.GetProperty("tags").EnumerateArray().Select(t => t.GetString()).Order(StringComparer.Ordinal)]);

    static async Task<List<string>> ActionsAsync(TestHub hub, string id)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare("SELECT action FROM audit WHERE target_type = 'run' AND target = @target ORDER BY seq").With(id).ListAsync(r => r.GetString(0), default);
    }
}
