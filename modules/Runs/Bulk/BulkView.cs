using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Html;
using RunHub.Bulk;
using RunHub.Ui;

namespace RunHub.Runs.Bulk;

/// <summary>How bulk actions are worded.</summary>
public static class BulkView
{
    /// <summary>Its name; that of its kind where nobody gave one.</summary>
    public static string Title(TextTable t, BulkAction bulk) => bulk.Name == bulk.Kind || bulk.UndoOf is not null ? t["BulkKind_" + bulk.Kind] + (bulk.UndoOf is not null && bulk.Name != bulk.Kind ? ": " + bulk.Name : "") : bulk.Name;

    /// <summary>What it does, one line.</summary>
    public static string What(TextTable t, BulkAction bulk)
    {
        using var settings = JsonDocument.Parse(bulk.Settings);
        var root = settings.RootElement;
        var kind = t["BulkKind_" + bulk.Kind];
        return bulk.Kind switch
        {
            "tag" => kind + ": " + string.Join(' ', List(root, "add").Select(x => "+" + x).Concat(List(root, "remove").Select(x => "−" + x))),
            "assign" => kind + ": " + (Text(root, "owner") ?? t["BulkNobody"]),
            "resolve" => kind + ": " + Text(root, "reason"),
            "export" => kind + ": " + (Text(root, "format") is { } format ? t["Export_" + format] : t["Export_ndjson"]),
            _ => kind,
        };
    }

    /// <summary>A badge for where it stands.</summary>
    public static IHtmlContent State(TextTable t, BulkAction bulk)
    {
        var colour = bulk.State switch { BulkState.Completed => bulk.Failed > 0 ? "yellow" : "green", BulkState.Paused => "purple", BulkState.Aborted => "red", _ => "blue" };
        return new HtmlString($"<span class=\"badge {colour}\">{HtmlEncoder.Default.Encode(t["BulkState_" + bulk.State])}</span>");
    }

    /// <summary>How fast it may go.</summary>
    public static string Pace(TextTable t, BulkAction bulk, Format format) =>
        bulk.Rate is { } rate ? string.Format(CultureInfo.CurrentCulture, t["BulkRate"], format.Number(rate)) : t["BulkNoRate"];

    static IEnumerable<string> List(JsonElement settings, string name) =>
        settings.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(e => e.ToString()) : [];

    static string? Text(JsonElement settings, string name) => settings.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
