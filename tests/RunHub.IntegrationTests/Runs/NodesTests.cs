using System.Globalization;
using System.Net;
using RunHub.Access;
using RunHub.Store;
using static RunHub.IntegrationTests.Runs.LiveFeedTests;

namespace RunHub.IntegrationTests.Runs;

/// <summary>Several nodes on one PostgreSQL: what happens on one is heard on the others.</summary>
public sealed class NodesTests
{
    [PostgresFact]
    public async Task Two_nodes_on_one_database_hear_of_each_other()
    {
        await using var nodes = await TwoNodes.StartAsync();
        var (first, second) = (nodes.First, nodes.Second);
        using var client = await second.KeyAsync();
        await using var stream = await SseListener.OpenAsync(client, "/api/stream");
        for (var i = 0; i < 20; i++) await WriteAsync(i % 2 == 0 ? first : second, "acme", $"run_{i}");

        var heard = new List<string>();
        while (heard.Count < 20) heard.Add((await stream.NextAsync("run")).RunId);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"run_{i}"), heard);
    }

    [PostgresFact]
    public async Task A_listener_that_goes_from_node_to_node_hears_everything_once_and_of_no_gap()
    {
        await using var nodes = await TwoNodes.StartAsync();
        var (first, second) = (nodes.First, nodes.Second);
        var token = await first.KeyTextAsync();
        var clients = new[] { first, second }.Select(hub =>
        {
            var client = hub.Anonymous();
            client.DefaultRequestHeaders.Add("X-Api-Key", token);
            return client;
        }).ToArray();
        // Somebody listens on each, so that both nodes follow the events at their own pace.
        await using var here = await SseListener.OpenAsync(clients[0], "/api/stream?topic=run:nobody");
        await using var there = await SseListener.OpenAsync(clients[1], "/api/stream?topic=run:nobody");
        const int Runs = 400;
        long last;
        await using (var begin = await SseListener.OpenAsync(clients[0], "/api/stream")) last = begin.From;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Runs; i++) await WriteAsync(first, "acme", $"run_{i}");
        });
        var heard = new List<string>();
        for (var node = 0; heard.Count < Runs; node ^= 1)
        {
            await using var stream = await SseListener.OpenAsync(clients[node], "/api/stream", last);
            for (var i = 0; i < 8 && heard.Count < Runs; i++)
            {
                var next = await stream.NextAsync("run", orGap: true);
                Assert.Equal("run", next.Event);
                Assert.True(next.Id > last, $"{next.Id} after {last}");
                last = next.Id;
                heard.Add(next.RunId);
            }
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, Runs).Select(i => $"run_{i}"), heard);
    }

    [PostgresFact]
    public async Task A_key_that_is_revoked_on_one_node_opens_nothing_on_the_other()
    {
        await using var nodes = await TwoNodes.StartAsync();
        var (first, second) = (nodes.First, nodes.Second);
        using var client = await second.KeyAsync();
        using (var before = await client.GetAsync("/api/runs")) Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        long number;
        await using (var sql = await first.Get<Database>().ReadAsync(default)) number = await sql.Prepare("SELECT max(key_no) FROM api_keys").ScalarAsync<long>(default);
        using var boss = await first.SignInAsync(Role.Admin);
        using var revoked = await TestHub.PostFormAsync(boss, "/admin/api-keys", new() { ["no"] = number.ToString(CultureInfo.InvariantCulture) }, "/admin/api-keys?handler=Revoke");
        Assert.True((int)revoked.StatusCode < 400, revoked.StatusCode.ToString());
        // News travel in moments; without them it would take the minute after which everything is looked at again.
        await Eventually.TrueAsync(async () =>
        {
            using var after = await client.GetAsync("/api/runs");
            return after.StatusCode == HttpStatusCode.Unauthorized;
        });
    }
}

/// <summary>Two hubs on one database. They share it and the master key, and nothing else.</summary>
sealed class TwoNodes(TestDatabase database, TestHub first, TestHub second) : IAsyncDisposable
{
    public TestHub First => first;

    public TestHub Second => second;

    public static async Task<TwoNodes> StartAsync()
    {
        var database = await TestDatabase.CreateMigratedAsync("PostgreSql");
        var key = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        return new TwoNodes(database, await StartAsync(database.Folder), await StartAsync(Path.Combine(database.Folder, "second")));

        Task<TestHub> StartAsync(string folder) => TestHub.StartAsync("PostgreSql", database: database, settings: new(StringComparer.Ordinal) { ["Security:MasterKey"] = key, ["Data:Folder"] = folder });
    }

    public async ValueTask DisposeAsync()
    {
        await second.DisposeAsync();
        await first.DisposeAsync();
        await database.DisposeAsync();
    }
}
