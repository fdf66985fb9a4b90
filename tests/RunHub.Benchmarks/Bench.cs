using RunHub.Benchmarks.Data;
using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Product;

namespace RunHub.Benchmarks;

/// <summary>What all figures share: options, generated runs, a folder for databases.</summary>
sealed class Bench : IDisposable
{
    readonly Lazy<RunTexts> texts = new(() => new RunTexts());
    int files;

    public Bench(Options options)
    {
        Options = options;
        PostgresDatabases.Server = options.Postgres;
        Folder = Path.Combine(options.Folder, "work-" + Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Directory.CreateDirectory(Folder);
    }

    public Options Options { get; }

    /// <summary>Deleted at the end.</summary>
    public string Folder { get; }

    public RunTexts Texts => texts.Value;

    /// <summary>A path where no file is yet.</summary>
    public string NewFile() => Path.Combine(Folder, FormattableString.Invariant($"floor-{++files}.db"));

    /// <summary>Floor (a) on a fresh file.</summary>
    public PreparedStatements PreparedStatements() => new(NewFile(), Texts.FloorUnits());

    /// <summary>Says on standard error what is going on; the table alone goes to standard output.</summary>
    public void Say(string what) => Console.Error.WriteLine($"  {TimeProvider.System.GetLocalNow():HH:mm:ss} {what}");

    public void Dispose()
    {
        PostgresDatabases.DropBelow(Folder);
        Directory.Delete(Folder, recursive: true);
    }
}
