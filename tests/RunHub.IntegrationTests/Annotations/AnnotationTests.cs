using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunHub.Access;
using RunHub.Store;
using static RunHub.IntegrationTests.Api.JsonCalls;

namespace RunHub.IntegrationTests.Annotations;

/// <summary>Notes on runs, steps and parts of payloads, over the API.</summary>
public sealed class AnnotationTests
{
    [Theory, Engines]
    public async Task A_note_stands_on_the_run_a_step_or_a_part_of_a_payload_and_in_the_run_s_json(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Operator);
        await PostAsync(person, "/api/runs/r1/annotate", new { note = "On the run." });
        await PostAsync(person, "/api/runs/r1/annotate", new { note = "On the step.", step_id = "s1" });
        await PostAsync(person, "/api/runs/r1/annotate", new { note = "This total.", step_id = "s1", anchor = new { payload = "output", quote = "1732.55" } });
        await PostAsync(person, "/api/runs/r1/annotate", new { note = "That file.", anchor = new { payload = "inputs", path = "$.file" } });

        var notes = (await GetAsync(person, "/api/runs/r1/annotations")).GetProperty("annotations").EnumerateArray().ToList();
        Assert.Equal(["On the run.", "On the step.", "This total.", "That file."], notes.Select(n => n.GetProperty("note").GetString()));
        Assert.Equal([null, "s1", "s1", null], notes.Select(n => n.GetProperty("step_id").GetString()));
        Assert.Equal("found", notes[2].GetProperty("anchor_state").GetString());
        Assert.Equal("$", notes[2].GetProperty("anchor").GetProperty("path").GetString());
        Assert.Equal("invoice_98421.pdf", notes[3].GetProperty("anchor").GetProperty("quote").GetString());
        Assert.Equal("operator1@example.com", notes[0].GetProperty("author").GetString());

