using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using RunHub.Client;

namespace RunHub.UnitTests.Reporting;

public sealed class DeliveryTests : IDisposable
{
    readonly HubStub hub = new();
    readonly ConcurrentQueue<RejectedRun> rejected = new();
    readonly string folder = Directory.CreateTempSubdirectory("runhub-client-").FullName;

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        hub.Dispose();
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_busy_hub_is_asked_again_after_the_time_it_names(int status)
    {
        var watch = Stopwatch.StartNew();
        hub.Answer = _ => hub.Requests == 1 ? HubStub.Status(status, retryAfter: 1) : null;
        await using var client = Client();
        await using (client.StartRun("flow")) { }
        await client.FlushAsync();
        Assert.True(watch.Elapsed > TimeSpan.FromSeconds(0.95), watch.Elapsed.ToString());
        Assert.Equal((2, 1), (client.Counters.Requests, client.Counters.Retries));
        Assert.Single(hub.Taken);
        Assert.Empty(rejected);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(415)]
    [InlineData(302)]
    public async Task What_can_never_be_taken_is_told_and_not_sent_again(int status)
    {
        hub.Answer = _ => hub.Requests == 1 ? HubStub.Status(status) : null;
        await using var client = Client();
        await using (client.StartRun("flow", new RunStart { Id = "bad" })) { }
        await client.FlushAsync();
        await using (client.StartRun("flow", new RunStart { Id = "good" })) { }
        await client.FlushAsync();
        Assert.Equal(2, hub.Requests);
        var run = Assert.Single(rejected);
        Assert.Equal(("bad", status), (run.RunId, run.Status));
        Assert.Equal("good", Assert.Single(hub.Taken).GetProperty("id").GetString());
    }

    [Fact]
    public async Task One_refused_run_of_a_batch_takes_no_other_with_it()
    {
        hub.Answer = runs => HubStub.Json($$"""{"accepted":{{runs.Count - 1}},"rejected":[{"index":1,"id":"r1","status":409,"path":"$.status","reason":"It has ended otherwise."}],"runs":[]}""");
        await using var client = Client();
        for (var i = 0; i < 3; i++) await using (client.StartRun("flow", new RunStart { Id = "r" + i })) { }
        await client.FlushAsync();
        var run = Assert.Single(rejected);
        Assert.Equal(("r1", 409, "$.status", "It has ended otherwise."), (run.RunId, run.Status, run.Path, run.Reason));
        Assert.Contains("\"r1\"", System.Text.Encoding.UTF8.GetString(run.Json.Span), StringComparison.Ordinal);
        Assert.Equal((2, 1), (client.Counters.Delivered, client.Counters.Rejected));
    }

    [Theory]
    [InlineData(413)]
    [InlineData(500)]
    public async Task A_run_that_breaks_the_hub_is_found_and_the_others_arrive(int status)
    {
        hub.Answer = runs => runs.Any(r => r.GetProperty("id").GetString() == "r5") ? HubStub.Status(status) : null;
        await using var client = Client();
        for (var i = 0; i < 9; i++) await using (client.StartRun("flow", new RunStart { Id = "r" + i })) { }
        await client.FlushAsync();
        Assert.Equal("r5", Assert.Single(rejected).RunId);
        Assert.Equal(["r0", "r1", "r2", "r3", "r4", "r6", "r7", "r8"], hub.Taken.Select(r => r.GetProperty("id").GetString()!));
    }

