using System.Diagnostics;
using System.Globalization;

namespace RunHub.Benchmarks.Product;

/// <summary>What a process holds and uses, as Linux counts it.</summary>
readonly record struct ProcessUse(int Pid)
{
    /// <summary>Resident memory, MB, pages of mapped files included.</summary>
    public double ResidentMb => Status("VmRSS:") / 1024.0;

    /// <summary>The part of it that is no file's page, MB: what the process really costs.</summary>
    public double AnonymousMb => Status("RssAnon:") / 1024.0;

    /// <summary>Processor time so far.</summary>
    public TimeSpan Processor
    {
        get
        {
            using var process = Process.GetProcessById(Pid);
            return process.TotalProcessorTime;
        }
    }

    /// <summary>
    /// Waits until the process has next to nothing left to do (checkpoints, folding), so that what one side left undone does
    /// not slow the other side's turn; at most 20 seconds.
    /// </summary>
    public async Task QuietAsync()
    {
        for (var (i, last) = (0, Processor); i < 80; i++)
        {
            await Task.Delay(250);
            var now = Processor;
            if (now - last < TimeSpan.FromMilliseconds(20)) return;
            last = now;
        }
    }

    double Status(string name)
    {
        foreach (var line in File.ReadLines($"/proc/{Pid}/status"))
        {
            if (line.StartsWith(name, StringComparison.Ordinal)) return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }

        return double.NaN;
    }
}
