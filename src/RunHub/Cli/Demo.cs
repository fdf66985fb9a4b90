using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using RunHub.Demo;

namespace RunHub.Cli;

/// <summary><c>runhub demo</c>: a hub with two weeks of invented runs, and new ones arriving through the public API.</summary>
static class Demo
{
    const string Folder = "data-demo";

    /// <summary>Serves until it is stopped.</summary>
    public static async Task<int> RunAsync(bool fresh, string[] settings, TextWriter output, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = HubHost.Build(HubHost.Modules, [.. Defaults(), .. settings]);
            var data = Path.GetFullPath(app.Configuration["Data:Folder"]!);
            if (fresh && Directory.Exists(data)) DeleteDemo(data);
            await app.StartAsync(cancellationToken);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, app.Lifetime.ApplicationStopping);
            try
            {
                await PlayAsync(app, output, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Stopped: the usual end of a demo.
            }
            finally
            {
                await app.StopAsync(CancellationToken.None);
            }

            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException or HttpRequestException)
        {
            await Console.Error.WriteLineAsync("runhub: " + e.Message);
            return 1;
        }
    }

    /// <summary>Fills an empty hub, prints where it is, and keeps runs arriving.</summary>
    static async Task PlayAsync(WebApplication app, TextWriter output, CancellationToken cancellationToken)
    {
        var time = app.Services.GetRequiredService<TimeProvider>();
        var address = AddressOf(app);
        var people = new DemoPeople(app.Services);
        var isNew = !await people.AreThereAsync(cancellationToken);
        if (isNew) await people.CreateAsync(cancellationToken);
        var clients = (await people.CreateKeysAsync(cancellationToken)).ToDictionary(k => k.Key, k => new DemoClient(address, k.Value), StringComparer.Ordinal);
        var now = time.GetUtcNow();
        var story = new Story(now, isNew ? 20 : RandomNumberGenerator.GetInt32(int.MaxValue));
        var traffic = new DemoTraffic(clients, story, time);
        if (isNew)
        {
            var watch = Stopwatch.StartNew();
            await output.WriteLineAsync($"Writing the runs of {Story.Days} days …");
            var runs = story.Tell();
            await new DemoFill(clients, now).RunAsync(runs, cancellationToken);
            traffic.Continue(runs.Where(r => r.EndsAt > now), now);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Wrote {runs.Count:N0} runs of the last {Story.Days} days in {watch.Elapsed.TotalSeconds:0.0} s."));
        }
        else
        {
            await DemoTraffic.EndLeftoversAsync(clients, cancellationToken);
        }

        await output.WriteLineAsync($"""

              The demo is at {address}
              Sign in once with {new Uri(address, await people.SignInLinkAsync(cancellationToken))}
              New runs arrive while it works. Ctrl+C stops it; --fresh begins anew.

            """);
        await traffic.RunAsync(cancellationToken);
    }

    static IEnumerable<string> Defaults() =>
    [
        $"--Data:Folder={Folder}",
        $"--Bootstrap:Tenant={DemoTenant.Acme.Name}",
        $"--Bootstrap:Email={DemoPeople.Visitor}",
        // Nobody knows it: the printed link is the way in.
        $"--Bootstrap:Password={Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24))}",
        "--Logging:LogLevel:Default=Warning",
    ];

    // Only files a hub made: a mistyped Data:Folder must not cost anybody a home directory.
    static void DeleteDemo(string folder)
    {
        // A demo that still runs holds its lock: it keeps its files, and this start fails.
        using (new FileStream(Path.Combine(folder, "runhub.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            foreach (var file in new[] { "runhub.db*", "jobs.db*", "master.key" }.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))) File.Delete(file);
        }
    }

    static Uri AddressOf(WebApplication app)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(address.Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("[::]", "localhost", StringComparison.Ordinal));
    }
}
