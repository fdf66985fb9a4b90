using System.Globalization;
using System.Text.Json.Nodes;
using AngleSharp.Html.Parser;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.IntegrationTests.Api;
using RunHub.Runs.Why;
using RunHub.Store.Rollups;

namespace RunHub.IntegrationTests.Runs;

public sealed class WhyTests
{
    static readonly DateTime Now = new(2025, 3, 20, 12, 0, 0, DateTimeKind.Utc);

    [Theory, Engines]
    public async Task A_failed_run_says_what_changed_since_the_last_good_one_and_how_new_its_error_is(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var runs = new List<JsonObject>();
        for (var i = 1; i <= 40; i++) runs.Add(Run("good" + i, Now.AddHours(-i), "completed", i * 100, "1"));
        runs[0]["steps"] = new JsonArray(new JsonObject { ["id"] = "s1", ["name"] = "fetch", ["status"] = "completed" }, new JsonObject { ["id"] = "s2", ["name"] = "order", ["status"] = "completed" });
        // Three like it in a week, two more in a month; the others are older, of another code, message or workflow.
        foreach (var (id, days) in new[] { ("a", 1), ("b", 2), ("c", 6), ("d", 10), ("e", 29), ("old", 31) }) runs.Add(Failed(id, Now.AddDays(-days), "E1", $"Order {days * 97} of 2025-01-0{days % 9} timed out"));
        runs.Add(Failed("code", Now.AddDays(-1), "E2", "Order 5 of 2025-01-01 timed out"));
        runs.Add(Failed("message", Now.AddDays(-1), "E1", "Order 5 of 2025-01-01 was refused"));
        var elsewhere = Failed("elsewhere", Now.AddDays(-1), "E1", "Order 5 of 2025-01-01 timed out");
        elsewhere["workflow_name"] = "v";
        runs.Add(elsewhere);
        var bad = Failed("bad", Now, "E1", "Order 4711 of 2025-03-20  timed out");
        bad["workflow_version"] = "2";
        bad["steps"] = new JsonArray(new JsonObject { ["id"] = "s1", ["name"] = "fetch", ["status"] = "completed" },
            new JsonObject { ["id"] = "s2", ["name"] = "order", ["status"] = "failed", ["retries"] = 2, ["input"] = new JsonObject { ["order"] = 4711 }, ["error_message"] = "timed out" });
        bad["error_step_id"] = "s2";
        runs.Add(bad);
        Assert.Equal(200, (await client.PostAsync("/api/runs?atomic=true", new JsonArray([.. runs]).ToJsonString())).Status);
        var browser = await hub.SignInAsync(Role.Viewer);
        foreach (var folded in new[] { false, true })
        {
            if (folded) await hub.Get<FoldRollups>().HandleAsync(default);
            var why = new HtmlParser().ParseDocument(await browser.GetStringAsync("/runs/bad/why"));
            string Text(string id) => string.Join(' ', why.GetElementById(id)!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains("Not new: 3× in the 7 days before, 5× in 30; first on Feb 19, 2025", Text("why-error"), StringComparison.Ordinal);
            Assert.Equal("Changed since then: 1 → 2", Text("why-version"));
            Assert.Contains("order", Text("why-divergence"), StringComparison.Ordinal);
            Assert.Equal("/runs/bad/compare/good1", why.GetElementById("why-compare")!.GetAttribute("href"));
            // 40 good ones of 100 to 4,000 ms and 8 failed ones of 50 ms: within the 1% of a bucket.
            Assert.Contains("(47 runs in 30 days)", Text("why-usual"), StringComparison.Ordinal);
            Assert.Contains("4711", Text("why-facts"), StringComparison.Ordinal);
            Assert.Contains("2 retries", Text("why-facts"), StringComparison.Ordinal);
        }

        var page = await browser.GetStringAsync("/runs/bad");
        Assert.Contains("hx-get=\"/runs/bad/why\"", page, StringComparison.Ordinal);
        Assert.Contains("1 of 2 steps failed", page, StringComparison.Ordinal);
        Assert.Contains("Not seen in this workflow", await browser.GetStringAsync("/runs/elsewhere/why"), StringComparison.Ordinal);
        Assert.Contains("too few to say what is usual", await browser.GetStringAsync("/runs/elsewhere/why"), StringComparison.Ordinal);
        Assert.Equal(404, (int)(await (await hub.SignInAsync(Role.Viewer, tenant: "other")).GetAsync("/runs/bad/why")).StatusCode);
    }

    [Theory, Engines]
    public async Task A_completed_run_that_was_slow_names_the_steps_that_were_and_a_usual_one_says_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var runs = Enumerable.Range(1, 30).Select(i => WithSteps(Run("r" + i, Now.AddHours(-i), "completed", 1000 + i, "1"), 100, 900)).ToList();
        runs.Add(WithSteps(Run("slow", Now, "completed", 9000, "1"), 100, 8900));
        Assert.Equal(200, (await client.PostAsync("/api/runs?atomic=true", new JsonArray([.. runs]).ToJsonString())).Status);
        var browser = await hub.SignInAsync(Role.Viewer);
        foreach (var folded in new[] { false, true })
        {
            if (folded) await hub.Get<FoldRollups>().HandleAsync(default);
            var slow = await browser.GetStringAsync("/runs/slow/why");
            Assert.Contains("Slower than usual", slow, StringComparison.Ordinal);
            Assert.Contains("(30 runs in 30 days)", slow, StringComparison.Ordinal);
            Assert.Contains("#node-write", slow, StringComparison.Ordinal);
            Assert.DoesNotContain("#node-fetch", slow, StringComparison.Ordinal);
            Assert.DoesNotContain("<dl", await browser.GetStringAsync("/runs/r5/why"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Order 12 of 2025-01-02 timed out", "order 4711 of 2024-12-31  TIMED out")]
    [InlineData("no run 7f3e9b21-0c44-4b1e-8a62-0d6c5f0f6b11", "no run 11111111-2222-3333-4444-555555555555")]
    [InlineData("at 0xDEAD01 line 5", "at 0xBEEF99 line 17")]
    public void Messages_that_differ_in_numbers_ids_and_spacing_are_the_same(string one, string other) => Assert.Equal(ErrorFingerprint.Normalised(one), ErrorFingerprint.Normalised(other));

    [Fact]
    public void Messages_of_other_words_are_not() => Assert.NotEqual(ErrorFingerprint.Normalised("order 12 timed out"), ErrorFingerprint.Normalised("order 12 was refused"));

    static JsonObject Run(string id, DateTime at, string status, int ms, string version) => new()
    {
        ["id"] = id, ["workflow_name"] = "w", ["workflow_version"] = version, ["environment"] = "prod", ["status"] = status,
        ["started_at"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), ["duration_ms"] = ms,
    };

    static JsonObject Failed(string id, DateTime at, string code, string message)
    {
        var run = Run(id, at, "failed", 50, "1");
        run["error_code"] = code;
        run["error_class"] = "transient";
        run["error_message"] = message;
        return run;
    }

    static JsonObject WithSteps(JsonObject run, int first, int second)
    {
        run["steps"] = new JsonArray(new JsonObject { ["id"] = "s1", ["name"] = "fetch", ["status"] = "completed", ["duration_ms"] = first }, new JsonObject { ["id"] = "s2", ["name"] = "write", ["status"] = "completed", ["duration_ms"] = second });
        return run;
    }
}
