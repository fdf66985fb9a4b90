using RunHub.Model;
using RunHub.Modules.Slots;
using RunHub.Runs.List;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary>
/// A run's page and its slide-over, written by hand: head, error, tabs, then the facts, notes, inputs, outputs and what other
/// modules show. The most visited page; as views it cost as much as everything it reads.
/// </summary>
public sealed partial class RunHtml(Shell shell, RunView view)
{
    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));
    readonly RunRow run = view.Run;
    readonly RunPieces pieces = shell.Prepared(static s => new RunPieces(s));
    readonly RunActs acts = new(shell, view.Run);

    /// <summary>All of it, with the steps.</summary>
    public HtmlBuffer Whole()
    {
        var html = new HtmlBuffer(64 * 1024);
        Begin(html);
        Body(html);
        End(html);
        return html;
    }

    /// <summary>What stands above a tab's content.</summary>
    public HtmlBuffer Begin()
    {
        var html = new HtmlBuffer();
        Begin(html);
        return html;
    }

    /// <summary>What stands below it.</summary>
    public HtmlBuffer End()
    {
        var html = new HtmlBuffer(256);
        End(html);
        return html;
    }

    /// <summary>What an act may have changed, each part to be put in the place of the one that is shown.</summary>
    public HtmlBuffer Changed()
    {
        var html = new HtmlBuffer(8 * 1024);
        State(html, " hx-swap-oob=\"true\""u8);
        new RunMeta(shell, view, html).Write(" hx-swap-oob=\"true\""u8);
        Notes(html, " hx-swap-oob=\"true\""u8);
        return html;
    }

    void Begin(HtmlBuffer html)
    {
        if (!view.InPanel) pieces.Crumbs.Write(html, view.Url);
        html.Raw(view.InPanel ? "<article class=\"run run-in-panel\" id=\"run\" data-run=\""u8 : "<article class=\"run run-page\" id=\"run\" data-run=\""u8);
        html.Text(run.Id);
        html.Raw("\">\n<header class=\"run-head\">\n"u8);
        Title(html);
        (view.InPanel ? pieces.PanelActions : pieces.PageActions).Write(html, view.Url);
        State(html, default);
        acts.Write(html);
        html.Raw("</header>\n"u8);
        if (run.Status == RunStatus.Failed || view.ErrorMessage is not null) Error(html);
        else
        {
            if (run.FailedSteps > 0) Partly(html);
            if (run is { Status: RunStatus.Completed, DurationMs: not null } && view.Tab is null) Why(html, skeleton: false);
        }

        if (view.Tabs.Count > 0) Tabs(html);
    }

    void End(HtmlBuffer html) => html.Raw(view.InPanel ? "<div class=\"toast\" role=\"status\" data-toast></div>\n</article>\n"u8 : "</article>\n"u8);

    void Title(HtmlBuffer html)
    {
        html.Raw(view.InPanel ? "<div class=\"run-title\"><h2 id=\"panel-title\">"u8 : "<div class=\"run-title\"><h1>"u8);
        html.Text(run.WorkflowName);
        html.Raw(view.InPanel ? "</h2>"u8 : "</h1>"u8);
        if (view.Version is { } version) html.Raw("<span class=\"badge\">"u8).Text(version).Raw("</span>"u8);
        html.Raw("<span class=\"badge env-"u8);
        html.Raw(run.Environment is "prod" or "stage" or "dev" ? run.Environment : "other");
        html.Raw("\">"u8).Text(run.Environment).Raw("</span>"u8);
        if (run.Lane == Lane.Backfill) html.Raw("<span class=\"badge purple\">"u8).Text(texts["Value_backfill"]).Raw("</span>"u8);
        if (run.Attempt is > 1) html.Raw("<span class=\"badge yellow\">"u8).Text(texts.Put("AttemptN", shell.Format.Number(run.Attempt))).Raw("</span>"u8);
        html.Raw("</div>\n"u8);
    }

    void State(HtmlBuffer html, ReadOnlySpan<byte> attributes)
    {
        html.Raw("<div class=\"run-state\" id=\"run-state\""u8);
        html.Raw(attributes);
        html.Raw("><span class=\"status-pill\">"u8);
        html.Raw(shell.Status(run.Status).Value);
        html.Raw("</span><span class=\"run-id\"><span class=\"muted\">"u8).Text(texts["RunNumber"]).Raw("</span> <code>#"u8);
        html.Text(view.ShortId);
        html.Raw("</code>"u8);
        pieces.CopyId.Write(html, run.Id);
        html.Raw("</span>"u8);
        acts.Resolution(html);
        if (run.OpenProgress is { } percent) Progress(html, (long)percent);
        html.Raw("</div>\n"u8);
    }

    void Progress(HtmlBuffer html, long percent)
    {
        html.Raw("<span class=\"run-progress\" id=\"run-progress\"><progress max=\"100\" value=\""u8).Number(percent);
        html.Raw("\" aria-label=\""u8).Text(texts["Column_progress"]).Raw("\"></progress><span class=\"num\" aria-hidden=\"true\">"u8).Number(percent);
        html.Raw("%</span></span>"u8);
    }

    void Tabs(HtmlBuffer html)
    {
        html.Raw("<div class=\"tabs run-tabs\" role=\"tablist\" aria-label=\""u8).Text(texts["RunParts"]).Raw("\" data-tabs>"u8);
        Tab(html, RunTab.Steps, view.Url, "stack-2", texts["TabSteps"], view.Tab is null);
        foreach (var tab in view.Tabs) Tab(html, tab.Key, view.Url + "?tab=" + tab.Key, tab.Icon, TextTable.Of(tab.TextSource)[tab.TextKey], ReferenceEquals(tab, view.Tab));
        html.Raw("</div>\n"u8);
    }

    void Tab(HtmlBuffer html, string key, string url, string icon, string text, bool selected)
    {
        html.Raw("<a role=\"tab\" id=\"tab-"u8).Text(key).Raw("\" href=\""u8);
        html.Text(url);
        html.Raw("\" data-tab=\""u8).Text(key).Raw("\""u8);
        if (selected) html.Raw(" aria-selected=\"true\" aria-controls=\"tabpanel-"u8).Text(key).Raw("\">"u8);
        else html.Raw(" aria-selected=\"false\" tabindex=\"-1\">"u8);
        Icon(html, icon);
        html.Text(text);
        // The notes are at hand; other tabs would have to be asked.
        if (view.Notes.Count > 0 && key == "annotations") html.Raw(" <span class=\"tab-count num\">"u8).Text(shell.Format.Number(view.Notes.Count)).Raw("</span>"u8);
        html.Raw("</a>"u8);
    }

    void Body(HtmlBuffer html)
    {
        html.Raw(view.Tabs.Count > 0 ? "<div class=\"run-body\" role=\"tabpanel\" aria-labelledby=\"tab-steps\" id=\"tabpanel-steps\" data-tabpanel=\"steps\">\n"u8 : "<div class=\"run-body\" id=\"tabpanel-steps\" data-tabpanel=\"steps\">\n"u8);
        new RunMeta(shell, view, html).Write(default);
        html.Raw("<div class=\"run-main\">\n"u8);
        Notes(html, default);
        if (view.Inputs is not null || view.Outputs is not null)
        {
            var blocks = shell.Prepared(static s => new JsonBlockWriter(s));
            html.Raw("<div class=\"run-io\">"u8);
            if (view.Inputs is { } inputs) Block("inputs", "Inputs", inputs);
            if (view.Outputs is { } outputs) Block("outputs", "Outputs", outputs);
            html.Raw("</div>\n"u8);

            void Block(string key, string text, in JsonBlock block)
            {
                SectionHead(html, key, texts[text], withId: false);
                blocks.Write(html, block);
                html.Raw("</section>"u8);
            }
        }
        else
        {
            html.Raw("<div class=\"gap-note\"><p>"u8).Text(texts["NoPayloads"]).Raw(" <a href=\"/docs#tag-Runs\">"u8);
            html.Text(texts["HowToReport"]).Raw("</a></p></div>\n"u8);
        }

        // What it was worth: other runs say what it was before, so it is asked for when the page stands.
        html.Raw("<section class=\"run-section business\" id=\"business\" hx-get=\""u8).Text(view.Url).Raw("/business\" hx-trigger=\"load, business-changed from:body\" hx-swap=\"innerHTML\"></section>\n"u8);
        foreach (var (section, content) in view.Sections)
        {
            SectionHead(html, section.Key, TextTable.Of(section.TextSource)[section.TextKey], withId: true);
            if (content is not null)
            {
                html.Raw(content.Written);
                content.Dispose();
            }
            else html.Raw("<div hx-get=\""u8).Text(section.Url.Replace("{id}", Uri.EscapeDataString(run.Id), StringComparison.Ordinal)).Raw("\" hx-trigger=\"load\" hx-swap=\"innerHTML\"><div class=\"skeleton sk-box\"></div></div>"u8);
            html.Raw("</section>\n"u8);
        }

        html.Raw("</div>\n</div>\n"u8);
    }

    static void SectionHead(HtmlBuffer html, string key, string title, bool withId)
    {
        html.Raw("<section class=\"run-section\""u8);
        var prefix = withId ? "section-" : "";
        if (withId) html.Raw(" id=\"section-"u8).Text(key).Raw("\""u8);
        html.Raw(" aria-labelledby=\""u8);
        html.Text(prefix);
        html.Text(key).Raw("-title\"><h2 id=\""u8);
        html.Text(prefix);
        html.Text(key).Raw("-title\">"u8);
        html.Text(title).Raw("</h2>\n"u8);
    }

    void Notes(HtmlBuffer html, ReadOnlySpan<byte> attributes) => NotesSection.Write(html, shell, run, view.Notes, attributes);

    /// <summary>Ends a start tag that has no words: a label, a tooltip, and an icon in it.</summary>
    void Named(HtmlBuffer html, string text, string icon)
    {
        html.Raw(" aria-label=\""u8).Text(text).Raw("\" title=\""u8);
        html.Text(text).Raw("\">"u8);
        Icon(html, icon);
    }

    void Icon(HtmlBuffer html, string name) => html.Raw(shell.Icon(name).Value);
}
