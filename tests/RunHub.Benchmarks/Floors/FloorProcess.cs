using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RunHub.Benchmarks.Product;

namespace RunHub.Benchmarks.Floors;

/// <summary>A <see cref="FloorServer"/> in a process of its own.</summary>
sealed class FloorProcess : IDisposable
{
    readonly Process process;

    FloorProcess(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Memory and processor time of the process.</summary>
    public ProcessUse Use => new(process.Id);

    /// <summary>Starts one and waits until it listens.</summary>
    public static FloorProcess Start(string folder, FloorSetup setup)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, $"floor-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, JsonSerializer.Serialize(setup));
        var self = Environment.ProcessPath!;
        var start = new ProcessStartInfo(self) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(self).Equals("dotnet", StringComparison.OrdinalIgnoreCase)) start.ArgumentList.Add(typeof(FloorProcess).Assembly.Location);
        start.ArgumentList.Add("--floor-server");
        start.ArgumentList.Add(file);
        var started = Process.Start(start)!;
        var line = started.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The floor server ended before it listened.");
        return new FloorProcess(started, int.Parse(line, CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(10_000)) process.Kill(entireProcessTree: true);
        process.Dispose();
    }
}
