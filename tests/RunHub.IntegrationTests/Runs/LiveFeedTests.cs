using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Ingest;
using RunHub.Store;

namespace RunHub.IntegrationTests.Runs;

public sealed class LiveFeedTests
{
    [Theory, Engines]
    public async Task A_listener_hears_of_every_run_of_its_tenant_and_of_no_other(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await using var stream = await SseListener.OpenAsync(client, "/api/stream");
        await WriteAsync(hub, "beta", "theirs");
        await WriteAsync(hub, "acme", "ours");

        var heard = await stream.NextAsync("run");
        Assert.Equal(("run.queued", "ours"), (heard.Json.GetProperty("type").GetString(), heard.Json.GetProperty("run").GetProperty("id").GetString()));
    }

    [Theory, Engines]
    public async Task A_filter_and_a_topic_narrow_what_is_heard(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await using var failed = await SseListener.OpenAsync(client, "/api/stream?status=failed");
        await using var one = await SseListener.OpenAsync(client, "/api/stream?topic=run:b");
        await WriteAsync(hub, "acme", "a", RunStatus.Running);
        await WriteAsync(hub, "acme", "b", RunStatus.Failed);

        Assert.Equal("b", (await failed.NextAsync("run")).RunId);
        Assert.Equal("b", (await one.NextAsync("run")).RunId);
    }

    [Theory, Engines]
    public Task A_listener_that_was_cut_off_a_hundred_times_under_load_has_every_event_once_and_in_order(string engine) =>
        CutOffAsync(engine, async (client, _, last, take, hear) =>
        {
            await using var stream = await SseListener.OpenAsync(client, "/api/stream", last);
            for (var n = 0; n < take; n++)
            {
                var e = await stream.NextAsync("run");
                if (!hear(e.Id, e.RunId)) return;
            }
        });

    [Theory, Engines]
    public Task A_socket_that_was_cut_off_a_hundred_times_under_load_has_every_event_once_and_in_order(string engine)
    {
        string? key = null;
        return CutOffAsync(engine, async (_, hub, last, take, hear) =>
        {
            using var socket = await SocketAsync(hub, key ??= await hub.KeyTextAsync());
            await SendAsync(socket, $$"""{"type":"subscribe","topics":["runs"],"last_event_id":{{last}}}""");
            Assert.Equal("subscribed", (await ReceiveAsync(socket)).GetProperty("type").GetString());
            for (var n = 0; n < take; n++)
            {
                var update = await ReceiveAsync(socket);
                Assert.Equal("run_update", update.GetProperty("type").GetString());
                if (!hear(update.GetProperty("seq").GetInt64(), update.GetProperty("data").GetProperty("run").GetProperty("id").GetString()!)) break;
            }

            socket.Abort();
        });
    }

    /// <summary>Listens while runs come in, is cut off after a few events a hundred times, and goes on where it was.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="listen">Connects after an event, hears so many or until it is told that these are all, and is cut off.</param>
    static async Task CutOffAsync(string engine, Func<HttpClient, TestHub, long, int, Func<long, string, bool>, Task> listen)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        const int Runs = 1500;
        var load = Task.Run(async () =>
        {
            await hub.TenantAsync();
            for (var i = 0; i < Runs; i += 5)
            {
                await Task.WhenAll(Enumerable.Range(i, 5).Select(n => WriteAsync(hub, "acme", $"run_{n}")));
                await Task.Delay(2);
            }
        });
        var heard = new List<(long Seq, string Id)>();
        var random = new Random(7);
        for (var cut = 0; cut < 100 || heard.Count < Runs; cut++)
        {
            await listen(client, hub, heard.Count == 0 ? 0 : heard[^1].Seq, cut < 100 ? random.Next(0, 12) : Runs, (seq, id) =>
            {
                heard.Add((seq, id));
                return heard.Count < Runs;
            });
        }

