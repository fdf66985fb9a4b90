using System.Text;
using Microsoft.AspNetCore.Html;
using RunHub.Filter;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>A field of the form behind "Filters".</summary>
/// <param name="Key">Of the filter.</param>
/// <param name="Begin">Up to its value; of a choice, up to the end of its first option's name.</param>
/// <param name="Choices">Each value with what stands from there up to the next one's end; null: a text.</param>
/// <param name="End">What stands behind.</param>
sealed record FilterFieldPiece(string Key, byte[] Begin, (string Value, byte[] Option)[]? Choices, byte[] End);

/// <summary>What of the list's page is the same for everybody who reads a language: put together once (<see cref="Shell.Prepared"/>).</summary>
sealed class ListPieces
{
    public ListPieces(Shell shell)
    {
        var make = new Maker(shell);
        QueryHelp = new HtmlString(make.Help());
        Templates = new HtmlString(make.Template());
        Fields = [.. ListView.FormFields.Select(make.Field)];
        FilterActions = Utf8($"<div class=\"form-actions\"><button class=\"btn btn-primary\">{make.Text("Apply")}</button><span class=\"muted\">{make.Text("FilterHint")}</span></div>");
        ExportBegin = Utf8($"<details class=\"menu export-menu\" data-menu><summary class=\"btn\" title=\"{make.Text("Export")}\">{make.Icon("download")}<span>{make.Text("Export")}</span></summary><div class=\"menu-list\"><form class=\"menu-form\" action=\"/api/runs/export\" method=\"get\" hx-boost=\"false\">");
        ExportFormats = Utf8(make.Formats());
        ExportEnd = Utf8($"<button class=\"btn btn-primary btn-block\">{make.Icon("download")}{make.Text("Download")}</button></form></div></details>");
        PickedBegin = Utf8($"<p class=\"sr-only\" role=\"status\" id=\"picked-said\"></p><form class=\"picked\" id=\"picked\" method=\"post\" action=\"/bulk/new?handler=show\" hx-boost=\"false\" data-picked-form data-one=\"{make.Text("PickedOne")}\" data-many=\"{make.Text("PickedMany")}\" hidden><input type=\"hidden\" name=\"__RequestVerificationToken\"><input type=\"hidden\" name=\"ids\"><input type=\"hidden\" name=\"kind\">");
        Picked = Utf8(make.Tools([("tag", "tag"), ("assign", "user"), ("resolve", "check"), ("export", "download")]));
        PickedForAdmins = Utf8(make.Tools([("tag", "tag"), ("assign", "user"), ("resolve", "check"), ("export", "download"), ("delete", "trash")]));
        PickedEnd = Utf8($"\">{make.Text("PickedAll")}</a><button class=\"btn btn-sm btn-quiet btn-icon\" type=\"button\" data-picked-clear aria-label=\"{make.Text("PickedClear")}\" title=\"{make.Text("PickedClear")}\">{make.Icon("x")}</button></div></form>");
    }

    /// <summary>The menu behind the query line's question mark.</summary>
    public HtmlString QueryHelp { get; }

    /// <summary>Templates that scripts take.</summary>
    public HtmlString Templates { get; }

    /// <summary>Fields of the form behind "Filters", in order.</summary>
    public FilterFieldPiece[] Fields { get; }

    /// <summary>The end of that form.</summary>
    public byte[] FilterActions { get; }

    /// <summary>The export's menu up to the parameters.</summary>
    public byte[] ExportBegin { get; }

    /// <summary>What can be chosen there.</summary>
    public byte[] ExportFormats { get; }

    /// <summary>Its end.</summary>
    public byte[] ExportEnd { get; }

    /// <summary>The bar of the selection, up to its parameters.</summary>
    public byte[] PickedBegin { get; }

    /// <summary>What operators can do to a selection.</summary>
    public byte[] Picked { get; }

    /// <summary>What admins can do to a selection.</summary>
    public byte[] PickedForAdmins { get; }

    /// <summary>The end of the bar, behind the filter.</summary>
    public byte[] PickedEnd { get; }

    static byte[] Utf8(string html) => Encoding.UTF8.GetBytes(html);

    // Knows the request only while the pieces are made.
    sealed class Maker(Shell shell)
    {
        readonly TextTable texts = TextTable.Of(typeof(RunsTexts), shell.Language);
        readonly TextTable ui = TextTable.Of(typeof(UiTexts), shell.Language);

