using System.Text.Json;
using Microsoft.AspNetCore.Html;
using RunHub.Access;
using RunHub.Model;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary>
/// The buttons in a run's head for what operators do to it, and how it was dealt with. A form is asked for when its menu opens, so that no
/// run's page has to carry an antiforgery token; without script the menu leads to a page with the form.
/// </summary>
public sealed class RunActs(Shell shell, RunRow run)
{
    static readonly string[] Open = ["tag", "assign", "resolve", "annotate"], Dealt = ["tag", "assign", "reopen", "annotate"];

    /// <summary>All that there are.</summary>
    internal static string[] AllKinds { get; } = ["tag", "assign", "resolve", "reopen", "annotate"];

    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));

    /// <summary>What can be done to it now, in order.</summary>
    public IReadOnlyList<string> Kinds => run.Resolved is null ? Open : Dealt;

    /// <summary>Is whoever looks allowed to.</summary>
    public bool MayAct => shell.Caller is { } caller && caller.May(Allow.Operators);

    /// <summary>Where the forms are.</summary>
    public string Url => "/runs/" + Uri.EscapeDataString(run.Id) + "/act";

    /// <summary>All of them, closed; nothing for those who may not.</summary>
    public void Write(HtmlBuffer html)
    {
        if (!MayAct) return;
        html.Raw("<div class=\"run-acts\" id=\"run-acts\">"u8);
        foreach (var kind in Kinds) Menu(html, kind);
        html.Raw("</div>\n"u8);
    }

    /// <summary>One of them, closed.</summary>
    public HtmlBuffer Menu(string kind)
    {
        var html = new HtmlBuffer(1024);
        Menu(html, kind);
        return html;
    }

    /// <summary>One that is open, up to where its form begins.</summary>
    public HtmlString Begin(string kind) => new(Menu(shell, texts, "act-" + kind, kind, "", open: true));

    void Menu(HtmlBuffer html, string kind) => shell.Prepared(static s => new RunPieces(s)).Acts[kind].Write(html, "/runs/" + Uri.EscapeDataString(run.Id));

    /// <summary>The button of one, up to what stands in its menu.</summary>
    /// <param name="shell">Of the request.</param>
    /// <param name="texts">Texts of the runs.</param>
    /// <param name="id">Its id.</param>
    /// <param name="kind">What is done.</param>
    /// <param name="url">The run's address as HTML; the form is asked for there when a closed menu opens.</param>
    /// <param name="open">With its form.</param>
    internal static string Menu(Shell shell, TextTable texts, string id, string kind, string url, bool open)
    {
        var text = HtmlBuffer.Encode(texts["Act_" + kind]);
        var icon = kind switch { "tag" => "tag", "assign" => "user", "annotate" => "note", "reopen" => "rotate-clockwise", _ => "check" };
        var asked = open ? "" : $" hx-get=\"{url}/act?kind={kind}\" hx-trigger=\"toggle from:closest details once\" hx-target=\"next .menu-list\" hx-swap=\"innerHTML\"";
        return $"<details class=\"menu act\" data-menu{(open ? " open" : "")}><summary class=\"btn btn-sm\" id=\"{id}\" title=\"{text}\"{asked}>{shell.Icon(icon).Value}<span>{text}</span></summary><div class=\"menu-list act-list\">";
    }

    /// <summary>How it was dealt with: why, by whom, when. What else a report said there is shown as it is.</summary>
    public void Resolution(HtmlBuffer html)
    {
        if (run.Resolved is not { } json) return;
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind is JsonValueKind.False or JsonValueKind.Null) return;
        html.Raw("<p class=\"run-resolved\"><span class=\"badge green\">"u8);
        html.Raw(shell.Icon("circle-check").Value);
        html.Text(texts["Field_resolved"]);
        html.Raw("</span>"u8);
        if (root.ValueKind == JsonValueKind.String) Span(html, root.GetString());
        if (root.ValueKind == JsonValueKind.Object)
        {
            Span(html, Text(root, "reason"));
            Span(html, Text(root, "note"), "muted");
            if (Text(root, "by") is { } by) Span(html, texts["By"] + " " + by, "muted");
            if (Text(root, "at") is { } at && DateTimeOffset.TryParse(at, System.Globalization.CultureInfo.InvariantCulture, out var time))
            {
                html.Raw("<time class=\"muted\" datetime=\""u8);
                html.Raw(Times.ToIso(time.ToMicros()));
                html.Raw("\">"u8);
                html.Text(shell.Format.Ago(time.ToMicros(), shell.Now));
                html.Raw("</time>"u8);
            }
        }

        html.Raw("</p>"u8);
    }

    static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    static void Span(HtmlBuffer html, string? text, string kind = "")
    {
        if (string.IsNullOrEmpty(text)) return;
        html.Raw("<span class=\""u8);
        html.Raw(kind);
        html.Raw("\">"u8);
        html.Text(text);
        html.Raw("</span>"u8);
    }
}
