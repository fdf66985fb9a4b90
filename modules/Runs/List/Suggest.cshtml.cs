using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>
/// <c>/runs/options/query?query=…&amp;at=…</c>: what may stand at a place of the query line, as options of a list box. Fields before a
/// colon, values behind it: fixed ones, or those the tenant's runs have.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class SuggestPage(DistinctValues values) : PageModel
{
    const int Max = 8;

    /// <summary>The options, the likeliest first.</summary>
    public IReadOnlyList<Option> Options { get; private set; } = [];

    /// <summary>First character that an option replaces.</summary>
    public int From { get; private set; }

    /// <summary>The character behind the last it replaces.</summary>
    public int To { get; private set; }

    /// <summary>An option.</summary>
    /// <param name="Insert">What is written into the line.</param>
    /// <param name="Shown">What is shown.</param>
    /// <param name="Text">What it means.</param>
    public sealed record Option(string Insert, string Shown, string Text);

    /// <summary>The options.</summary>
    public async Task OnGetAsync(string? query, int at, CancellationToken cancellationToken)
    {
        var line = query is { Length: <= QueryLine.MaxLength } ? query : "";
        To = Math.Clamp(at, 0, line.Length);
        var start = To;
        while (start > 0 && !char.IsWhiteSpace(line[start - 1])) start--;
        if (start < To && line[start] == '-') start++;
        var term = line[start..To];
        var texts = TextTable.Of(typeof(RunsTexts));
        var colon = term.IndexOf(':', StringComparison.Ordinal);
        From = colon < 0 ? start : start + Math.Max(colon, term.LastIndexOf(',')) + 1;
        Options = colon < 0 ? Fields(texts, term) : await ValuesAsync(texts, term[..colon].ToLowerInvariant(), line[From..To].Trim('"'), cancellationToken);
    }

    static List<Option> Fields(TextTable texts, string begun) =>
    [
        .. FilterFields.All.Where(f => f != FilterFields.Search).Select(f => (f.Key, Text: texts["Field_" + f.Key], f.AlsoTried)).Append((QueryLine.Started, texts["QueryStarted"], []))
            .Where(f => f.Key.StartsWith(begun, StringComparison.OrdinalIgnoreCase) || begun.Length > 1 && (f.Text.StartsWith(begun, StringComparison.OrdinalIgnoreCase) || f.AlsoTried.Any(a => a.StartsWith(begun, StringComparison.OrdinalIgnoreCase))))
            .OrderBy(f => !f.Key.StartsWith(begun, StringComparison.OrdinalIgnoreCase)).Take(Max).Select(f => new Option(f.Key + ":", f.Key + ":", f.Text)),
    ];

    async Task<List<Option>> ValuesAsync(TextTable texts, string key, string begun, CancellationToken cancellationToken)
    {
        var field = FilterFields.All.FirstOrDefault(f => f.Key == key);
        IEnumerable<(string Value, string Text)> found = field switch
        {
            null when key == QueryLine.Started => ListView.QueryTimes.Select(v => (v, texts["Value_" + v])),
            null => [],
            { Takes: "time" } => ListView.QueryTimes.Select(v => (v, texts["Value_" + v])),
            { Takes: "duration" } => [(">2s", ""), ("<500ms", ""), ("1s..5s", "")],
            { Takes: "money" } => [(">0.05", ""), ("0.01..0.1", "")],
            { Takes: "number" } => [(">1000", ""), ("1k..5k", "")],
            { Key: "status" } => ListView.StatusOrder.Select(s => (s.ToName(), StatusBadge.Text(s))),
            { Choices.Count: > 0 } => field.Choices.Select(c => (c, texts.Has("Value_" + c) ? texts["Value_" + c] : "")),
            _ when DistinctValues.Fields.ContainsKey(key) => (await values.OfAsync(HttpContext.Caller().Tenant.No, key, cancellationToken)).Select(v => (v, "")),
            _ => [],
        };
        return [.. found.Where(v => v.Value.Contains(begun, StringComparison.OrdinalIgnoreCase)).OrderBy(v => !v.Value.StartsWith(begun, StringComparison.OrdinalIgnoreCase)).Take(Max)
            .Select(v => new Option((field is { IsMulti: true } ? QueryLine.Print(field, new FilterValue(FilterValueKind.Exact, v.Value)) : v.Value) + " ", v.Value, v.Text))];
    }
}