        public string Help()
        {
            var html = new StringBuilder($"<details class=\"menu query-help\" data-menu><summary class=\"btn btn-quiet btn-icon btn-sm\" aria-label=\"{Text("QueryHelp")}\" title=\"{Text("QueryHelp")}\">{Icon("help-circle")}</summary><div class=\"menu-list\"><p>{Text("QueryHelpText")}</p><dl>");
            foreach (var (example, key) in ListView.QueryExamples)
                html.Append($"<div><dt><a href=\"{HtmlBuffer.Encode(ListPage.UrlOf("query=" + Uri.EscapeDataString(example)))}\"><code>{HtmlBuffer.Encode(example)}</code></a></dt><dd>{Text(key)}</dd></div>");
            html.Append($"</dl><p class=\"muted\">{Text("QueryFields")}</p><p class=\"query-fields\">");
            foreach (var field in FilterFields.All.Where(f => f != FilterFields.Search)) html.Append($"<code title=\"{Text("Field_" + field.Key)}\">{field.Key}</code> ");
            return html.Append($"<code title=\"{Text("QueryStarted")}\">{QueryLine.Started}</code></p></div></details>").ToString();
        }

        public FilterFieldPiece Field(string key)
        {
            var label = $"<div><label class=\"form-label\" for=\"f-{key}\">{Text("Field_" + key)}</label>";
            if (!ListView.Choices.TryGetValue(key, out var choices))
                return new FilterFieldPiece(key, Utf8($"{label}<input class=\"form-control\" id=\"f-{key}\" name=\"{key}\" value=\""), null, Utf8("\" autocomplete=\"off\" spellcheck=\"false\"></div>"));
            string Option(string choice) => $"<option value=\"{choice}\"";
            return new FilterFieldPiece(
                key,
                Utf8($"{label}<select class=\"form-select\" id=\"f-{key}\" name=\"{key}\"><option value=\"\">{Text("Any")}</option>{Option(choices[0])}"),
                [.. choices.Select((choice, i) => (choice, Utf8($">{Text("Value_" + choice)}</option>{(i + 1 < choices.Length ? Option(choices[i + 1]) : "")}")))],
                Utf8("</select></div>"));
        }

        public string Formats()
        {
            var html = new StringBuilder($"<fieldset class=\"export-formats\"><legend class=\"form-label\">{Text("Format")}</legend>");
            foreach (var format in new[] { "csv", "ndjson", "json", "otlp", "otlp-logs", "ipynb" })
                html.Append($"<label class=\"form-check\"><input type=\"radio\" name=\"format\" value=\"{format}\"{(format == "csv" ? " checked" : "")}><span><strong>{Text("Export_" + format)}</strong><small class=\"muted\">{Text("ExportHint_" + format)}</small></span></label>");
            return html.Append($"</fieldset><label class=\"form-check\"><input type=\"checkbox\" name=\"include\" value=\"payloads,steps\"><span>{Text("ExportInclude")}</span></label><label class=\"form-check\"><input type=\"checkbox\" name=\"include\" value=\"logs\"><span>{Text("ExportIncludeLogs")}</span></label>").ToString();
        }

        public string Tools((string Kind, string Icon)[] kinds)
        {
            var html = new StringBuilder($"<strong class=\"num\" data-picked-count></strong><div class=\"picked-tools\" role=\"toolbar\" aria-label=\"{Text("PickedTools")}\"><a class=\"btn btn-sm\" href=\"/runs\" data-picked-compare hidden>{Icon("arrows-split")}<span>{Text("Compare")}</span></a>");
            foreach (var (kind, icon) in kinds)
                html.Append($"<button class=\"btn btn-sm{(kind == "delete" ? " btn-danger" : "")}\" value=\"{kind}\" title=\"{Text("BulkKind_" + kind)}\">{Icon(icon)}<span>{Text("BulkKind_" + kind)}</span></button>");
            return html.ToString();
        }

        public string Template()
        {
            var close = $"<button class=\"btn btn-quiet btn-icon btn-sm\" data-panel-close aria-label=\"{Ui("Close")}\">{Icon("x")}</button>";
            return $"""
                <template id="panel-skeleton"><div class="panel-head"><span class="skeleton sk-title"></span>{close}</div><div class="panel-content" role="status"><span class="sr-only" id="panel-title">{Ui("Loading")}</span><div class="skeleton sk-line"></div><div class="skeleton sk-line short"></div><div class="skeleton sk-box"></div><div class="skeleton sk-box"></div><div class="skeleton sk-box tall"></div></div></template>
                <template id="row-buttons"><button class="copy" type="button" tabindex="-1" aria-label="{Text("CopyId")}">{Icon("copy")}</button><button class="row-more" type="button" tabindex="-1" aria-haspopup="dialog" aria-expanded="false" aria-label="{Text("QuickView")}">{Icon("dots")}</button></template>
                <template id="panel-error"><div class="panel-head"><h2 id="panel-title">{Ui("SomethingWentWrong")}</h2>{close}</div><div class="empty" role="alert">{Icon("alert-triangle")}<p>{Ui("CouldNotReach")}</p><button class="btn" data-panel-retry>{Ui("Retry")}</button></div></template>
                """;
        }

        public string Text(string key) => HtmlBuffer.Encode(texts[key]);

        string Ui(string key) => HtmlBuffer.Encode(ui[key]);

        public string Icon(string name) => shell.Icon(name).Value!;
    }
}
