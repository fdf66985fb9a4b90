using System.Net;
using System.Text.Json;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.Store;
using static RunHub.IntegrationTests.Api.JsonCalls;

namespace RunHub.IntegrationTests.Errors;

/// <summary>Failures are grouped by their error, dealt with, and come back.</summary>
public sealed class ErrorTests
{
    [Theory, Engines]
    public async Task Failures_of_one_cause_are_one_group(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        await FailAsync(key, "a", "order 12 timed out after 30s", "1.0", hours: 5);
        await FailAsync(key, "b", "Order 977 timed out after 31s", "1.1", hours: 3);
        await FailAsync(key, "c", "order 12 was refused", "1.1", hours: 2);
        await FailAsync(other, "d", "order 1 timed out after 1s", "1.0", hours: 1);
        await PostAsync(key, "/api/runs", new { id = "good", workflow_name = "invoice", status = "completed" });

        var errors = (await GetAsync(key, "/api/errors")).GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal([1, 2], errors.Select(e => e.GetProperty("count").GetInt32()));
        var group = errors[1];
        Assert.Equal("Order 977 timed out after 31s", group.GetProperty("message").GetString());
        Assert.Equal(["1.1", "1.0"], group.GetProperty("versions").EnumerateArray().Select(v => v.GetString()));
        Assert.Equal(["b", "a"], group.GetProperty("sample_run_ids").EnumerateArray().Select(v => v.GetString()));
        Assert.True(group.GetProperty("first_seen").GetDateTime() < group.GetProperty("last_seen").GetDateTime());
        Assert.Equal("open", group.GetProperty("state").GetString());

        var fingerprint = group.GetProperty("fingerprint").GetString()!;
        Assert.Equal(fingerprint, (await GetAsync(key, "/api/runs/a")).GetProperty("fingerprint").GetString());
        Assert.Equal(["b", "a"], (await GetAsync(key, "/api/runs?fingerprint=" + fingerprint)).GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()));
        Assert.Empty((await GetAsync(key, "/api/errors?workflow=other")).GetProperty("errors").EnumerateArray());
        Assert.Single((await GetAsync(key, "/api/errors?from=150m")).GetProperty("errors").EnumerateArray());
        await RefusedAsync(key, HttpMethod.Get, "/api/errors?state=odd", null, HttpStatusCode.BadRequest, "query.state");
        await RefusedAsync(key, HttpMethod.Get, "/api/errors?worklow=x", null, HttpStatusCode.BadRequest, "query.worklow");
    }

    [Theory, Engines]
    public async Task A_resolved_error_that_comes_back_is_regressed_and_an_ignored_one_is_not(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        using var viewer = await hub.SignInAsync();
        await FailAsync(key, "a", "timed out", "1.0", hours: 5);
        var fingerprint = (await GetAsync(key, "/api/runs/a")).GetProperty("fingerprint").GetString()!;
        var url = "/api/errors/" + fingerprint;
        await RefusedAsync(viewer, url, new { state = "resolved" }, HttpStatusCode.Forbidden, "");
        await RefusedAsync(other, url, new { state = "resolved" }, HttpStatusCode.NotFound, fingerprint);
        await RefusedAsync(key, "/api/errors/0000000000000000", new { state = "resolved" }, HttpStatusCode.NotFound, "0000");
        await RefusedAsync(key, url, new { state = "regressed" }, HttpStatusCode.BadRequest, "$.state");
        await RefusedAsync(key, url, new { state = "resolved", note = new string('x', 10_001) }, HttpStatusCode.BadRequest, "$.note");

        await PostAsync(key, url, new { state = "resolved", note = "Fixed in 1.1." });
        Assert.Equal("resolved", await StateAsync("resolved"));
        // It started before that was said: nothing new.
        await FailAsync(key, "late", "timed out", "1.0", hours: 1);
        Assert.Equal("resolved", await StateAsync("resolved"));
        await FailAsync(key, "again", "timed out", "1.1", hours: -0.001);
        Assert.Equal("regressed", await StateAsync("open"));
        Assert.Contains("why-regressed", await viewer.GetStringAsync("/runs/again/why"), StringComparison.Ordinal);
        Assert.DoesNotContain("why-regressed", await viewer.GetStringAsync("/runs/late/why"), StringComparison.Ordinal);
        Assert.Contains("/errors?fingerprint=" + fingerprint, await viewer.GetStringAsync("/runs/a/why"), StringComparison.Ordinal);
        await PostAsync(key, url, new { state = "ignored" });
        await FailAsync(key, "more", "timed out", "1.1", hours: -0.001);
        Assert.Equal("ignored", await StateAsync("ignored"));
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(["error.resolved", "error.ignored"], await sql.Prepare("SELECT action FROM audit WHERE target_type = 'error' ORDER BY seq").ListAsync(r => r.GetString(0), default));

        async Task<string?> StateAsync(string choice) => Assert.Single((await GetAsync(key, "/api/errors?state=" + choice)).GetProperty("errors").EnumerateArray()).GetProperty("state").GetString();
    }

    [Theory, Engines]
    public async Task The_page_shows_groups_and_takes_what_is_decided_without_script(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var oper = await hub.SignInAsync(Role.Operator);
        using var viewer = await hub.SignInAsync();
        await FailAsync(key, "a", "<b>timed out</b>", "1.0", hours: 5);
        var fingerprint = (await GetAsync(key, "/api/runs/a")).GetProperty("fingerprint").GetString()!;
        var page = await viewer.GetStringAsync("/errors?workflow=invoice");
        Assert.Contains("&lt;b&gt;timed out", page, StringComparison.Ordinal);
        Assert.DoesNotContain("error-acts", page, StringComparison.Ordinal);
        Assert.Contains("/errors?workflow=invoice", await viewer.GetStringAsync("/runs?workflow=invoice"), StringComparison.Ordinal);
        using var said = await TestHub.PostFormAsync(oper, "/errors?workflow=invoice", new(StringComparer.Ordinal) { ["state"] = "resolved", ["back"] = "workflow=invoice", ["choice"] = "Open" }, "/errors/" + fingerprint);
        Assert.Equal("/errors?workflow=invoice", said.Headers.Location?.ToString());
        Assert.DoesNotContain(fingerprint, await viewer.GetStringAsync("/errors"), StringComparison.Ordinal);
        Assert.Contains(fingerprint, await viewer.GetStringAsync("/errors?state=resolved"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await viewer.GetAsync("/errors?status=broken")).StatusCode);
    }

    [Theory, Engines]
    public async Task A_run_that_did_not_fail_after_all_has_no_fingerprint(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await PostAsync(key, "/api/runs", new { id = "a", workflow_name = "invoice", status = "running", error_message = "odd" });
        Assert.False((await GetAsync(key, "/api/runs/a")).TryGetProperty("fingerprint", out _));
        await PatchAsync(key, "/api/runs/a", new { status = "failed" });
        var first = (await GetAsync(key, "/api/runs/a")).GetProperty("fingerprint").GetString();
        await PatchAsync(key, "/api/runs/a", new { error_message = "another cause" });
        Assert.NotEqual(first, (await GetAsync(key, "/api/runs/a")).GetProperty("fingerprint").GetString());
    }

    [Theory, Engines]
    public async Task Failures_from_before_there_were_fingerprints_get_theirs_in_the_background(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        await PostAsync(key, "/api/runs", Enumerable.Range(0, 1100).Select(i => new { id = "r" + i, workflow_name = "w", status = i == 7 ? "completed" : "failed", error_message = i % 2 == 0 ? $"order {i} timed out" : "refused" }));
        var before = await FingerprintsAsync();
        Assert.Equal(3, before.Values.Distinct().Count());
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE runs SET fingerprint = NULL").ExecuteAsync(ct), default);
        Assert.Empty((await GetAsync(key, "/api/errors")).GetProperty("errors").EnumerateArray());
        Assert.Equal(1099, await hub.Get<FillFingerprints>().HandleAsync(default));
        Assert.Equal(before, await FingerprintsAsync());
        Assert.Equal(0, await hub.Get<FillFingerprints>().HandleAsync(default));

        async Task<Dictionary<string, string?>> FingerprintsAsync()
        {
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            return (await sql.Prepare("SELECT id, fingerprint FROM runs").ListAsync(r => (r.GetString(0), r.IsDBNull(1) ? null : r.GetString(1)), default)).ToDictionary(r => r.Item1, r => r.Item2);
        }
    }

    static Task<JsonElement> FailAsync(HttpClient client, string id, string message, string version, double hours) => PostAsync(client, "/api/runs", new
    {
        id, workflow_name = "invoice", workflow_version = version, status = "failed", error_message = message, started_at = TimeProvider.System.GetUtcNow().AddHours(-hours), duration_ms = 5,
    });
}
