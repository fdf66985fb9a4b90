using System.Text.RegularExpressions;
using RunHub.Model;
using RunHub.Store.Annotations;

namespace RunHub.Ui;

/// <summary>
/// An annotation as pages show it: where it points, what it quotes, its text with links and mentions, who wrote it and when. Text is text: all of
/// it is escaped, and only http and https become links. Made once for a language (<see cref="Shell.Prepared"/>).
/// </summary>
public sealed partial class NoteHtml
{
    readonly TextTable texts = TextTable.Of(typeof(UiTexts));
    readonly Format format;
    readonly string pin, file;

    /// <summary>Looks its texts and icons up.</summary>
    public NoteHtml(Shell shell) => (format, pin, file) = (shell.Format, shell.Icon("stack-2").Value!, shell.Icon("file-text").Value!);

    /// <summary>Writes one, up to its end: a caller may add to it before <see cref="End"/>.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="note">The annotation.</param>
    /// <param name="runId">Its run.</param>
    /// <param name="now">Microseconds since 1970.</param>
    /// <param name="withId">It is what an address with <c>#annotation-…</c> means: once on a page.</param>
    public void Begin(HtmlBuffer html, AnnotationRow note, string runId, long now, bool withId)
    {
        var anchor = note.Anchor is null ? null : ReadAnnotations.Stored(note.Anchor);
        html.Raw("<article class=\"note\" data-annotation=\""u8);
        html.Text(note.Id);
        if (withId)
        {
            html.Raw("\" id=\"annotation-"u8);
            html.Text(note.Id);
        }

        if (anchor is not null && note.State != AnchorState.Gone) Mark(html, note, anchor);
        html.Raw("\">"u8);
        Place(html, note, anchor, runId);
        if (anchor?.Quote is { } quote)
        {
            html.Raw("<blockquote class=\"note-quote\" dir=\"auto\">"u8);
            html.Text(quote);
            html.Raw("</blockquote>"u8);
        }

        html.Raw("<p class=\"note-text\" dir=\"auto\">"u8);
        Text(html, note.Note, note.Mentions);
        html.Raw("</p><p class=\"muted\"><bdi>"u8);
        html.Text(note.Author);
        html.Raw("</bdi> · <time datetime=\""u8);
        html.Raw(Times.ToIso(note.At));
        html.Raw("\">"u8);
        html.Text(format.Ago(note.At, now));
        html.Raw("</time>"u8);
        if (note.EditedAt is { } edited)
        {
            html.Raw(" · <a href=\"/runs/"u8);
            html.Text(Uri.EscapeDataString(runId));
            html.Raw("/annotations/"u8);
            html.Text(Uri.EscapeDataString(note.Id));
            html.Raw("/history\" title=\""u8);
            html.Text(format.DateTime(edited));
            html.Raw("\">"u8);
            html.Text(texts["NoteEdited"]);
            html.Raw("</a>"u8);
        }

        html.Raw("</p>"u8);
    }

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    public static void End(HtmlBuffer html) => html.Raw("</article>\n"u8);

    /// <summary>A note's text: escaped, line breaks left to the style sheet, addresses clickable, mentions marked.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="mentions">Email addresses of members that it mentions.</param>
    public static void Text(HtmlBuffer html, string text, IReadOnlyList<string> mentions)
    {
        var at = 0;
        foreach (Match match in Special().Matches(text))
        {
            html.Text(text.AsSpan(at, match.Index - at));
            at = match.Index + match.Length;
            if (match.Groups["url"].Success) at -= Link(html, match.Value);
            else if (MentionOf(match.Groups["name"].Value, mentions) is { } length)
            {
                html.Raw("<span class=\"mention\">"u8);
                html.Text(text.AsSpan(match.Index, length + 1));
                html.Raw("</span>"u8);
                at = match.Index + length + 1;
            }
            else html.Text(match.Value);
        }

        html.Text(text.AsSpan(at));
    }

    // Characters at its end that belong to the sentence are given back.
    static int Link(HtmlBuffer html, string url)
    {
        var end = url.Length;
        while (end > 0 && (".,;:!?'*".Contains(url[end - 1], StringComparison.Ordinal) || url[end - 1] == ')' && url.AsSpan(0, end).Count('(') < url.AsSpan(0, end).Count(')'))) end--;
        var address = url[..end];
        if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0)
        {
            html.Raw("<a href=\""u8);
            html.Text(uri.AbsoluteUri);
            html.Raw("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">"u8);
            html.Text(address);
            html.Raw("</a>"u8);
        }
        else html.Text(address);

        return url.Length - end;
    }

    static int? MentionOf(string name, IReadOnlyList<string> mentions)
    {
        foreach (var email in mentions)
        {
            if (name.StartsWith(email, StringComparison.OrdinalIgnoreCase)) return email.Length;
            var local = email.AsSpan(0, email.IndexOf('@', StringComparison.Ordinal));
            if (!name.Contains('@', StringComparison.Ordinal) && name.AsSpan().TrimEnd(".!?-_'").Equals(local, StringComparison.OrdinalIgnoreCase)) return local.Length;
        }

        return null;
    }

    static void Mark(HtmlBuffer html, AnnotationRow note, Anchor anchor)
    {
        Attribute("\" data-payload=\""u8, anchor.Payload);
        Attribute("\" data-step=\""u8, note.StepId);
        Attribute("\" data-quote=\""u8, anchor.Quote);
        Attribute("\" data-prefix=\""u8, anchor.Prefix);
        Attribute("\" data-suffix=\""u8, anchor.Suffix);

        void Attribute(ReadOnlySpan<byte> name, string? value)
        {
            if (value is null) return;
            html.Raw(name);
            html.Text(value);
        }
    }

    void Place(HtmlBuffer html, AnnotationRow note, Anchor? anchor, string runId)
    {
        if (note.StepId is null && anchor is null) return;
        html.Raw("<p class=\"note-where\"><a href=\"/runs/"u8);
        html.Text(Uri.EscapeDataString(runId));
        if (note.StepId is { } step)
        {
            html.Raw("#node-"u8);
            html.Text(Uri.EscapeDataString(note.Node ?? step));
            html.Raw("\" data-node=\""u8);
            html.Text(step);
        }
        else html.Raw("#run\" data-tab=\"steps"u8);

        if (anchor is not null && note.State != AnchorState.Gone)
        {
            html.Raw("\" data-to-mark=\""u8);
            html.Text(note.Id);
        }

        html.Raw("\">"u8);
        html.Raw(note.StepId is null ? file : pin);
        html.Text(note.StepTitle ?? note.StepId ?? texts["NoteRun"]);
        if (anchor is not null)
        {
            html.Raw(" · "u8);
            html.Text(texts["NoteIn_" + anchor.Payload]);
        }

        html.Raw("</a>"u8);
        if (note.State is AnchorState.Gone or AnchorState.Moved)
        {
            html.Raw(note.State == AnchorState.Gone ? " <span class=\"badge yellow\">"u8 : " <span class=\"badge\">"u8);
            html.Text(texts[note.State == AnchorState.Gone ? "NoteGone" : "NoteMoved"]);
            html.Raw("</span>"u8);
        }

        html.Raw("</p>"u8);
    }

    [GeneratedRegex(@"(?<url>https?://[^\s<>""\p{Cf}\p{Cc}]{1,2000})|(?<![\p{L}\p{N}._%+-])@(?<name>[^\s@<>()\[\]{},;:""/\\|]{1,128}(?:@[^\s@<>()\[\]{},;:""/\\|]{1,190})?)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Special();
}
