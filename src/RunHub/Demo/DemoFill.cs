using System.Text.Json.Nodes;

namespace RunHub.Demo;

/// <summary>Reports a whole story at once, oldest runs first.</summary>
sealed class DemoFill(IReadOnlyDictionary<string, DemoClient> clients, DateTimeOffset now)
{
    const int Window = 200;

    /// <summary>Posts every run as it stands now.</summary>
    public Task RunAsync(IReadOnlyList<RunScript> runs, CancellationToken cancellationToken) =>
        Task.WhenAll(runs.GroupBy(r => r.Tenant, StringComparer.Ordinal).Select(tenant => RunAsync(clients[tenant.Key], [.. tenant], cancellationToken)));

    async Task RunAsync(DemoClient client, List<RunScript> runs, CancellationToken cancellationToken)
    {
        // Window by window, so that rows lie in the order of time; inside a window side by side.
        foreach (var window in runs.Chunk(Window))
        {
            var plain = window.Where(r => !r.IsRunDetail()).ToList();
            var details = window.Where(r => r.IsRunDetail()).ToList();
            var work = new List<Func<Task>>();
            if (plain.Count > 0) work.Add(() => client.PostAsync("/api/runs", Batch(plain.Select(r => r.Render(now))), cancellationToken));
            work.AddRange(details.Select(r => (Func<Task>)(() => client.PostAsync("/api/ingest/" + r.Type, r.RenderDetail(now), cancellationToken))));
            await Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = 12, CancellationToken = cancellationToken }, static async (post, _) => await post());
            if (details.Count > 0) await client.PostAsync("/api/runs", Batch(details.Select(r => r.RenderBeside(now))), cancellationToken);
        }
    }

    static JsonArray Batch(IEnumerable<JsonObject> runs) => new([.. runs]);
}
