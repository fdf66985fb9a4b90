using System.Net;
using System.Net.Http.Json;
using RunHub.Access;
using RunHub.Store;
using static RunHub.IntegrationTests.Api.JsonCalls;

namespace RunHub.IntegrationTests.Runs;

/// <summary>What stands around a run: its lead, its business event's home, what it was worth.</summary>
public sealed class AroundTests
{
    [Theory, Engines]
    public async Task A_lead_has_a_page_with_its_runs_and_nobody_else_s(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var other = await hub.KeyAsync(tenant: "beta");
        using var viewer = await hub.SignInAsync();
        const string Lead = "a/b <c> %2F?#";
        await PostAsync(key, "/api/runs", new object[]
        {
            new { id = "one", workflow_name = "score", status = "completed", lead_id = Lead, tokens = 10, cost_usd = 0.5 },
            new { id = "two", workflow_name = "write", status = "failed", lead_id = Lead, error_message = "<i>no</i>", batch_id = "b1", tokens = 5 },
            new { id = "three", workflow_name = "score", status = "completed", lead_id = "another" },
        });
        await PostAsync(other, "/api/runs", new { id = "theirs", workflow_name = "score", status = "completed", lead_id = Lead });
        var run = await viewer.GetStringAsync("/runs/one");
        var url = "/leads/" + Uri.EscapeDataString(Lead);
        Assert.Contains("href=\"" + url.Replace("'", "&#39;", StringComparison.Ordinal) + "\"", run, StringComparison.Ordinal);
        var page = await viewer.GetStringAsync(url);
        Assert.Contains("href=\"/runs/one\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/runs/two\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/runs/three", page, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", page, StringComparison.Ordinal);
        Assert.Contains("&lt;i&gt;no", page, StringComparison.Ordinal);
        Assert.Contains(">15<", page, StringComparison.Ordinal);
        Assert.Contains("No run for this lead", await viewer.GetStringAsync("/leads/nobody"), StringComparison.Ordinal);
        Assert.Contains("No run for this lead", await viewer.GetStringAsync("/leads/" + new string('x', 2000)), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_lead_whose_runs_cost_more_than_a_number_holds_still_has_its_page(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var viewer = await hub.SignInAsync();
        await PostAsync(key, "/api/runs", Enumerable.Range(0, 12).Select(i => new { id = "dear" + i, workflow_name = "score", status = "completed", lead_id = "dear", cost_usd = 1_000_000_000m }).ToArray());
        Assert.Contains("href=\"/runs/dear3\"", await viewer.GetStringAsync("/leads/dear"), StringComparison.Ordinal);
        Assert.Contains("href=\"/runs/dear3\"", await viewer.GetStringAsync("/runs?lead=dear"), StringComparison.Ordinal);
        (await viewer.GetAsync(new Uri("/runs/strip?lead=dear", UriKind.Relative))).EnsureSuccessStatusCode();
    }

    [Theory, Engines]
    public async Task A_business_event_links_to_the_address_with_the_longest_prefix(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var admin = await hub.SignInAsync(Role.Admin);
        using var oper = await hub.SignInAsync(Role.Operator);
        using var stranger = await hub.KeyAsync(tenant: "beta");
        await PostAsync(key, "/api/runs", new object[] { new { id = "r1", workflow_name = "w", business_event_id = "crm:deal#98 421" }, new { id = "r2", workflow_name = "w", business_event_id = "erp:1" } });
        Assert.Contains("href=\"/runs?business_event=", await oper.GetStringAsync("/runs/r1"), StringComparison.Ordinal);

        await PutAsync(new { prefix = "crm:", url = "https://crm.example.com/any?q={id}" });
        await PutAsync(new { prefix = "crm:deal#", url = "https://crm.example.com/deals/{rest}" });
        Assert.Contains("href=\"https://crm.example.com/deals/98%20421\"", await oper.GetStringAsync("/runs/r1"), StringComparison.Ordinal);
        Assert.DoesNotContain("event-link", await oper.GetStringAsync("/runs/r2"), StringComparison.Ordinal);
        await PutAsync(new { url = "https://other.example.com/{id}" });
        Assert.Contains("href=\"https://other.example.com/erp%3A1\"", await oper.GetStringAsync("/runs/r2"), StringComparison.Ordinal);
        var list = await GetAsync(key, "/api/admin/event-links?id=crm%3Ax");
        Assert.Equal(["crm:deal#", "crm:", ""], list.GetProperty("event_links").EnumerateArray().Select(l => l.GetProperty("prefix").GetString()));
        Assert.Equal("https://crm.example.com/any?q=crm%3Ax", list.GetProperty("matched").GetProperty("url").GetString());
        Assert.Empty((await GetAsync(stranger, "/api/admin/event-links")).GetProperty("event_links").EnumerateArray());

        foreach (var wrong in new[] { "", "http://x.example/{id}", "javascript:alert({id})", "https://{id}.example.com/", "https://x.example/", "/runs/{id}", "https://u:p@x.example/{id}", "https://x.example/ {id}", "https://x.example:{id}/", "data:text/html,{id}" })
            await RefusedAsync(key, HttpMethod.Put, "/api/admin/event-links", new { prefix = "p", url = wrong }, HttpStatusCode.BadRequest, "$.url");
        await RefusedAsync(key, HttpMethod.Put, "/api/admin/event-links", new { prefix = new string('p', 129), url = "https://x.example/{id}" }, HttpStatusCode.BadRequest, "$.prefix");
        await RefusedAsync(oper, HttpMethod.Put, "/api/admin/event-links", new { prefix = "p", url = "https://x.example/{id}" }, HttpStatusCode.Forbidden, "");
        (await key.DeleteAsync("/api/admin/event-links?prefix=crm%3Adeal%23")).EnsureSuccessStatusCode();
        Assert.Contains("any?q=crm%3Adeal%2398%20421", await oper.GetStringAsync("/runs/r1"), StringComparison.Ordinal);
        await RefusedAsync(key, HttpMethod.Delete, "/api/admin/event-links?prefix=none", null, HttpStatusCode.NotFound, "none");

        using var set = await TestHub.PostFormAsync(admin, "/admin/links", new(StringComparer.Ordinal) { ["Prefix"] = "erp:", ["Address"] = "https://erp.example.com/{rest}" }, "/admin/links?handler=Set");
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        Assert.Contains("href=\"https://erp.example.com/7\"", await admin.GetStringAsync("/admin/links?sample=erp%3A7"), StringComparison.Ordinal);
        using var refused = await TestHub.PostFormAsync(admin, "/admin/links", new(StringComparer.Ordinal) { ["Prefix"] = "erp:", ["Address"] = "http://erp.example.com/{rest}" }, "/admin/links?handler=Set");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        using var removed = await TestHub.PostFormAsync(admin, "/admin/links", new(StringComparer.Ordinal) { ["Prefix"] = "erp:" }, "/admin/links?handler=Remove");
        Assert.DoesNotContain("erp.example.com/{rest}", await removed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(6, await sql.Prepare("SELECT count(*) FROM audit WHERE target_type = 'event_link'").ScalarAsync<long>(default));

        async Task PutAsync(object link)
        {
            using var answer = await key.PutAsJsonAsync("/api/admin/event-links", link);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory, Engines]
    public async Task What_a_run_was_worth_is_reported_patched_edited_and_compared_with_before(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var oper = await hub.SignInAsync(Role.Operator);
        using var viewer = await hub.SignInAsync();
        object Run(string id, int hour, string status, object worth) => new { id, workflow_name = "w", status, started_at = $"2026-01-01T0{hour}:00:00Z", duration_ms = 5, effectiveness = worth };
        await PostAsync(key, "/api/runs", new[]
        {
            Run("first", 1, "completed", new { first_pass_success = false, accuracy = 0.91 }), Run("second", 2, "completed", new { accuracy = 0.94 }), Run("failed", 3, "failed", new { accuracy = 0.1 }), Run("now", 4, "completed", new { first_pass_success = true, accuracy = 0.9 }),
        });
        await PatchAsync(key, "/api/runs/now", new { customer_experience_index = 8.5, experience_notes = "Quick <b>answer</b>", time_to_feature = 60000 });
        var panel = await PanelAsync(viewer, "now");
        Assert.Contains("94%", panel, StringComparison.Ordinal);
        Assert.Contains("/runs/second", panel, StringComparison.Ordinal);
        Assert.Contains("/runs/first", panel, StringComparison.Ordinal);
        Assert.Contains("is-worse", panel, StringComparison.Ordinal);
        Assert.Contains("is-better", panel, StringComparison.Ordinal);
        Assert.Contains("Quick &lt;b&gt;answer", panel, StringComparison.Ordinal);
        // What was never said has no line.
        Assert.DoesNotContain("Throughput", panel, StringComparison.Ordinal);
        Assert.DoesNotContain("business/edit", panel, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("/runs/now/business/edit")).StatusCode);

        var fields = new Dictionary<string, string>(StringComparer.Ordinal) { ["first_pass_success"] = "true", ["accuracy"] = "0,99", ["throughput_delta"] = "-2.5", ["customer_experience_index"] = "", ["time_to_feature"] = "120000", ["experience_notes"] = "" };
        using var saved = await TestHub.PostFormAsync(oper, "/runs/now/business/edit", fields);
        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        var run = await GetAsync(key, "/api/runs/now");
        Assert.Equal(0.99, run.GetProperty("effectiveness").GetProperty("accuracy").GetDouble());
        Assert.Equal(-2.5, run.GetProperty("effectiveness").GetProperty("throughput_delta").GetDouble());
        Assert.Equal(120000, run.GetProperty("time_to_feature").GetInt64());
        Assert.False(run.TryGetProperty("customer_experience_index", out _));
        Assert.False(run.TryGetProperty("experience_notes", out _));
        foreach (var (name, wrong) in new[] { ("accuracy", "high"), ("accuracy", "NaN"), ("time_to_feature", "-5"), ("time_to_feature", "99999999999999"), ("first_pass_success", "maybe"), ("experience_notes", new string('x', 10_001)) })
        {
            using var refused = await TestHub.PostFormAsync(oper, "/runs/now/business/edit", new Dictionary<string, string>(fields, StringComparer.Ordinal) { [name] = wrong });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        }

        await using var sql = await hub.Get<Database>().ReadAsync(default);
        Assert.Equal(1, await sql.Prepare("SELECT count(*) FROM audit WHERE action = 'run.measured'").ScalarAsync<long>(default));
        Assert.DoesNotContain("business-title", await PanelAsync(viewer, "unknown-worth"), StringComparison.Ordinal);

        async Task<string> PanelAsync(HttpClient client, string id)
        {
            if (id == "unknown-worth") await PostAsync(key, "/api/runs", new { id, workflow_name = "other", status = "completed" });
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{id}/business");
            request.Headers.Add("HX-Request", "true");
            using var answer = await client.SendAsync(request);
            return await answer.Content.ReadAsStringAsync();
        }
    }
}
