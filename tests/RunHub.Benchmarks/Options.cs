using System.Globalization;

namespace RunHub.Benchmarks;

/// <summary>What the command line said.</summary>
sealed record Options
{
    /// <summary>The usage text.</summary>
    public const string Help = """
        dotnet run -c Release --project tests/RunHub.Benchmarks -- [options]

          --quick             short measurements, few pairs, 20,000 instead of 1,000,000 runs: to see that it works
          --only a,b          of ingest, stages, live, list, run, pages, search, start, disk, floors (floors: no product needed)
          --runs N            runs in the big database (1,000,000)
          --pairs N           pairs of floor and product a figure (5)
          --seconds N         length of one measurement (3)
          --product PATH      the published file or runhub.dll (the Release build of src/RunHub)
          --folder PATH       where databases go (a folder of the system's temporary one)
          --postgres CONN     keep the product's runs on this PostgreSQL server, for live and search (the embedded engine)
          --keep              leave the seeded databases for the next run
          --out FILE          write the table between the markers of FILE, such as docs/performance.md
          --strict            exit code 1 when a limit is missed
        """;

    /// <summary>Groups of figures.</summary>
    public static IReadOnlyList<string> Groups { get; } = ["ingest", "stages", "live", "list", "run", "pages", "search", "start", "disk"];

    public bool Quick { get; private init; }

    public HashSet<string> Only { get; private init; } = new(Groups, StringComparer.Ordinal);

    public int Runs { get; private init; } = 1_000_000;

    public int Pairs { get; private init; } = 5;

    public TimeSpan Duration { get; private init; } = TimeSpan.FromSeconds(3);

    public string? Product { get; private init; }

    public string Folder { get; private init; } = Path.Combine(Path.GetTempPath(), "runhub-benchmarks");

    public string? Postgres { get; private init; }

    public bool Keep { get; private init; }

    public string? Out { get; private init; }

    public bool Strict { get; private init; }

    /// <summary>Warm-up before each measurement: connections open, statements compiled, caches warm.</summary>
    public TimeSpan WarmUp => Duration / 3;

    /// <summary>How it was measured, for the table.</summary>
    public string Settings => string.Create(CultureInfo.InvariantCulture,
        $"{Pairs} pairs a figure, {Duration.TotalSeconds:0.##} s a measurement, {Runs:#,0} runs in the big database{(Quick ? " (quick: not for comparison)" : "")}.");

    /// <summary>Reads arguments.</summary>
    /// <exception cref="FormatException">Something is not an option; the message says what.</exception>
    public static Options Parse(string[] args)
    {
        var options = args.Contains("--quick", StringComparer.Ordinal)
            ? new Options { Quick = true, Runs = 20_000, Pairs = 2, Duration = TimeSpan.FromSeconds(0.6) }
            : new Options();
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => i + 1 < args.Length ? args[++i] : throw new FormatException($"{args[i]} needs a value.");
            int Number() => int.TryParse(Value(), CultureInfo.InvariantCulture, out var n) && n > 0 ? n : throw new FormatException($"\"{args[i]}\" is not a number above 0.");
            options = args[i] switch
            {
                "--quick" => options,
                "--only" => options with { Only = new HashSet<string>(Value().Split(','), StringComparer.Ordinal) },
                "--runs" => options with { Runs = Number() },
                "--pairs" => options with { Pairs = Number() },
                "--seconds" => options with { Duration = TimeSpan.FromSeconds(Number()) },
                "--product" => options with { Product = Path.GetFullPath(Value()) },
                "--folder" => options with { Folder = Path.GetFullPath(Value()) },
                "--postgres" => options with { Postgres = Value() },
                "--keep" => options with { Keep = true },
                "--out" => options with { Out = Value() },
                "--strict" => options with { Strict = true },
                _ => throw new FormatException($"Unknown option \"{args[i]}\"."),
            };
        }

        // Floors and disk figures are of the embedded engine's file.
        if (options.Postgres is not null && !options.Only.IsSubsetOf(["live", "search"])) throw new FormatException("--postgres needs --only live, search or both.");
        return options.Only.FirstOrDefault(o => !Groups.Contains(o, StringComparer.Ordinal) && !string.Equals(o, "floors", StringComparison.Ordinal)) is { } unknown
            ? throw new FormatException($"--only knows {string.Join(", ", Groups)} and floors, not \"{unknown}\".")
            : options;
    }
}