        var run = await GetAsync(person, "/api/runs/r1");
        var shown = run.GetProperty("annotations")[2];
        Assert.Equal("This total.", shown.GetProperty("note").GetString());
        Assert.Equal("s1", shown.GetProperty("step_id").GetString());
        Assert.Equal("1732.55", shown.GetProperty("anchor").GetProperty("quote").GetString());
        Assert.False(run.GetProperty("annotations")[0].TryGetProperty("anchor", out _));
        Assert.Equal(4, (await AuditAsync(hub, "run.annotated")).Count);
    }

    [Theory, Engines]
    public async Task A_quote_is_found_again_after_the_payload_changed_or_said_to_be_gone(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var key = await hub.KeyAsync();
        var id = await AddAsync(key, new { note = "Which?", step_id = "s1", anchor = new { payload = "output", quote = "1732.55" } });
        await PatchAsync(key, "/api/runs/r1", new { steps = new[] { new { id = "s1", output = new { currency = "USD", lines = new[] { 1, 2 }, total = 1732.55 } } } });
        Assert.Equal("moved", (await GetAsync(key, "/api/runs/r1/annotations/" + id)).GetProperty("anchor_state").GetString());
        await PatchAsync(key, "/api/runs/r1", new { steps = new[] { new { id = "s1", output = new { total = 9 } } } });
        Assert.Equal("gone", (await GetAsync(key, "/api/runs/r1/annotations/" + id)).GetProperty("anchor_state").GetString());
        using var person = await hub.SignInAsync();
        Assert.Contains("No longer there", await person.GetStringAsync("/runs/r1?tab=annotations"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Who_wrote_it_and_admins_change_it_and_what_it_said_before_is_kept(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var ana = await hub.SignInAsync(Role.Operator);
        using var tom = await hub.SignInAsync(Role.Operator);
        using var admin = await hub.SignInAsync(Role.Admin);
        using var viewer = await hub.SignInAsync(Role.Viewer);
        var id = await AddAsync(ana, new { note = "First." });
        var url = "/api/runs/r1/annotations/" + id;

        await RefusedAsync(tom, HttpMethod.Patch, url, new { note = "Mine now." }, HttpStatusCode.Forbidden, "Only who wrote it");
        await RefusedAsync(tom, HttpMethod.Delete, url, null, HttpStatusCode.Forbidden, "Only who wrote it");
        await RefusedAsync(viewer, HttpMethod.Patch, url, new { note = "Mine now." }, HttpStatusCode.Forbidden, "");
        Assert.Equal(1, (await PatchAsync(ana, url, new { note = "Second.", version = 0 })).GetProperty("version").GetInt64());
        await RefusedAsync(ana, HttpMethod.Patch, url, new { note = "Third.", version = 0 }, HttpStatusCode.Conflict, "version 1");
        await PatchAsync(admin, url, new { note = "Fourth." });

        var note = await GetAsync(viewer, url);
        Assert.Equal("Fourth.", note.GetProperty("note").GetString());
        Assert.Equal([("First.", "Second.", "operator1@example.com"), ("Second.", "Fourth.", "admin3@example.com")],
            note.GetProperty("history").EnumerateArray().Select(h => (h.GetProperty("from").GetString()!, h.GetProperty("to").GetString()!, h.GetProperty("by").GetString()!)));
        Assert.Contains("edited · history", await viewer.GetStringAsync("/runs/r1"), StringComparison.Ordinal);
        var history = await viewer.GetStringAsync($"/runs/r1/annotations/{id}/history");
        Assert.Contains("First.", history, StringComparison.Ordinal);

        using var deleted = await admin.DeleteAsync(url);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await RefusedAsync(admin, HttpMethod.Get, url, null, HttpStatusCode.NotFound, id);
        Assert.Empty((await GetAsync(viewer, "/api/runs/r1")).GetProperty("annotations").EnumerateArray());
        Assert.Contains("Fourth.", Assert.Single(await AuditAsync(hub, "annotation.deleted")), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Of_twenty_edits_at_once_with_one_version_one_is_taken_and_without_all_stand_in_the_history(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var key = await hub.KeyAsync();
        var id = await AddAsync(key, new { note = "First." });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => key.PatchAsJsonAsync("/api/runs/r1/annotations/" + id, new { note = "Same " + i, version = 0 })));
        Assert.Equal(1, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(19, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PatchAsync(key, "/api/runs/r1/annotations/" + id, new { note = "Free " + i })));
        var note = await GetAsync(key, "/api/runs/r1/annotations/" + id);
        var history = note.GetProperty("history").EnumerateArray().ToList();
        Assert.Equal(21, history.Count);
        Assert.Equal(note.GetProperty("note").GetString(), history[^1].GetProperty("to").GetString());
        for (var i = 1; i < history.Count; i++) Assert.Equal(history[i - 1].GetProperty("to").GetString(), history[i].GetProperty("from").GetString());
    }

    [Theory, Engines]
    public async Task What_cannot_be_noted_says_why_and_leaves_nothing(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        await PostAsync(other, "/api/runs", new { id = "theirs", workflow_name = "w", steps = new[] { new { id = "their-step", name = "n" } } });
        async Task Refused(object body, HttpStatusCode status, string says) => await RefusedAsync(key, "/api/runs/r1/annotate", body, status, says);

        await Refused(new { note = "" }, HttpStatusCode.BadRequest, "note");
        await Refused(new { note = new string('x', 10_001) }, HttpStatusCode.BadRequest, "10000");
        await Refused(new { note = new string('x', 1_000_000) }, HttpStatusCode.RequestEntityTooLarge, "too large");
        await Refused(new { note = "n", step_id = "their-step" }, HttpStatusCode.NotFound, "their-step");
        await Refused(new { note = "n", anchor = new { payload = "output", quote = "x" } }, HttpStatusCode.BadRequest, "$.anchor.payload");
        await Refused(new { note = "n", step_id = "s1", anchor = new { payload = "output", quote = "not in it" } }, HttpStatusCode.BadRequest, "not in the payload");
        await Refused(new { note = "n", step_id = "s1", anchor = new { payload = "output", start = 5, end = 999_999 } }, HttpStatusCode.BadRequest, "not in the payload");
        await Refused(new { note = "n", step_id = "s1", anchor = new { payload = "output", start = -1, end = 3 } }, HttpStatusCode.BadRequest, "$.anchor.start");
        await Refused(new { note = "n", step_id = "s1", anchor = new { payload = "output", path = "total[" } }, HttpStatusCode.BadRequest, "$.anchor.path");
        await Refused(new { note = "n", anchor = new { payload = "everything", quote = "x" } }, HttpStatusCode.BadRequest, "$.anchor.payload");
        await Refused(new { note = "n", anchor = new { payload = "inputs", quote = "x", colour = "red" } }, HttpStatusCode.BadRequest, "$.anchor");
        await RefusedAsync(other, "/api/runs/r1/annotate", new { note = "mine" }, HttpStatusCode.NotFound, "r1");
        await RefusedAsync(other, HttpMethod.Get, "/api/runs/r1/annotations", null, HttpStatusCode.NotFound, "r1");
        Assert.Empty((await GetAsync(key, "/api/runs/r1")).GetProperty("annotations").EnumerateArray());
        Assert.Empty(await AuditAsync(hub, "run.annotated"));
    }

    [Theory, Engines]
    public async Task Whatever_text_is_noted_is_text_on_the_page(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Operator);
        await PostAsync(person, "/api/runs/r1/annotate", new { note = "<script>alert(1)</script> \u202Egnp.exe see https://example.com/a?b=<c>&d=(e). javascript:alert(2) NUL\u0000" });
        foreach (var page in new[] { "/runs/r1", "/runs/r1?tab=annotations" })
        {
            var html = await person.GetStringAsync(page);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
            Assert.Contains("<a href=\"https://example.com/a?b=\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">", html, StringComparison.Ordinal);
            Assert.DoesNotContain("href=\"javascript", html, StringComparison.Ordinal);
            Assert.Contains("NUL\uFFFD", html, StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task Reported_notes_stay_and_one_that_was_deleted_does_not_come_back(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var key = await hub.KeyAsync();
        var report = new { id = "r1", annotations = new[] { new { author = "ops@acme", note = "Valid totals.", at = "2026-10-28T10:16:21Z", step_id = "s1", anchor = new { payload = "output", quote = "USD" } } } };
        await PostAsync(key, "/api/runs", report);
        await PostAsync(key, "/api/runs", report);
        var note = Assert.Single((await GetAsync(key, "/api/runs/r1/annotations")).GetProperty("annotations").EnumerateArray());
        Assert.Equal("found", note.GetProperty("anchor_state").GetString());
        using var oper = await hub.SignInAsync(Role.Operator);
        await RefusedAsync(oper, HttpMethod.Delete, "/api/runs/r1/annotations/" + note.GetProperty("id").GetString(), null, HttpStatusCode.Forbidden, "Only");
        (await key.DeleteAsync("/api/runs/r1/annotations/" + note.GetProperty("id").GetString())).EnsureSuccessStatusCode();
        await PostAsync(key, "/api/runs", report);
        Assert.Empty((await GetAsync(key, "/api/runs/r1")).GetProperty("annotations").EnumerateArray());
        await RefusedAsync(key, "/api/runs", new { id = "r2", workflow_name = "w", annotations = new[] { new { note = "n", anchor = new { payload = "nothing", quote = "x" } } } }, HttpStatusCode.BadRequest, "$.annotations[0].anchor.payload");
    }

    [Theory, Engines]
    public async Task Live_pages_are_told_and_a_deleted_run_leaves_no_text_of_its_notes(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var key = await hub.KeyAsync();
        var id = await AddAsync(key, new { note = "secret words" });
        await PatchAsync(key, "/api/runs/r1/annotations/" + id, new { note = "other words" });
        await using (var sql = await hub.Get<Database>().ReadAsync(default))
        {
            var events = await sql.Prepare("SELECT data FROM events ORDER BY seq").ListAsync(r => r.GetString(0), default);
            Assert.Contains("Pannotations\t" + id, events[^1], StringComparison.Ordinal);
            Assert.Equal(3, events.Count);
        }

        (await key.DeleteAsync("/api/runs/r1")).EnsureSuccessStatusCode();
        await using var after = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(0, await after.Prepare("SELECT count(*) FROM audit WHERE detail LIKE '%words%'").ScalarAsync<long>(default));
        Assert.Equal(1, await after.Prepare("SELECT count(*) FROM audit WHERE action = 'annotation.edited'").ScalarAsync<long>(default));
    }

    [Theory, Engines]
    public async Task A_run_has_so_many_notes_and_no_more_however_often_they_are_sent(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var key = await hub.KeyAsync();
        var notes = Enumerable.Range(0, Limits.Annotations).Select(i => new { author = "ops", note = "n" + i, at = "2026-10-28T10:16:21Z" }).ToList();
        await PostAsync(key, "/api/runs", new { id = "r1", annotations = notes });
        await PostAsync(key, "/api/runs", new { id = "r1", annotations = notes });
        await RefusedAsync(key, "/api/runs", new { id = "r1", owner = "ann", annotations = new[] { new { note = "one more" } } }, HttpStatusCode.UnprocessableEntity, "at most 2000 annotations");
        await RefusedAsync(key, "/api/runs/r1/annotate", new { note = "one more" }, HttpStatusCode.UnprocessableEntity, "at most 2000 annotations");
        var run = await GetAsync(key, "/api/runs/r1");
        Assert.Equal(Limits.Annotations, run.GetProperty("annotations").GetArrayLength());
        Assert.False(run.TryGetProperty("owner", out _));
    }

    [Theory, Engines]
    public async Task A_run_of_the_same_name_does_not_take_over_what_was_said_on_one_that_was_deleted(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var key = await hub.KeyAsync();
        var report = new { id = "r1", workflow_name = "w", annotations = new[] { new { author = "ops", note = "first words", at = "2026-10-28T10:16:21Z" } } };
        await PostAsync(key, "/api/runs", report);
        var id = Assert.Single((await GetAsync(key, "/api/runs/r1/annotations")).GetProperty("annotations").EnumerateArray()).GetProperty("id").GetString();
        await PatchAsync(key, "/api/runs/r1/annotations/" + id, new { note = "second words" });
        (await key.DeleteAsync("/api/runs/r1")).EnsureSuccessStatusCode();
        await PostAsync(key, "/api/runs", report);
        Assert.Empty((await GetAsync(key, "/api/runs/r1/annotations/" + id)).GetProperty("history").EnumerateArray());
        using var viewer = await hub.SignInAsync();
        Assert.Contains("first words", await viewer.GetStringAsync($"/runs/r1/annotations/{id}/history"), StringComparison.Ordinal);
    }

    internal static async Task<string> AddAsync(HttpClient client, object note) => (await PostAsync(client, "/api/runs/r1/annotate", note)).GetProperty("annotation_id").GetString()!;

    internal static async Task<TestHub> StartAsync(string engine)
    {
        var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await PostAsync(key, "/api/runs", new
        {
            id = "r1", workflow_name = "invoice", inputs_summary = new { file = "invoice_98421.pdf", pages = 2 },
            steps = new[] { new { id = "s1", name = "extract", output = new { total = 1732.55, currency = "USD" } } },
        });
        return hub;
    }

    static async Task<List<string>> AuditAsync(TestHub hub, string action)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare("SELECT detail FROM audit WHERE action = @action ORDER BY seq").With(action).ListAsync(r => r.GetString(0), default);
    }
}
