using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Html;

namespace RunHub.Ui;

/// <summary>The one place that says which colour, icon and word a status has.</summary>
public static class StatusBadge
{
    static readonly ConcurrentDictionary<(string Version, RunStatus Status, string Language), HtmlString> Badges = new();

    /// <summary>Icon of a status.</summary>
    public static string Icon(RunStatus status) => status switch
    {
        RunStatus.Queued => "clock",
        RunStatus.Running => "progress",
        RunStatus.WaitingHuman => "hand-stop",
        RunStatus.Completed => "circle-check",
        RunStatus.Failed => "alert-circle",
        RunStatus.Canceled => "circle-x",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    /// <summary>Word of a status, such as <c>Success</c> for completed.</summary>
    public static string Text(RunStatus status) => TextTable.Of(typeof(UiTexts))["Status_" + status.ToName()];

    /// <summary>The badge as HTML.</summary>
    public static HtmlString For(Assets assets, RunStatus status, string language) => Badges.GetOrAdd((assets.Version, status, language), _ =>
    {
        var texts = TextTable.Of(typeof(UiTexts), language);
        var word = texts["Status_" + status.ToName()];
        var label = texts.Put("StatusLabel", word);
        return new HtmlString($"<span class=\"status {status.ToName()}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(label)}\"><svg class=\"icon\"><use href=\"{assets.Url("lib/icons.svg")}#{Icon(status)}\"/></svg>{WebUtility.HtmlEncode(word)}</span>");
    });
}
