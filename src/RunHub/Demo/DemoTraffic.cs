using System.Text.Json.Nodes;

namespace RunHub.Demo;

/// <summary>Keeps runs arriving: each begins, works through its steps, perhaps waits for a person, and ends.</summary>
sealed class DemoTraffic(IReadOnlyDictionary<string, DemoClient> clients, Story story, TimeProvider time)
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(4);
    readonly PriorityQueue<(RunScript Run, DateTimeOffset Since), DateTimeOffset> next = new();

    /// <summary>Goes on with runs that are under way.</summary>
    public void Continue(IEnumerable<RunScript> runs, DateTimeOffset now)
    {
        foreach (var run in runs) Schedule(run, now);
    }

    /// <summary>Runs until it is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var beginAt = time.GetUtcNow();
        while (true)
        {
            var now = time.GetUtcNow();
            if (now >= beginAt)
            {
                Schedule(story.TellLive(now), now.AddMilliseconds(-1));
                beginAt = now + Pause * (0.3 + 1.4 * Random.Shared.NextDouble());
            }

            while (next.TryPeek(out var due, out var at) && at <= now)
            {
                next.Dequeue();
                await ReportAsync(due.Run, due.Since, now, cancellationToken);
                Schedule(due.Run, now);
            }

            var wake = next.TryPeek(out _, out var soonest) && soonest < beginAt ? soonest : beginAt;
            var wait = wake - time.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
        }
    }

    async Task ReportAsync(RunScript run, DateTimeOffset since, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var client = clients[run.Tenant];
        if (!run.IsRunDetail())
        {
            await client.PostAsync("/api/runs", run.Render(now, since), cancellationToken);
            return;
        }

        await client.PostAsync("/api/ingest/" + run.Type, run.RenderDetail(now), cancellationToken);
        if (now >= run.EndsAt) await client.PostAsync("/api/runs", run.RenderBeside(now), cancellationToken);
    }

    void Schedule(RunScript run, DateTimeOffset after)
    {
        foreach (var moment in run.Moments().Where(m => m > after).Order().Take(1)) next.Enqueue((run, after), moment);
    }

    /// <summary>What an earlier demo left running ends: its programs are gone.</summary>
    public static async Task EndLeftoversAsync(IReadOnlyDictionary<string, DemoClient> clients, CancellationToken cancellationToken)
    {
        foreach (var client in clients.Values)
        {
            var list = await client.GetAsync("/api/runs?status=running,queued&limit=200", cancellationToken);
            var ended = new JsonArray([.. list!["runs"]!.AsArray().Select(run => (JsonNode)new JsonObject
            {
                ["id"] = run!["id"]!.DeepClone(),
                ["status"] = "canceled",
                ["diagnostics"] = new JsonObject { ["error_message"] = "The demo was stopped while this run was going on." },
            })]);
            if (ended.Count > 0) await client.PostAsync("/api/runs", ended, cancellationToken);
        }
    }
}
