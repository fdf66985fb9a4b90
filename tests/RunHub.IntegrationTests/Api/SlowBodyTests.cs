using System.Globalization;
using System.Net.Sockets;
using System.Text;
using RunHub.Access;

namespace RunHub.IntegrationTests.Api;

/// <summary>Large bodies share memory; whoever holds it and sends next to nothing loses it to those who wait.</summary>
public sealed class SlowBodyTests
{
    // More than share the memory there is (8 MiB, one each).
    const int Senders = 9;

    [Fact]
    public async Task Slow_senders_of_large_bodies_hold_nobody_up_and_are_told_why_they_were_given_up()
    {
        await using var hub = await TestHub.StartAsync();
        var key = await hub.KeyTextAsync(KeyScopes.Ingest, "slow");
        using var stop = new CancellationTokenSource();
        var slow = Enumerable.Range(0, Senders).Select(_ => SendSlowlyAsync(hub.Address, key, stop.Token)).ToList();
        await Task.WhenAll(slow.Select(s => s.Begun.Task));

        using var client = await hub.KeyAsync();
        client.Timeout = TimeSpan.FromSeconds(45);
        var reply = await client.PostAsync("/api/runs", $$"""{"workflow_name":"w","inputs_summary":"{{new string('x', 200_000)}}"}""");
        Assert.Equal(201, reply.Status);

        var given = await (await Task.WhenAny(slow.Select(s => s.Answer.Task)));
        Assert.StartsWith("HTTP/1.1 408", given, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", given, StringComparison.Ordinal);
        await stop.CancelAsync();
        await Task.WhenAll(slow.Select(s => s.Sending));
    }

    [Fact]
    public async Task A_slow_sender_is_let_be_while_nobody_waits()
    {
        await using var hub = await TestHub.StartAsync();
        var body = Encoding.UTF8.GetBytes($$"""{"id":"slow","workflow_name":"w","inputs_summary":"{{new string('x', 100_000)}}"}""");
        using var socket = new TcpClient();
        await socket.ConnectAsync(hub.Address.Host, hub.Address.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Head(await hub.KeyTextAsync(), body.Length));
        await stream.WriteAsync(body.AsMemory(0, 80_000));
        for (var at = 80_000; at < body.Length;)
        {
            await Task.Delay(1000);
            var piece = Math.Min(3000, body.Length - at);
            await stream.WriteAsync(body.AsMemory(at, piece));
            at += piece;
        }

        var buffer = new byte[4096];
        Assert.StartsWith("HTTP/1.1 201", Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer)), StringComparison.Ordinal);
    }

    sealed record Slow(TaskCompletionSource Begun, TaskCompletionSource<string> Answer)
    {
        public Task Sending { get; set; } = Task.CompletedTask;
    }

    /// <summary>Announces 33 MB, sends 70 KB, then a few hundred bytes a second.</summary>
    static Slow SendSlowlyAsync(Uri address, string key, CancellationToken cancellationToken)
    {
        var slow = new Slow(new TaskCompletionSource(), new TaskCompletionSource<string>());
        slow.Sending = RunAsync();
        return slow;

        async Task RunAsync()
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(address.Host, address.Port, CancellationToken.None);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Head(key, 33_000_000), CancellationToken.None);
            await stream.WriteAsync(Encoding.UTF8.GetBytes("{\"workflow_name\":\"" + new string('x', 70_000)), CancellationToken.None);
            slow.Begun.SetResult();
            try
            {
                var (buffer, answer) = (new byte[4096], stream.ReadAsync(new byte[1], cancellationToken).AsTask());
                while (!answer.IsCompleted)
                {
                    await stream.WriteAsync(new byte[400], cancellationToken);
                    await Task.WhenAny(answer, Task.Delay(1000, cancellationToken));
                }

                await answer;
                slow.Answer.TrySetResult("H" + Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer, cancellationToken)));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The test is over.
            }
        }
    }

    static byte[] Head(string key, long length) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"POST /api/runs HTTP/1.1\r\nHost: hub\r\nX-Api-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"));
}
