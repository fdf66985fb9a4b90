using RunHub.IntegrationTests.Api;

namespace RunHub.IntegrationTests.Store;

/// <summary>What several reports about one run make of it.</summary>
public sealed class MergeTests
{
    [Theory, Engines]
    public async Task A_total_that_is_taken_back_is_what_the_steps_say_and_goes_on_from_there(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """
            {"id":"r","workflow_name":"w","cost_usd":9,"diagnostics":{"resource_usage":{"tokens":999,"compute_ms":888}},
             "steps":[{"id":"a","name":"a","cost_usd":0.5,"diagnostics":{"resource_usage":{"tokens":10,"compute_ms":5}}},{"id":"b","name":"b","cost_usd":0.25,"diagnostics":{"resource_usage":{"tokens":7,"compute_ms":3}}}]}
            """);
        Assert.Equal((999, 888, 9), await TotalsAsync());
        await client.PatchAsync("/api/runs/r", """{"diagnostics":{"resource_usage":{"tokens":null}}}""");
        Assert.Equal((17, 888, 9), await TotalsAsync());
        // Together with more steps, and again where it is the sum already.
        await client.PatchAsync("/api/runs/r", """{"cost_usd":null,"diagnostics":{"resource_usage":{"tokens":null,"compute_ms":null}},"steps":[{"id":"a","diagnostics":{"resource_usage":{"tokens":20}}},{"id":"c","name":"c","cost_usd":1}]}""");
        Assert.Equal((27, 8, 1.75), await TotalsAsync());
        await client.PostAsync("/api/runs/r/steps", """{"id":"d","name":"d","diagnostics":{"resource_usage":{"tokens":3,"compute_ms":1}}}""");
        Assert.Equal((30, 9, 1.75), await TotalsAsync());

        async Task<(long?, long?, double?)> TotalsAsync()
        {
            var run = (await client.ReadAsync("/api/runs/r")).Json!;
            var usage = run["diagnostics"]!["resource_usage"]!;
            return ((long?)usage["tokens"], (long?)usage["compute_ms"], (double?)run["cost_usd"]);
        }
    }

    [Theory, Engines]
    public async Task A_steps_given_duration_is_kept_and_another_follows_its_times(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """
            {"id":"r","workflow_name":"w","steps":[{"id":"given","name":"n","started_at":"2025-01-01T00:00:00Z","duration_ms":1234},{"id":"worked out","name":"n","started_at":"2025-01-01T00:00:00Z","completed_at":"2025-01-01T00:00:01Z"}]}
            """);
        await client.PostAsync("/api/runs/r/steps", """[{"id":"given","status":"completed","completed_at":"2025-01-01T00:00:09Z"},{"id":"worked out","completed_at":"2025-01-01T00:00:02Z"}]""");
        Assert.Equal([1234L, 2000L], await DurationsAsync());
        await client.PostAsync("/api/runs/r/steps", """[{"id":"given","label":"x"},{"id":"worked out","started_at":"2025-01-01T00:00:01Z"}]""");
        Assert.Equal([1234L, 1000L], await DurationsAsync());
        await client.PatchAsync("/api/runs/r", """{"steps":[{"id":"given","duration_ms":null}]}""");
        Assert.Equal([9000L, 1000L], await DurationsAsync());

        async Task<long?[]> DurationsAsync() => [.. (await client.ReadAsync("/api/runs/r/steps")).Json!["steps"]!.AsArray().Select(s => (long?)s!["duration_ms"])];
    }

    [Theory, Engines]
    public async Task Times_that_contradict_each_other_are_refused_in_whatever_order_they_come(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"r","workflow_name":"w","started_at":"2025-11-02T00:00:00Z","steps":[{"id":"s","name":"n","started_at":"2025-11-02T00:00:00Z"}]}""");
        foreach (var (body, path) in new[]
        {
            ("""{"completed_at":"2025-11-01T00:00:00Z"}""", "$.completed_at"),
            ("""{"status":"completed","completed_at":"2025-11-01T00:00:00Z"}""", "$.completed_at"),
            ("""{"steps":[{"id":"s","status":"completed","completed_at":"2025-11-01T00:00:00Z"}]}""", "$.steps[0].completed_at"),
        })
        {
            var refused = await client.PatchAsync("/api/runs/r", body);
            Assert.Equal((400, path), (refused.Status, refused.Path));
        }

        Assert.Equal(200, (await client.PatchAsync("/api/runs/r", """{"status":"completed","completed_at":"2025-11-03T00:00:00Z","steps":[{"id":"s","status":"completed","completed_at":"2025-11-03T00:00:00Z"}]}""")).Status);
        foreach (var (body, path) in new[]
        {
            ("""{"started_at":"2025-11-04T00:00:00Z"}""", "$.started_at"),
            ("""{"completed_at":null}""", "$.completed_at"),
            ("""{"steps":[{"id":"s","started_at":"2025-11-04T00:00:00Z"}]}""", "$.steps[0].started_at"),
            ("""{"steps":[{"id":"s","completed_at":null}]}""", "$.steps[0].completed_at"),
        })
        {
            var refused = await client.PatchAsync("/api/runs/r", body);
            Assert.Equal((400, path), (refused.Status, refused.Path));
        }

        Assert.Equal("2025-11-03T00:00:00Z", (string?)(await client.ReadAsync("/api/runs/r")).Json!["completed_at"]);
        // Tried again, a step starts after it ended.
        Assert.Equal(200, (await client.PatchAsync("/api/runs/r", """{"steps":[{"id":"s","retries":1,"status":"running","started_at":"2025-11-04T00:00:00Z"}]}""")).Status);
    }

    [Theory, Engines]
    public async Task What_the_hubs_clock_assumed_gives_way_to_what_is_said(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """[{"id":"start","workflow_name":"w","status":"running"},{"id":"end","workflow_name":"w","status":"running","started_at":"2025-11-02T00:00:00Z"}]""");
        // A sender whose clock is behind; and one whose clock is ahead.
        Assert.Equal(200, (await client.PatchAsync("/api/runs/start", """{"status":"completed","completed_at":"2025-11-01T00:00:00Z"}""")).Status);
        var run = (await client.ReadAsync("/api/runs/start")).Json!;
        Assert.Equal(("2025-11-01T00:00:00Z", "2025-11-01T00:00:00Z", 0), ((string?)run["started_at"], (string?)run["completed_at"], (int?)run["duration_ms"]));
        await client.PatchAsync("/api/runs/end", """{"status":"completed"}""");
        var ahead = TimeProvider.System.GetUtcNow().AddHours(1);
        Assert.Equal(200, (await client.PatchAsync("/api/runs/end", $$"""{"started_at":"{{ahead:O}}"}""")).Status);
        Assert.Equal(0, (int?)(await client.ReadAsync("/api/runs/end")).Json!["duration_ms"]);
    }
}
