using System.Globalization;
using RunHub.Filter;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>What is wrong with a query line, as people are told.</summary>
public static class QueryFaults
{
    const int Around = 40;

    /// <summary>One sentence in the reader's language.</summary>
    public static string Say(TextTable texts, QueryFault fault)
    {
        var key = fault.Kind == "value" && fault.Field is { } name && FilterFields.All.FirstOrDefault(f => f.Key == name) is { } field ? field : null;
        if (key is null) return string.Format(CultureInfo.InvariantCulture, texts["Query_" + fault.Kind], fault.Word, fault.Field);
        var takes = string.Format(CultureInfo.InvariantCulture, texts["Takes_" + key.Takes], string.Join(", ", key.Choices));
        return string.Format(CultureInfo.InvariantCulture, texts["Query_value"], fault.Word, fault.Field, takes);
    }

    /// <summary>The line around the place: what stands before, the place, and what follows.</summary>
    public static (string Before, string Wrong, string After) Parts(string line, QueryFault fault)
    {
        var start = Math.Min(fault.Start, line.Length);
        var end = Math.Min(line.Length, start + fault.Length);
        var wrong = end > start ? line[start..end] : "␣";
        var before = start > Around ? "…" + line[(start - Around)..start] : line[..start];
        var after = line.Length - end > Around ? line[end..(end + Around)] + "…" : line[end..];
        return (before, wrong.Length > 2 * Around ? wrong[..(2 * Around)] + "…" : wrong, after);
    }

    /// <summary>The line with what was meant in place of what was written.</summary>
    public static string Fix(string line, QueryFault fault)
    {
        var at = line.IndexOf(fault.Word, fault.Start, StringComparison.Ordinal);
        return at < 0 ? line : line[..at] + fault.Meant + line[(at + fault.Word.Length)..];
    }
}
