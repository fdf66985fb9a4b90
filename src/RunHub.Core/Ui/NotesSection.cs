using RunHub.Access;
using RunHub.Model;

namespace RunHub.Ui;

/// <summary>
/// The annotations that stand above a run's inputs: the newest of them, each with its place. It is asked for again
/// (<c>/runs/{id}/annotations?part=notes</c>) when one was added or changed (<c>annotations-changed</c>).
/// </summary>
public static class NotesSection
{
    /// <summary>Annotations shown; the tab has all.</summary>
    public const int Shown = 20;

    /// <summary>The section.</summary>
    public static HtmlBuffer Of(Shell shell, RunRow run, IReadOnlyList<AnnotationRow> notes)
    {
        var html = new HtmlBuffer(1024);
        Write(html, shell, run, notes, default);
        return html;
    }

    /// <summary>Writes it; without annotations it is there and hidden.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="shell">Of the request.</param>
    /// <param name="run">The run.</param>
    /// <param name="notes">Oldest first.</param>
    /// <param name="attributes">More attributes of its element.</param>
    public static void Write(HtmlBuffer html, Shell shell, RunRow run, IReadOnlyList<AnnotationRow> notes, ReadOnlySpan<byte> attributes)
    {
        html.Raw("<section class=\"run-section\" id=\"run-notes\" aria-labelledby=\"notes-title\" hx-get=\"/runs/"u8);
        html.Text(Uri.EscapeDataString(run.Id));
        html.Raw("/annotations?part=notes\" hx-trigger=\"annotations-changed from:body\" hx-swap=\"outerHTML\""u8);
        html.Raw(attributes);
        if (notes.Count == 0)
        {
            html.Raw(" hidden></section>\n"u8);
            return;
        }

        var texts = TextTable.Of(typeof(UiTexts));
        var writer = shell.Prepared(static s => new NoteHtml(s));
        html.Raw("><h2 id=\"notes-title\">"u8);
        html.Text(texts["Annotations"]);
        html.Raw("</h2>\n"u8);
        for (var i = Math.Max(0, notes.Count - Shown); i < notes.Count; i++)
        {
            writer.Begin(html, notes[i], run.Id, shell.Now, withId: true);
            NoteHtml.End(html);
        }

        html.Raw("<p class=\"notes-more\"><a href=\"/runs/"u8);
        html.Text(Uri.EscapeDataString(run.Id));
        html.Raw("?tab=annotations\" data-tab=\"annotations\">"u8);
        html.Text(shell.Caller?.May(Allow.Operators) == true ? texts["NotesManage"] : texts.Put("NotesAll", shell.Format.Number(notes.Count)));
        html.Raw("</a></p></section>\n"u8);
    }
}
