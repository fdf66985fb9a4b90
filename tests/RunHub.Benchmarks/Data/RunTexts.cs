using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Load;

namespace RunHub.Benchmarks.Data;

/// <summary>A few hundred generated runs as JSON texts, ready to be put together to requests of any size.</summary>
sealed class RunTexts
{
    const int Count = 256;
    readonly byte[][] runs = new byte[Count][];
    readonly byte[][] units = new byte[Count][];

    /// <summary>Generates them; their times are within the last minutes.</summary>
    public RunTexts()
    {
        var generator = new RunGenerator(1);
        var from = TimeProvider.System.GetUtcNow().AddMinutes(-30);
        for (var i = 0; i < Count; i++)
        {
            runs[i] = RunJson.Write(generator.Run(from.AddSeconds(i * 5), RunRequest.Placeholder));
            units[i] = RunJson.Write(generator.Unit(from.AddSeconds(i * 5), RunRequest.Placeholder));
        }
    }

    /// <summary>Mean size of a run without steps, bytes of JSON.</summary>
    public double RunBytes => runs.Average(r => r.Length);

    /// <summary>Mean size of a unit, bytes of JSON.</summary>
    public double UnitBytes => units.Average(u => u.Length);

    /// <summary>The request of one client; other clients send other runs.</summary>
    public RunRequest Request(string path, int batch, bool steps, int client, params ReadOnlySpan<string> headers) =>
        new(path, [.. Enumerable.Range(0, batch).Select(i => (steps ? units : runs)[(client * 37 + i) % Count])], headers);

    /// <summary>The units as the floor's rows.</summary>
    public IReadOnlyList<FloorRun> FloorUnits() => [.. units.Select(u => FloorJson.Read(u)[0])];
}