    [Fact]
    public async Task Who_reports_waits_while_the_queue_is_full()
    {
        hub.IsAway = true;
        await using var client = Client(o => o with { MaxQueued = 10, DisposeTimeout = TimeSpan.Zero });
        var reporting = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++) await using (client.StartRun("flow", new RunStart { Id = i.ToString(CultureInfo.InvariantCulture) })) { }
        });
        await Eventually.TrueAsync(() => Task.FromResult(client.Counters.Queued >= 10));
        await Task.Delay(100);
        Assert.False(reporting.IsCompleted);
        Assert.InRange(client.Counters.Queued, 10, 11);
        hub.IsAway = false;
        await reporting;
        await client.FlushAsync();
        Assert.Equal(50, hub.Taken.Select(r => r.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Or_whole_runs_are_left_out_and_counted()
    {
        hub.IsAway = true;
        await using var client = Client(o => o with { MaxQueued = 10, WhenFull = WhenFull.Drop, DisposeTimeout = TimeSpan.Zero });
        await using var open = client.StartRun("flow", new RunStart { Id = "open" });
        for (var i = 0; i < 50; i++) await using (client.StartRun("flow")) { }
        Assert.InRange(client.Counters.Queued, 10, 11);
        Assert.InRange(client.Counters.Dropped, 40, 42);
        open.Complete();
        hub.IsAway = false;
        await client.FlushAsync();
        Assert.Equal("completed", hub.Taken.Last(r => r.GetProperty("id").GetString() == "open").GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_cannot_be_sent_waits_on_disk_and_goes_out_in_order_when_the_hub_is_back()
    {
        hub.IsAway = true;
        var news = new ConcurrentQueue<string?>();
        // A run that is reported while it is open is reported twice: only a flush sends here.
        await using var client = Client(o => o with { SpillFolder = folder, OnUnreachable = news.Enqueue, BatchDelay = TimeSpan.FromSeconds(20) });
        for (var i = 0; i < 300; i++)
        {
            await using (client.StartRun("flow", new RunStart { Id = i.ToString("D4", CultureInfo.InvariantCulture) })) { }
            if (i % 50 == 49) await client.FlushAsync();
        }

        Assert.Equal((300, 0), (client.Counters.Spilled, client.Counters.Queued));
        Assert.Empty(hub.Taken);
        hub.IsAway = false;
        await Eventually.TrueAsync(() => Task.FromResult(client.Counters.SpillBytes == 0));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => i.ToString("D4", CultureInfo.InvariantCulture)), hub.Taken.Select(r => r.GetProperty("id").GetString()));
        Assert.Empty(Directory.EnumerateFiles(folder, "*.ndjson", SearchOption.AllDirectories));
        Assert.Equal(["Nobody listens there.", null], news);
    }

    [Fact]
    public async Task A_later_process_sends_what_an_earlier_one_left_even_with_half_a_line_at_the_end()
    {
        hub.IsAway = true;
        await using (var client = Client(o => o with { SpillFolder = folder, DisposeTimeout = TimeSpan.Zero }))
            for (var i = 0; i < 3; i++) await using (client.StartRun("flow", new RunStart { Id = "r" + i })) { }
        var file = Assert.Single(Directory.GetFiles(folder, "*.ndjson", SearchOption.AllDirectories));
        await File.AppendAllTextAsync(file, """{"id":"half","workflow_na""");

        hub.IsAway = false;
        await using var next = Client(o => o with { SpillFolder = folder });
        await Eventually.TrueAsync(() => Task.FromResult(hub.Taken.Count == 3));
        Assert.Equal(["r0", "r1", "r2"], hub.Taken.Select(r => r.GetProperty("id").GetString()!));
        Assert.Empty(rejected);
    }

    [Fact]
    public async Task A_damaged_line_is_told_and_the_others_arrive()
    {
        Directory.CreateDirectory(Path.Combine(folder, "3"));
        await File.WriteAllTextAsync(Path.Combine(folder, "3", "0000000007.ndjson"), "{\"id\":\"a\",\"workflow_name\":\"w\"}\n{\"id\":\"b\",\"workf\n\0\0\0\0\n{\"id\":\"c\",\"workflow_name\":\"w\"}\n");
        await using var client = Client(o => o with { SpillFolder = folder });
        await Eventually.TrueAsync(() => Task.FromResult(hub.Taken.Count == 2 && client.Counters.SpillBytes == 0));
        Assert.Equal(["a", "c"], hub.Taken.Select(r => r.GetProperty("id").GetString()!));
        Assert.Equal((1, 0), (client.Counters.Lost, Assert.Single(rejected).Status));
    }

    [Fact]
    public async Task Two_processes_share_a_folder_without_meeting()
    {
        hub.IsAway = true;
        await using (var one = Client(o => o with { SpillFolder = folder, DisposeTimeout = TimeSpan.Zero }))
        await using (var two = Client(o => o with { SpillFolder = folder, DisposeTimeout = TimeSpan.Zero }))
        {
            await using (one.StartRun("flow")) { }
            await using (two.StartRun("flow")) { }
        }

        Assert.Equal(2, Directory.GetFiles(folder, "*.ndjson", SearchOption.AllDirectories).Select(Path.GetDirectoryName).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task A_full_disk_budget_fills_the_queue_and_loses_nothing()
    {
        hub.IsAway = true;
        await using var client = Client(o => o with { SpillFolder = folder, MaxSpillBytes = 5000, MaxQueued = 10 });
        var reporting = Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++) await using (client.StartRun("flow", new RunStart { Id = "r" + i })) { }
        });
        await Eventually.TrueAsync(() => Task.FromResult(client.Counters.Queued >= 10));
        Assert.InRange(client.Counters.SpillBytes, 0, 5000);
        hub.IsAway = false;
        await reporting;
        await Eventually.TrueAsync(() => Task.FromResult(client.Counters is { Queued: 0, SpillBytes: 0 }));
        Assert.Equal(60, hub.Taken.Select(r => r.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Disposing_tries_once_more_what_is_on_disk_though_the_try_under_way_fails()
    {
        hub.IsAway = true;
        var client = Client(o => o with { SpillFolder = folder });
        await using (client.StartRun("flow", new RunStart { Id = "waits" })) { }
        await client.FlushAsync();
        using var asked = new SemaphoreSlim(0);
        using var goOn = new SemaphoreSlim(0);
        var held = 0;
        hub.Answer = _ =>
        {
            if (Interlocked.Exchange(ref held, 1) == 1) return null;
            asked.Release();
            goOn.Wait();
            return HubStub.Status(503, retryAfter: 60);
        };
        hub.IsAway = false;
        await asked.WaitAsync();
        var closing = client.DisposeAsync();
        goOn.Release();
        await closing;
        Assert.Equal("waits", Assert.Single(hub.Taken).GetProperty("id").GetString());
        Assert.Equal(0, client.Counters.SpillBytes);
    }

    [Fact]
    public async Task Disposing_ends_at_its_deadline_and_tells_what_is_lost()
    {
        hub.IsAway = true;
        var watch = Stopwatch.StartNew();
        await using (var client = Client(o => o with { DisposeTimeout = TimeSpan.FromMilliseconds(300) }))
            await using (client.StartRun("flow", new RunStart { Id = "late" })) { }
        Assert.InRange(watch.Elapsed.TotalSeconds, 0.25, 5);
        Assert.Equal(("late", 0), (Assert.Single(rejected).RunId, rejected.First().Status));
    }

    RunHubClient Client(Func<RunHubClientOptions, RunHubClientOptions>? change = null)
    {
        var options = new RunHubClientOptions
        {
            Url = "http://hub", ApiKey = "key", Handler = hub, OnRejected = rejected.Enqueue, BatchDelay = TimeSpan.FromMilliseconds(5),
            RetryDelay = TimeSpan.FromMilliseconds(10), MaxRetryDelay = TimeSpan.FromMilliseconds(50),
        };
        return new RunHubClient(change is null ? options : change(options));
    }
}
