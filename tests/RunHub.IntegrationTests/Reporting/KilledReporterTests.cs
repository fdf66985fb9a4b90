using System.Diagnostics;
using System.Globalization;
using RunHub.Client;

namespace RunHub.IntegrationTests.Reporting;

public sealed class KilledReporterTests
{
    /// <summary>Killed with the hub away, at hand, and going away meanwhile.</summary>
    [Fact]
    public async Task What_a_flush_acknowledged_arrives_although_the_process_was_killed()
    {
        await using var database = await TestDatabase.CreateAsync("Sqlite");
        var spill = Directory.CreateTempSubdirectory("runhub-spill-").FullName;
        var (port, random) = (HubProcess.FreePort(), new Random(3));
        var acknowledged = new List<string>();
        for (var round = 0; round < 6; round++)
        {
            await using var hub = round % 2 == 0 ? null : HubProcess.Start(database.Settings, port: port);
            if (hub is not null) await hub.ReadyAsync();
            acknowledged.AddRange(await KilledAsync(port, spill, "k" + round, random.Next(150, 700), halfway: round == 3 ? hub : null));
        }

        await using var last = HubProcess.Start(database.Settings, port: port);
        await last.ReadyAsync();
        await using var client = new RunHubClient(new RunHubClientOptions { Url = $"http://127.0.0.1:{port}", ApiKey = HubProcess.Key, SpillFolder = spill });
        await Eventually.TrueAsync(() => Task.FromResult(client.Counters.SpillBytes == 0));
        var there = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var run in client.ListRunsAsync("workflow=killed&limit=200")) there.Add(run.GetProperty("id").GetString()!);
        Assert.True(acknowledged.Count > 100, $"{acknowledged.Count} acknowledged");
        Assert.Empty(acknowledged.Except(there, StringComparer.Ordinal).Take(5));
        var steps = 0;
        await foreach (var step in client.GetStepsAsync(acknowledged[^1])) steps += step.GetProperty("status").GetString() == "completed" ? 1 : 0;
        Assert.Equal(1, steps);
        Assert.Equal((0, 0), (client.Counters.Lost, client.Counters.Rejected));
        Directory.Delete(spill, recursive: true);
    }

    /// <summary>Lets the reporter work, kills it, and answers the ids whose flush had come back.</summary>
    static async Task<List<string>> KilledAsync(int port, string spill, string name, int milliseconds, HubProcess? halfway)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "TestReporter.dll"), $"http://127.0.0.1:{port}", HubProcess.Key, spill, name])
        {
            UseShellExecute = false, RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var last = await process.StandardOutput.ReadLineAsync();
        var reading = Task.Run(async () =>
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line) last = line;
        });
        await Task.Delay(milliseconds);
        if (halfway is not null)
        {
            await halfway.KillAsync();
            await Task.Delay(milliseconds);
        }

        process.Kill();
        await process.WaitForExitAsync();
        await reading;
        Assert.NotNull(last);
        return [.. Enumerable.Range(0, int.Parse(last, CultureInfo.InvariantCulture) + 1).Select(i => $"{name}-{i}")];
    }
}
