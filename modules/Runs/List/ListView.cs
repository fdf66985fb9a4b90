using System.Net;
using Microsoft.AspNetCore.Html;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>What the list's view offers, in which order.</summary>
public static class ListView
{
    /// <summary>Characters of an error that stand in its run's row.</summary>
    public const int ShownError = 90;

    /// <summary>Statuses as they stand beside "All".</summary>
    public static IReadOnlyList<RunStatus> StatusOrder { get; } =
        [RunStatus.Completed, RunStatus.Failed, RunStatus.Running, RunStatus.WaitingHuman, RunStatus.Queued, RunStatus.Canceled];

    /// <summary>Fields with a menu of the values there are.</summary>
    public static IReadOnlyList<(string Key, string Icon)> QuickFields { get; } = [("workflow", "sitemap"), ("env", "world"), ("tag", "tag")];

    /// <summary>More fields whose values are offered with counts, behind "Filters".</summary>
    public static IReadOnlyList<string> FacetFields { get; } = ["version", "trigger", "error_class", "error_code", "node", "model", "owner"];

    /// <summary>Time ranges; null: any time.</summary>
    public static IReadOnlyList<(string? From, string Text)> Ranges { get; } =
        [(null, "AnyTime"), ("15m", "Last15m"), ("1h", "Last1h"), ("24h", "Last24h"), ("7d", "Last7d"), ("30d", "Last30d")];

    /// <summary>Times that are offered in the query line.</summary>
    public static IReadOnlyList<string> QueryTimes { get; } = ["1h", "24h", "7d", "30d", "today", "yesterday"];

    /// <summary>Examples of the query line, and the text that says what each does.</summary>
    public static IReadOnlyList<(string Line, string Text)> QueryExamples { get; } =
    [
        ("status:failed workflow:invoice*", "Example_fields"),
        ("status:failed,canceled -env:dev", "Example_lists"),
        ("duration:>2s cost:>0.05 started:24h", "Example_ranges"),
        ("tag:\"eu west\" owner:ana*", "Example_quotes"),
        ("timeout \"payment provider\"", "Example_text"),
    ];

    /// <summary>Fields of the time form.</summary>
    public static IReadOnlyList<string> TimeFields { get; } = ["from", "to"];

    /// <summary>What the export's form asks for by itself.</summary>
    public static IReadOnlyList<string> ColumnFields { get; } = ["columns"];

    /// <summary>Fields of the form behind "Filters".</summary>
    public static IReadOnlyList<string> FormFields { get; } =
    [
        "workflow", "version", "env", "tag", "error_class", "error_code", "fingerprint", "node", "hitl", "trigger", "owner", "actor", "agent",
        "model", "duration", "cost", "tokens", "lead", "batch", "thread", "business_event", "trace", "resolved", "lane",
    ];

    /// <summary>Fields with a fixed set of values.</summary>
    public static IReadOnlyDictionary<string, string[]> Choices { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["error_class"] = ["transient", "validation_failed", "external_api", "policy_denied", "bug"],
        ["hitl"] = ["requested", "approved", "rejected", "none"],
        ["trigger"] = ["manual", "schedule", "api"],
        ["resolved"] = ["true", "false"],
        ["lane"] = ["production", "backfill", "all"],
    };

    /// <summary>Which traffic: the three choices beside the heading.</summary>
    public static IReadOnlyList<(string Word, Lane[] Lanes)> Lanes { get; } =
        [("production", [Lane.Production]), ("backfill", [Lane.Backfill]), ("all", [Lane.Production, Lane.Backfill])];

    /// <summary>The filter with another lane; the address stays short where the lane goes without saying.</summary>
    public static RunFilter InLane(RunFilter filter, string word, Lane[] lanes)
    {
        var without = filter.Without("lane");
        return without.Lanes.SequenceEqual(lanes) ? without : without.With("lane", word);
    }

    /// <summary>The field of a chip as people say it.</summary>
    public static string KeyText(TextTable texts, FilterChip chip) => chip.Key.StartsWith('-') ? texts["Without"] + " " + texts["Field_" + chip.Key[1..]].ToLowerInvariant() : texts["Field_" + chip.Key];

    /// <summary>The value of a chip as people say it.</summary>
    public static string ValueText(TextTable texts, FilterChip chip) =>
        chip.Key is "status" or "-status" && RunStatuses.TryParse(chip.Value, out var status) ? StatusBadge.Text(status)
        : Choices.TryGetValue(chip.Key, out var choices) && choices.Contains(chip.Value, StringComparer.Ordinal) ? texts["Value_" + chip.Value]
        : chip.Key == "from" && Ranges.FirstOrDefault(r => r.From == chip.Value).Text is { } range ? texts[range]
        : chip.Value;

    /// <summary>The same for a page: a moment is shown by the reader's clock.</summary>
    public static IHtmlContent ValueHtml(TextTable texts, FilterChip chip, Format format) => chip.At is { } at ? TimeHtml.Exact(format, at) : new HtmlString(HtmlBuffer.Encode(ValueText(texts, chip)));

    /// <summary>The box in the head of the table that selects the page.</summary>
    public static string PickAll(TextTable texts) => $"<input type=\"checkbox\" class=\"pick\" id=\"pick-all\" aria-label=\"{WebUtility.HtmlEncode(texts["PickAll"])}\">";

    /// <summary>A column head that sorts; pressed again it turns the order round.</summary>
    public static HtmlString SortHeader(TextTable texts, RunFilter filter, RunSortBy by, string textKey, string before = "", string attributes = "")
    {
        var active = filter.Sort.By == by;
        var descending = !active || !filter.Sort.Descending;
        if (!active && by == RunSortBy.Status) descending = false;
        var url = ListPage.UrlOf(filter.SortedBy(new RunSort(by, descending)).ToQuery());
        var sort = active ? filter.Sort.Descending ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"" : "";
        return new HtmlString($"<th scope=\"col\"{attributes}{sort}>{before}<a class=\"sort\" id=\"sort-{textKey}\" data-list href=\"{WebUtility.HtmlEncode(url)}\">{WebUtility.HtmlEncode(texts[textKey])}</a></th>");
    }
}
