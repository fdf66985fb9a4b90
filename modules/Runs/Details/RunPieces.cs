using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary>
/// What of a run's head is the same for every run, put together once for a language (<see cref="Shell.Prepared"/>): its buttons. A hole
/// is the run's address.
/// </summary>
sealed class RunPieces
{
    public RunPieces(Shell shell)
    {
        var texts = TextTable.Of(typeof(RunsTexts), shell.Language);
        var ui = TextTable.Of(typeof(UiTexts), shell.Language);
        const char Url = HtmlPiece.Hole;
        string Text(string key) => HtmlBuffer.Encode(texts[key]);
        string Icon(string name) => shell.Icon(name).Value!;
        // The rest of a button without words: its label, a tooltip, and an icon in it.
        string Named(string text, string icon) => $" aria-label=\"{text}\" title=\"{text}\">{Icon(icon)}";

        var near = "<span class=\"run-near\" data-near-runs hidden>"
            + $"<a class=\"btn btn-quiet btn-icon btn-sm\" id=\"near-previous\" data-near-previous data-key=\"k\" data-key-text=\"{Text("PreviousRun")}\"{Named(Text("PreviousRun"), "arrow-up")}</a>"
            + $"<a class=\"btn btn-quiet btn-icon btn-sm\" id=\"near-next\" data-near-next data-key=\"j\" data-key-text=\"{Text("NextRun")}\"{Named(Text("NextRun"), "arrow-down")}</a></span>";
        var link = $"<button class=\"btn btn-quiet btn-icon btn-sm\" data-copy=\"{Url}\" data-copy-link{Named(Text("CopyLink"), "link")}</button>";
        var notebook = $"<a class=\"btn btn-sm btn-icon btn-quiet\" href=\"/api{Url}/notebook\" download{Named(Text("DownloadNotebook"), "notebook")}</a>";

        Crumbs = new HtmlPiece($"<nav class=\"crumbs\" aria-label=\"{Text("Breadcrumb")}\"><a href=\"/runs\">{Icon("arrow-left")}{Text("Runs")}</a>{near}</nav>\n");
        PageActions = new HtmlPiece($"<div class=\"run-actions\">{link}<a class=\"btn btn-sm\" href=\"/api{Url}/download\" download{Named(Text("DownloadJson"), "download")}{Text("DownloadJson")}</a>{notebook}"
            + $"<a class=\"btn btn-sm\" href=\"{Url}/compare\"{Named(Text("Compare"), "layers-subtract")}{Text("Compare")}</a></div>\n");
        PanelActions = new HtmlPiece($"<div class=\"run-actions\">{near}{link}<a class=\"btn btn-sm btn-quiet btn-icon\" href=\"/api{Url}/download\" download{Named(Text("DownloadJson"), "download")}</a>{notebook}"
            + $"<a class=\"btn btn-quiet btn-icon btn-sm\" href=\"{Url}\"{Named(Text("OpenPage"), "maximize")}</a>"
            + $"<button class=\"btn btn-quiet btn-icon btn-sm\" data-panel-close data-panel-focus{Named(HtmlBuffer.Encode(ui["Close"]), "x")}</button></div>\n");
        CopyId = new HtmlPiece($"<button class=\"copy\" data-copy=\"{HtmlPiece.Hole}\"{Named(Text("CopyId"), "copy")}</button>");
        CompareWithSuccess = new HtmlPiece($"<p class=\"run-error-at\"><a id=\"compare-success\" href=\"{Url}/compare/last-success\">{Icon("layers-subtract")}{Text("CompareLastSuccess")}</a></p>");
        Acts = RunActs.AllKinds.ToDictionary(kind => kind, kind => new HtmlPiece($"{RunActs.Menu(shell, texts, "act-" + kind, kind, Url.ToString(), open: false)}<a class=\"menu-item\" href=\"{Url}/act?kind={kind}\">{Text("Act_" + kind)}</a></div></details>"), StringComparer.Ordinal);
    }

    /// <summary>The way back to the list and to the runs beside this one, which depend on the list somebody came from: its script knows.</summary>
    public HtmlPiece Crumbs { get; }

    /// <summary>Copy, download, compare: of the run's own page.</summary>
    public HtmlPiece PageActions { get; }

    /// <summary>The same in the slide-over, with the way to its page.</summary>
    public HtmlPiece PanelActions { get; }

    /// <summary>Copies the run's id, which is what the hole takes here.</summary>
    public HtmlPiece CopyId { get; }

    /// <summary>Below the error.</summary>
    public HtmlPiece CompareWithSuccess { get; }

    /// <summary>The menus of what can be done to a run, closed.</summary>
    public IReadOnlyDictionary<string, HtmlPiece> Acts { get; }
}
