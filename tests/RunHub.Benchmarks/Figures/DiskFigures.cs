using System.Globalization;
using Microsoft.Data.Sqlite;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>Bytes on disk, counted page by page; the floor is the text that came in.</summary>
static class DiskFigures
{
    const string Group = "Disk";

    /// <summary>Looks at two seeded folders that nobody has open.</summary>
    public static IReadOnlyList<Figure> Measure(Bench bench, string runsData, string unitsData)
    {
        var figures = new List<Figure>();
        Folder(figures, runsData, "run without steps", bench.Texts.RunBytes, rowLimit: 1.2, payloadLimit: null);
        Folder(figures, unitsData, "unit of a run and 4 steps", bench.Texts.UnitBytes, rowLimit: null, payloadLimit: 0.6);
        return figures;
    }

    static void Folder(List<Figure> figures, string data, string what, double posted, double? rowLimit, double? payloadLimit)
    {
        var file = Path.Combine(data, "runhub.db");
        var (runs, raw) = Count(file);
        var tables = DiskUse.ByTable(file);
        var payloads = tables.GetValueOrDefault("payloads");
        var rest = tables.Values.Sum() - payloads;
        var rows = new Figure
        {
            Group = Group, Name = $"a {what}, all but payloads", Floor = "JSON as posted without payloads", Unit = "KB", Rule = rowLimit is null ? Rule.None : Rule.ValueAtMost, Limit = rowLimit ?? 0,
            Note = string.Join(", ", tables.Where(t => t.Value / runs >= 8).OrderByDescending(t => t.Value).Select(t => string.Create(CultureInfo.InvariantCulture, $"{(t.Key.Length == 0 ? "free and map" : t.Key)} {t.Value / runs:0} B"))),
        };
        rows.Add((posted - raw / runs) / 1000, (double)rest / runs / 1000);
        figures.Add(rows);
        var packed = new Figure
        {
            Group = Group, Name = $"payloads of a {what}", Floor = "the same as text", Unit = "KB", Rule = payloadLimit is null ? Rule.None : Rule.RatioAtMost, Limit = payloadLimit ?? 0, Note = "whole pages, with keys",
        };
        packed.Add(raw / runs / 1000, (double)payloads / runs / 1000);
        figures.Add(packed);
    }

    static (double Runs, double Raw) Count(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE); SELECT (SELECT count(*) FROM runs), (SELECT sum(raw_len) FROM payloads)";
        using var reader = command.ExecuteReader();
        reader.NextResult();
        reader.Read();
        return (reader.GetDouble(0), reader.GetDouble(1));
    }
}
