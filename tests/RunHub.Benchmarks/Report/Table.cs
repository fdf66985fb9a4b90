using System.Globalization;
using System.Text;

namespace RunHub.Benchmarks.Report;

/// <summary>The one table: on the console, and between two markers of docs/performance.md.</summary>
static class Table
{
    const string Begin = "<!-- figures: begin (written by tests/RunHub.Benchmarks) -->";
    const string End = "<!-- figures: end -->";
    static readonly string[] Head = ["figure", "floor", "product", "unit", "ratio", "limit", "", "beside it stood; note"];

    /// <summary>Aligned columns for a terminal.</summary>
    public static string Console(IReadOnlyList<Figure> figures)
    {
        var rows = figures.Select(f => Cells(f, plain: true)).Prepend(Head).ToList();
        var widths = Enumerable.Range(0, Head.Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        var text = new StringBuilder();
        string? group = null;
        for (var r = 0; r < rows.Count; r++)
        {
            if (r > 0 && !string.Equals(group, figures[r - 1].Group, StringComparison.Ordinal)) text.AppendLine().AppendLine((group = figures[r - 1].Group).ToUpperInvariant());
            for (var i = 0; i < Head.Length; i++)
            {
                var cell = rows[r][i];
                text.Append(i is 1 or 2 or 4 ? cell.PadLeft(widths[i]) : i == Head.Length - 1 ? cell : cell.PadRight(widths[i])).Append(i == Head.Length - 1 ? "\n" : "  ");
            }
        }

        return text.ToString();
    }

    /// <summary>A Markdown table for each group, with the machine and the settings.</summary>
    public static string Markdown(IReadOnlyList<Figure> figures, Machine machine, string settings)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Measured on {TimeProvider.System.GetUtcNow():yyyy-MM-dd}: {machine}. {settings}\n");
        foreach (var group in figures.GroupBy(f => f.Group, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {group.Key}\n\n");
            text.Append("| figure | floor | product | unit | ratio | limit | | beside it stood; note |\n|---|--:|--:|---|--:|---|---|---|\n");
            foreach (var figure in group) text.Append("| ").AppendJoin(" | ", Cells(figure, plain: false).Select(c => c.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }

        return text.ToString();
    }

    /// <summary>Puts <paramref name="markdown"/> between the markers of a file; a new file has nothing else.</summary>
    public static void Write(string file, string markdown)
    {
        var old = File.Exists(file) ? File.ReadAllText(file) : $"{Begin}\n{End}\n";
        var from = old.IndexOf(Begin, StringComparison.Ordinal);
        var to = old.IndexOf(End, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidOperationException($"{file} has no place for the figures: put the lines \"{Begin}\" and \"{End}\" into it.");
        File.WriteAllText(file, old[..(from + Begin.Length)] + "\n\n" + markdown + "\n" + old[to..]);
    }

    static string[] Cells(Figure f, bool plain)
    {
        var verdict = f.Passed switch { true => "pass", false => plain ? "MISSED" : "**missed**", null => "" };
        var note = string.Join("; ", new[] { f.Floor, f.Note }.Where(t => t.Length > 0));
        return f.Failure is not null
            ? [f.Name, "–", "–", f.Unit, "–", f.LimitText, verdict, "not measured: " + f.Failure]
            : [f.Name, Figure.Number(f.FloorValue), Figure.Number(f.ProductValue), f.Unit, double.IsNaN(f.Ratio) ? "" : f.Ratio.ToString("0.00", CultureInfo.InvariantCulture), f.LimitText, verdict, note];
    }
}
