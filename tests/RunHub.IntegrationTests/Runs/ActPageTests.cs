using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using RunHub.Access;

namespace RunHub.IntegrationTests.Runs;

/// <summary>The buttons in a run's head.</summary>
public sealed partial class ActPageTests
{
    [Theory, Engines]
    public async Task An_operator_acts_without_script_and_comes_back_to_the_run(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Operator);
        foreach (var (kind, fields) in new (string, Dictionary<string, string>)[]
        {
            ("tag", new(StringComparer.Ordinal) { ["add"] = "seen, <b>" }), ("assign", new(StringComparer.Ordinal) { ["to"] = "me" }),
            ("resolve", new(StringComparer.Ordinal) { ["reason"] = "fixed", ["note"] = "<i>really</i>" }), ("annotate", new(StringComparer.Ordinal) { ["note"] = "Known issue." }),
        })
        {
            using var answer = await TestHub.PostFormAsync(person, "/runs/r1/act?kind=" + kind, fields, "/runs/r1/act?handler=" + kind);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            Assert.Equal("/runs/r1", answer.Headers.Location!.ToString());
        }

        var run = await person.GetFromJsonAsync<JsonElement>("/api/runs/r1");
        Assert.Equal(["nightly", "seen", "<b>"], run.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal("operator1@example.com", run.GetProperty("owner").GetString());
        Assert.Equal("fixed", run.GetProperty("resolved").GetProperty("reason").GetString());
        var page = await person.GetStringAsync("/runs/r1");
        Assert.Contains("act-reopen", page, StringComparison.Ordinal);
        Assert.Contains("&lt;i&gt;really", page, StringComparison.Ordinal);
        Assert.DoesNotContain("__RequestVerificationToken", page, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_swap_brings_what_changed_and_a_way_back_that_only_the_hub_can_make(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Operator);
        person.DefaultRequestHeaders.Add("HX-Request", "true");
        using var answer = await TestHub.PostFormAsync(person, "/runs/r1/act?kind=resolve", new(StringComparer.Ordinal) { ["reason"] = "fixed" }, "/runs/r1/act?handler=resolve");
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("id=\"run-meta\" hx-swap-oob=\"true\"", html, StringComparison.Ordinal);
        var undo = UndoField().Match(html).Groups["undo"].Value;

        using var forged = await TestHub.PostFormAsync(person, "/runs/r1/act", new(StringComparer.Ordinal) { ["undo"] = """{"kind":"restore_resolution","Json":"{\"by\":\"ceo\"}"}""" }, "/runs/r1/act?handler=undo");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, forged.StatusCode);
        using var another = await TestHub.PostFormAsync(person, "/runs/r2/act", new(StringComparer.Ordinal) { ["undo"] = undo }, "/runs/r2/act?handler=undo");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, another.StatusCode);
        using var undone = await TestHub.PostFormAsync(person, "/runs/r1/act", new(StringComparer.Ordinal) { ["undo"] = undo }, "/runs/r1/act?handler=undo");
        Assert.Equal(HttpStatusCode.OK, undone.StatusCode);
        Assert.False((await person.GetFromJsonAsync<JsonElement>("/api/runs/r1")).TryGetProperty("resolved", out _));
    }

    [Theory, Engines]
    public async Task What_cannot_be_done_is_said_in_the_form_and_keeps_what_was_typed(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Operator);
        using var answer = await TestHub.PostFormAsync(person, "/runs/r1/act?kind=resolve", new(StringComparer.Ordinal) { ["reason"] = " ", ["note"] = "typed \"text\"" }, "/runs/r1/act?handler=resolve");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var html = await answer.Content.ReadAsStringAsync();
        Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
        Assert.Contains("typed &quot;text&quot;", html, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Viewers_other_tenants_and_forms_without_a_token_change_nothing(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var viewer = await hub.SignInAsync(Role.Viewer);
        Assert.DoesNotContain("run-acts", await viewer.GetStringAsync("/runs/r1"), StringComparison.Ordinal);
        Assert.DoesNotContain("run-acts", await viewer.GetStringAsync("/runs/r1/panel"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("/runs/r1/act?kind=tag")).StatusCode);

        using var stranger = await hub.SignInAsync(Role.Operator, "other");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync("/runs/r1/act?kind=tag")).StatusCode);
        using var own = await hub.KeyAsync(tenant: "other");
        (await own.PostAsJsonAsync("/api/runs", new { id = "mine", workflow_name = "invoice" })).EnsureSuccessStatusCode();
        using var foreign = await TestHub.PostFormAsync(stranger, "/runs/mine/act", new(StringComparer.Ordinal) { ["add"] = "theirs" }, "/runs/r1/act?handler=tag");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);

        using var person = await hub.SignInAsync(Role.Operator);
        using var bare = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["add"] = "no token" });
        person.DefaultRequestHeaders.Remove("X-CSRF-Token");
        Assert.Equal(HttpStatusCode.BadRequest, (await person.PostAsync("/runs/r1/act?handler=tag", bare)).StatusCode);
        Assert.Equal(["nightly"], (await person.GetFromJsonAsync<JsonElement>("/api/runs/r1")).GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
    }

    [Theory, Engines]
    public async Task A_long_selection_is_posted_to_the_bulk_form_and_nothing_starts_yet(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Operator);
        var ids = string.Join("\r\n", Enumerable.Range(0, 3000).Select(i => "none-" + i).Append("r1").Append("r2"));
        using var shown = await TestHub.PostFormAsync(person, "/bulk/new", new(StringComparer.Ordinal) { ["ids"] = ids, ["kind"] = "resolve" }, "/bulk/new?handler=show");
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
        Assert.Matches("value=\"resolve\"[^>]*checked", await shown.Content.ReadAsStringAsync());
        Assert.Equal(0, (await person.GetFromJsonAsync<JsonElement>("/api/bulk-actions")).GetProperty("bulk_actions").GetArrayLength());

        using var started = await TestHub.PostFormAsync(person, "/bulk/new", new(StringComparer.Ordinal) { ["ids"] = "r1\nr2", ["kind"] = "tag", ["add"] = "both" });
        Assert.Equal(HttpStatusCode.Redirect, started.StatusCode);
        using var bare = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["ids"] = "r1" });
        person.DefaultRequestHeaders.Remove("X-CSRF-Token");
        Assert.Equal(HttpStatusCode.BadRequest, (await person.PostAsync("/bulk/new?handler=show", bare)).StatusCode);
        using var viewer = await hub.SignInAsync(Role.Viewer);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("/bulk/new?part=token")).StatusCode);
        Assert.DoesNotContain("class=\"pick\"", await viewer.GetStringAsync("/runs"), StringComparison.Ordinal);
        Assert.Contains("class=\"pick\"", await person.GetStringAsync("/runs"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_bulk_form_says_what_will_happen_and_deletes_only_who_types_how_many(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Admin);
        var form = await ViewTests.ParseAsync(await person.GetStringAsync("/bulk/new?filter=status%3Dfailed&kind=delete"));
        Assert.Equal("Deletes 2 runs for ever, with their steps, logs, payloads and files.", form.QuerySelector(".bulk-will[data-kind=delete]")!.TextContent);
        Assert.Equal("Marks 2 runs as resolved.", form.QuerySelector(".bulk-will[data-kind=resolve]")!.TextContent);
        Assert.Equal("Delete 2 runs", form.QuerySelector(".btn-danger[data-kind=delete]")!.TextContent.Trim());
        foreach (var typed in new[] { "", "3", "yes" })
        {
            using var refused = await TestHub.PostFormAsync(person, "/bulk/new", new(StringComparer.Ordinal) { ["filter"] = "status=failed", ["kind"] = "delete", ["confirm"] = typed });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains("type 2, the number of runs", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, (await person.GetFromJsonAsync<JsonElement>("/api/bulk-actions")).GetProperty("bulk_actions").GetArrayLength());
        using var started = await TestHub.PostFormAsync(person, "/bulk/new", new(StringComparer.Ordinal) { ["filter"] = "status=failed", ["kind"] = "delete", ["confirm"] = "2" });
        Assert.Equal(HttpStatusCode.Redirect, started.StatusCode);
    }

    [Theory, Engines]
    public async Task Whoever_follows_a_bulk_action_hears_that_it_goes_on_after_a_pause(string engine)
    {
        await using var hub = await StartAsync(engine);
        using var person = await hub.SignInAsync(Role.Operator);
        var bulk = await (await person.PostAsJsonAsync("/api/bulk-actions", new { action = new { kind = "tag", add = new[] { "x" } }, filter = "status=failed", pause_after = 1 })).Content.ReadFromJsonAsync<JsonElement>();
        var id = bulk.GetProperty("id").GetString();
        await Eventually.TrueAsync(async () => (await person.GetFromJsonAsync<JsonElement>("/api/bulk-actions/" + id)).GetProperty("state").GetString() == "paused");
        Assert.Contains($"data-bulk=\"{id}\"", await person.GetStringAsync("/bulk/" + id), StringComparison.Ordinal);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var reader = new StreamReader(await person.GetStreamAsync($"/api/bulk-actions/{id}/stream", patience.Token));
        await ReadUntilAsync("\"state\":\"paused\"");
        using var resumed = await person.PostAsync($"/api/bulk-actions/{id}/resume", null);
        Assert.True(resumed.IsSuccessStatusCode);
        await ReadUntilAsync("\"state\":\"completed\"");
        Assert.Equal("", (await reader.ReadToEndAsync(patience.Token)).Trim());

        async Task ReadUntilAsync(string text)
        {
            while (await reader.ReadLineAsync(patience.Token) is { } line) if (line.Contains(text, StringComparison.Ordinal)) return;
            Assert.Fail("The stream ended before " + text);
        }
    }

    static async Task<TestHub> StartAsync(string engine)
    {
        var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        foreach (var id in new[] { "r1", "r2" }) (await key.PostAsJsonAsync("/api/runs", new { id, workflow_name = "invoice", status = "failed", tags = new[] { "nightly" } })).EnsureSuccessStatusCode();
        return hub;
    }

    [GeneratedRegex("name=\"undo\" value=\"(?<undo>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UndoField();
}
