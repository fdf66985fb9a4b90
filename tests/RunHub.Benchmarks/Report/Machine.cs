using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace RunHub.Benchmarks.Report;

/// <summary>The shape of the machine that the figures belong to.</summary>
sealed record Machine(int Cores, string Processor, double MemoryGb, string System, string Runtime, double SyncMs, string FileSystem)
{
    /// <summary>Looks at this machine; the disk is the one under <paramref name="folder"/>.</summary>
    public static Machine Measure(string folder) => new(
        Environment.ProcessorCount,
        File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown" : "unknown",
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        SyncTime(folder),
        new DriveInfo(folder).DriveFormat);

    /// <summary>One line for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Cores} cores ({Processor}), {MemoryGb:0.0} GB, {System}, {Runtime}, {FileSystem}, 8 KB written and synced in {SyncMs:0.00} ms");

    /// <summary>Median of writing 8 KB at the end of a file and syncing it, as a commit does.</summary>
    static double SyncTime(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "sync-test");
        var times = new List<double>();
        using (var handle = File.OpenHandle(file, FileMode.Create, FileAccess.Write))
        {
            var bytes = new byte[8192];
            for (var i = 0; i < 60; i++)
            {
                var from = Stopwatch.GetTimestamp();
                RandomAccess.Write(handle, bytes, i * bytes.Length);
                RandomAccess.FlushToDisk(handle);
                times.Add(Stopwatch.GetElapsedTime(from).TotalMilliseconds);
            }
        }

        File.Delete(file);
        times.Sort();
        return times[times.Count / 2];
    }
}
