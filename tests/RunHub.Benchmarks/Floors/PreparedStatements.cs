using System.Diagnostics;
using RunHub.Benchmarks.Load;

namespace RunHub.Benchmarks.Floors;

/// <summary>
/// Floor (a): units that need no parsing any more, written in this process through two prepared statements, 100 at a
/// transaction, each transaction on disk before the next. No server can be faster with the same durability and one writer.
/// </summary>
sealed class PreparedStatements(string file, IReadOnlyList<FloorRun> units) : IDisposable
{
    const int PerTransaction = 100;
    readonly FloorDatabase database = new(file, write: true);
    FloorWriter? writer;
    int next;

    public LoadResult Run(TimeSpan duration)
    {
        writer ??= new FloorWriter(database);
        var latencies = new Latencies();
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            var from = Stopwatch.GetTimestamp();
            writer.Begin();
            for (var i = 0; i < PerTransaction; i++)
            {
                var unit = units[next++ % units.Count];
                unit.Id = RunRequest.NextId();
                writer.Insert(unit);
            }

            writer.Commit();
            latencies.Add(Stopwatch.GetElapsedTime(from));
        }

        return new LoadResult(latencies.Count, latencies.Count * PerTransaction, Stopwatch.GetElapsedTime(began), latencies, 0);
    }

    public void Dispose() => database.Dispose();
}
