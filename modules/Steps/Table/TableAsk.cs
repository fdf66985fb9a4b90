using System.Globalization;
using RunHub.Model;
using RunHub.Steps.View;

namespace RunHub.Steps.Table;

/// <summary>What the table shows, in which order; read leniently from the address: what is not known is left out.</summary>
/// <param name="Sort">Key of a column; empty: order of arrival, failed steps first where there are many.</param>
/// <param name="Descending">From the largest.</param>
/// <param name="FailedOnly">Failed steps alone.</param>
/// <param name="Find">Part of a name, node, label or id; empty: all.</param>
/// <param name="From">Rows before the first one shown.</param>
public readonly record struct TableAsk(string Sort, bool Descending, bool FailedOnly, string Find, int From)
{
    /// <summary>Rows that come at once.</summary>
    public const int Size = 100;

    /// <summary>Columns, in order.</summary>
    public static IReadOnlyList<string> Columns { get; } = ["name", "type", "status", "duration", "retries", "tokens", "compute", "cost", "validation", "error"];

    const int LongestFind = 100;

    /// <summary>From an address: <c>sort=-duration&amp;failed=true&amp;find=text&amp;from=100</c>.</summary>
    public static TableAsk Of(IQueryCollection query)
    {
        var sort = query["sort"].ToString();
        var descending = sort.StartsWith('-');
        if (descending) sort = sort[1..];
        if (!Columns.Contains(sort, StringComparer.Ordinal)) (sort, descending) = ("", false);
        var find = query["find"].ToString().Trim();
        return new(sort, descending, query["failed"] == "true", find.Length > LongestFind ? find[..LongestFind] : find,
            int.TryParse(query["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var from) ? from : 0);
    }

    /// <summary>As it stands in an address, without a place.</summary>
    public string ToQuery()
    {
        var query = "";
        if (Sort.Length > 0) query += "&sort=" + (Descending ? "-" : "") + Sort;
        if (FailedOnly) query += "&failed=true";
        if (Find.Length > 0) query += "&find=" + Uri.EscapeDataString(Find);
        return query;
    }

    /// <summary>The steps it asks for, in its order.</summary>
    public IReadOnlyList<StepRow> Choose(AllSteps all)
    {
        var (find, failedOnly, descending) = (Find, FailedOnly, Descending);
        IEnumerable<StepRow> steps = all.Steps;
        if (failedOnly) steps = steps.Where(s => s.Status == RunStatus.Failed);
        if (find.Length > 0) steps = steps.Where(s => Has(s.Name, find) || Has(s.NodeId, find) || Has(s.Label, find) || Has(s.Id, find));
        // Sorting is steady: among equals the order of arrival stays. What is not known comes last either way.
        return Sort switch
        {
            "" when all.Steps.Count > Size && !failedOnly => [.. steps.OrderBy(s => s.Status != RunStatus.Failed)],
            "" => [.. steps],
            "name" => By(steps, s => s.NodeId ?? s.Name, StringComparer.OrdinalIgnoreCase),
            "type" => By(steps, s => (long?)s.Type, null),
            "status" => By(steps, s => (long?)s.Status, null),
            "duration" => By(steps, s => s.DurationMs, null),
            "retries" => By(steps, s => (long?)s.Retries, null),
            "tokens" => By(steps, s => s.Tokens, null),
            "compute" => By(steps, s => s.ComputeMs, null),
            "cost" => By(steps, s => s.CostNano, null),
            "validation" => By(steps, s => s.ValidationScore ?? (s.ValidationPassed is { } passed ? passed ? 1 : 0 : null), null),
            _ => By(steps, s => s.ErrorMessage ?? s.ErrorCode, StringComparer.OrdinalIgnoreCase),
        };

        IReadOnlyList<StepRow> By<T>(IEnumerable<StepRow> rows, Func<StepRow, T?> key, IComparer<T?>? comparer)
        {
            var known = rows.OrderBy(s => key(s) is null);
            return [.. descending ? known.ThenByDescending(key, comparer) : known.ThenBy(key, comparer)];
        }
    }

    static bool Has(string? text, string part) => text?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
}
