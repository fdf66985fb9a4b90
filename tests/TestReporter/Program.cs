// A program to be killed: reports runs until then, and prints the number of the last one of each flush that came back.
using RunHub.Client;

var (url, key, folder, name) = (args[0], args[1], args[2], args[3]);
await using var hub = new RunHubClient(new RunHubClientOptions { Url = url, ApiKey = key, SpillFolder = folder, BatchDelay = TimeSpan.FromMilliseconds(1), RetryDelay = TimeSpan.FromMilliseconds(50) });
for (var i = 0; ; i++)
{
    await using (var run = hub.StartRun("killed", new RunStart { Id = $"{name}-{i}" }))
        await using (run.StartStep("step", new StepStart { Input = new string('x', 50 + i % 2000) })) { }

    if (i % 7 != 6) continue;
    await hub.FlushAsync();
    await Console.Out.WriteLineAsync($"{i}");
    await Console.Out.FlushAsync();
}