        await load;
        Assert.Equal(Runs, heard.Select(h => h.Id).Distinct().Count());
        Assert.Equal(Runs, heard.Count);
        Assert.Equal(heard.Select(h => h.Seq).Order(), heard.Select(h => h.Seq));
    }

    [Theory, Engines]
    public async Task A_listener_that_comes_from_nowhere_is_told_of_a_gap(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        await using var stream = await SseListener.OpenAsync(client, "/api/stream", 999_999_999);
        Assert.Equal("unknown", (await stream.NextAsync("gap")).Json.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_a_problem_and_not_a_stream()
    {
        await using var hub = await TestHub.StartAsync();
        using var client = await hub.KeyAsync();
        foreach (var url in new[] { "/api/stream?topic=nonsense", "/api/stream?last_event_id=x", "/api/stream?statuz=failed" })
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await client.GetAsync(url)).StatusCode);
    }

    [Theory, Engines]
    public async Task A_socket_speaks_of_runs_and_of_agents_in_their_own_shapes(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var socket = await SocketAsync(hub, await hub.KeyTextAsync());
        await SendAsync(socket, """{"type":"subscribe","topics":["runs","agent:7"]}""");
        for (var i = 0; i < 2; i++) Assert.Equal("subscribed", (await ReceiveAsync(socket)).GetProperty("type").GetString());
        await WriteAsync(hub, "acme", "r1", RunStatus.Completed, agent: "7");

        var updates = new[] { await ReceiveAsync(socket), await ReceiveAsync(socket) }.ToDictionary(m => m.GetProperty("topic").GetString()!);
        Assert.Equal("run.completed", updates["runs"].GetProperty("data").GetProperty("type").GetString());
        var agent = updates["agent:7"].GetProperty("data");
        Assert.Equal(("r1", "7", "success", "api"), (agent.GetProperty("id").GetString(), agent.GetProperty("agent_id").GetString(), agent.GetProperty("status").GetString(), agent.GetProperty("trigger").GetString()));
        Assert.Equal(["id", "agent_id", "thread_id", "status", "trigger", "started_at", "finished_at", "duration_ms", "total_tokens", "total_cost_usd", "error"],
            agent.EnumerateObject().Select(p => p.Name));

        await SendAsync(socket, """{"type":"unsubscribe","topics":["runs"]}""");
        await SendAsync(socket, "nonsense");
        Assert.Equal("error", (await ReceiveAsync(socket)).GetProperty("type").GetString());
    }

    [Theory, Engines]
    public async Task A_person_who_loses_access_loses_the_stream_at_once(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.SignInAsync(Role.Viewer);
        await using var stream = await SseListener.OpenAsync(client, "/api/stream");
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE users SET disabled_at = 1").ExecuteAsync(ct), default);
        foreach (var person in Enumerable.Range(1, 3)) hub.Get<AccessDirectory>().ForgetPerson(person);

        await Assert.ThrowsAsync<EndOfStreamException>(() => stream.NextAsync("run"));
    }

    [Fact]
    public async Task A_foreign_page_gets_no_socket()
    {
        await using var hub = await TestHub.StartAsync();
        var key = await hub.KeyTextAsync();
        using var foreign = new ClientWebSocket();
        foreign.Options.SetRequestHeader("X-Api-Key", key);
        foreign.Options.SetRequestHeader("Origin", "https://evil.example");
        await Assert.ThrowsAsync<WebSocketException>(() => foreign.ConnectAsync(SocketUri(hub), default));
    }

    [PostgresFact]
    public async Task Two_nodes_on_one_database_hear_of_each_other()
    {
        await using var database = await TestDatabase.CreateAsync("PostgreSql");
        // Nodes share the database and the master key, and nothing else.
        var key = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        await using var first = await TestHub.StartAsync("PostgreSql", database: database, settings: new() { ["Security:MasterKey"] = key });
        await using var second = await TestHub.StartAsync("PostgreSql", database: database,
            settings: new() { ["Security:MasterKey"] = key, ["Data:Folder"] = Path.Combine(database.Folder, "second") });
        using var client = await second.KeyAsync();
        await using var stream = await SseListener.OpenAsync(client, "/api/stream");
        for (var i = 0; i < 20; i++) await WriteAsync(i % 2 == 0 ? first : second, "acme", $"run_{i}");

        var heard = new List<string>();
        while (heard.Count < 20) heard.Add((await stream.NextAsync("run")).RunId);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"run_{i}"), heard);
    }

    static async Task WriteAsync(TestHub hub, string tenant, string id, RunStatus status = RunStatus.Queued, string? agent = null)
    {
        var caller = new Caller(CallerKind.Key, 1, "tests", await hub.TenantAsync(tenant), Role.None, KeyScopes.Admin, false);
        var result = await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = [new RunWrite { Id = id, WorkflowName = "w", Status = status, AgentId = agent }] }, atomic: false, default);
        Assert.Empty(result.Rejected);
    }

    static Uri SocketUri(TestHub hub) => new UriBuilder(hub.Address) { Scheme = "ws", Path = "/api/ws" }.Uri;

    static async Task<ClientWebSocket> SocketAsync(TestHub hub, string key)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("X-Api-Key", key);
        await socket.ConnectAsync(SocketUri(hub), default);
        return socket;
    }

    static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, default);

    static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var part = await socket.ReceiveAsync(buffer, patience.Token);
        return JsonDocument.Parse(buffer.AsMemory(0, part.Count)).RootElement.Clone();
    }
}
