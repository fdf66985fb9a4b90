using System.Buffers;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>
/// The rows of the list, written by hand: this is where a list request spends its time. Everything that does not depend on
/// the row is looked up once in the constructor, and a row goes into a pooled buffer without a string being made. A row
/// is <c>&lt;tr data-id&gt;</c> with eleven cells; the style sheet knows them by position. Buttons that are the same in every row are put
/// in by the script (quick.js), which they need anyway.
/// </summary>
public sealed class RowWriter : IHtmlContent
{
    const int ShownTags = 2;
    static readonly SearchValues<char> Special = SearchValues.Create("&<>\"'+`\0\u007f");

    /// <summary>What a row shows, and nothing else: reading columns is the other half of a list's time.</summary>
    public static RowProjection<RunRow> Columns { get; } = RunRow.Table.Project(
        "run_no", "id", "workflow_name", "workflow_version", "environment", "status", "lane", "sort_at", "started_at", "duration_ms", "hitl", "tags", "owner", "actor", "error_message", "progress");

    readonly IReadOnlyList<RunRow> runs;
    readonly IReadOnlyDictionary<long, SearchSnippet> snippets;
    readonly string[] kinds;
    readonly bool first;
    readonly Format format;
    readonly long now;
    readonly string[] badges;
    readonly string start;
    readonly string[] hitl;
    readonly string backfill;
    readonly string progress;
    char[] buffer = [];
    int at;

    /// <summary>Prepares the rows of a page.</summary>
    /// <param name="shell">Of the request.</param>
    /// <param name="texts">Texts of the list.</param>
    /// <param name="runs">In order.</param>
    /// <param name="snippets">Pieces of text that stand below a row, by number of the run.</param>
    /// <param name="first">The first of them is the first row of the grid, where the Tab key enters it.</param>
    public RowWriter(Shell shell, TextTable texts, IReadOnlyList<RunRow> runs, IReadOnlyDictionary<long, SearchSnippet> snippets, bool first)
    {
        (this.runs, this.snippets, this.first) = (runs, snippets, first);
        kinds = snippets.Count == 0 ? [] : [.. Enum.GetValues<SearchKind>().Select(k => HtmlEncoder.Default.Encode(texts["Found_" + SearchApi.FieldName(k)]))];
        format = shell.Format;
        now = shell.Now;
        badges = [.. RunStatuses.All.Select(s => shell.Status(s).Value!)];
        start = shell.Caller?.May(Access.Allow.Operators) == true ? $"\"><td><input type=\"checkbox\" class=\"pick\" tabindex=\"-1\" aria-label=\"{HtmlEncoder.Default.Encode(texts["PickRun"])}\">" : "\"><td>";
        hitl = [texts["Hitl_requested"], texts["Hitl_approved"], texts["Hitl_rejected"]];
        progress = $"<progress max=\"100\" aria-label=\"{HtmlEncoder.Default.Encode(texts["Column_progress"])}\" value=\"";
        backfill = $" <b>{HtmlEncoder.Default.Encode(texts["Value_backfill"])}</b>";
    }

    /// <inheritdoc/>
    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        buffer = ArrayPool<char>.Shared.Rent(16 * 1024);
        try
        {
            for (var i = 0; i < runs.Count; i++)
            {
                Row(runs[i], first && i == 0, encoder);
                if (at < 12 * 1024) continue;
                writer.Write(buffer, 0, at);
                at = 0;
            }

            writer.Write(buffer, 0, at);
        }
        finally
        {
            at = 0;
            ArrayPool<char>.Shared.Return(buffer);
            buffer = [];
        }
    }

    void Row(RunRow run, bool entry, HtmlEncoder encoder)
    {
        Raw(entry ? "<tr tabindex=\"0\" data-id=\"" : "<tr tabindex=\"-1\" data-id=\"");
        Text(run.Id, encoder);
        Raw(start);
        Raw(badges[(int)run.Status]);
        if (run.OpenProgress is { } percent)
        {
            Raw(progress);
            Number((long)percent);
            Raw("\"></progress>");
        }

        Raw("</td><td><a href=\"/runs/");
        Text(IsPlain(run.Id) ? run.Id : Uri.EscapeDataString(run.Id), encoder);
        Raw("\">");
        Text(Format.ShortId(run.Id), encoder);
        Raw("</a></td><td>");
        Text(run.WorkflowName, encoder);
        if (run.Lane == Lane.Backfill) Raw(backfill);
        if (run is { Status: RunStatus.Failed, ErrorMessage: { } error })
        {
            Raw(" <em>");
            Text(Format.Short(error, ListView.ShownError), encoder);
            Raw("</em></td><td>");
        }
        else
        {
            Raw("</td><td>");
        }

        if (run.WorkflowVersion is { Length: > 0 } version)
        {
            if (version[0] is not ('v' or 'V')) Raw("v");
            Text(version, encoder);
        }

        Raw("</td><td>");
        Text(run.Environment, encoder);
        Raw("</td><td><time datetime=\"");
        Raw(Times.ToIso(run.SortAt));
        Raw("\">");
        Raw(format.Ago(run.SortAt, now));
        if (run.Status == RunStatus.Running && run.StartedAt is { } started)
        {
            Raw("</time></td><td data-since=\"");
            Number(started / 1000);
            Raw("\">");
            Raw(format.Duration(Math.Max(0, (now - started) / 1000)));
        }
        else
        {
            Raw("</time></td><td>");
            Raw(format.Duration(run.DurationMs));
        }

        Raw("</td><td>");
        if (run.Hitl is { } state) Text(state switch { "requested" => hitl[0], "approved" => hitl[1], "rejected" => hitl[2], _ => state }, encoder);
        Raw("</td><td>");
        if (run.TagsText is { } tags) Tags(tags, encoder);
        Raw("</td><td>");
        if ((run.Owner ?? run.Actor) is { } owner) Text(owner, encoder);
        Raw("</td><td></td></tr>\n");
        if (snippets.TryGetValue(run.RunNo, out var snippet)) Hit(snippet, encoder);
    }

    // A row of its own below the run's, so that the text has the whole width.
    void Hit(SearchSnippet snippet, HtmlEncoder encoder)
    {
        Raw("<tr class=\"hit\"><td colspan=\"11\"><b>");
        Raw(kinds[(int)snippet.Kind]);
        Raw("</b> ");
        var from = 0;
        foreach (var (start, length) in snippet.Marks)
        {
            Text(snippet.Text.AsSpan(from, start - from), encoder);
            Raw("<mark>");
            Text(snippet.Text.AsSpan(start, length), encoder);
            Raw("</mark>");
            from = start + length;
        }

        Text(snippet.Text.AsSpan(from), encoder);
        Raw("</td></tr>\n");
    }

    // "\na\nb\n" -> <i>a</i><i>b</i>, then how many more.
    void Tags(string tags, HtmlEncoder encoder)
    {
        var rest = tags.AsSpan().Trim('\n');
        var shown = 0;
        while (rest.Length > 0)
        {
            if (shown == ShownTags)
            {
                Raw("<i>+");
                Number(rest.Count('\n') + 1);
                Raw("</i>");
                return;
            }

            var end = rest.IndexOf('\n');
            Raw("<i>");
            Text(end < 0 ? rest : rest[..end], encoder);
            Raw("</i>");
            rest = end < 0 ? [] : rest[(end + 1)..];
            shown++;
        }
    }

    void Text(ReadOnlySpan<char> text, HtmlEncoder encoder)
    {
        if (text.IndexOfAny(Special) < 0) Raw(text);
        else Raw(encoder.Encode(text.ToString()));
    }

    void Number(long number)
    {
        Room(20);
        number.TryFormat(buffer.AsSpan(at), out var written, provider: System.Globalization.CultureInfo.InvariantCulture);
        at += written;
    }

    void Raw(ReadOnlySpan<char> html)
    {
        Room(html.Length);
        html.CopyTo(buffer.AsSpan(at));
        at += html.Length;
    }

    void Room(int length)
    {
        if (buffer.Length - at >= length) return;
        var larger = ArrayPool<char>.Shared.Rent(Math.Max(buffer.Length * 2, at + length));
        buffer.AsSpan(0, at).CopyTo(larger);
        ArrayPool<char>.Shared.Return(buffer);
        buffer = larger;
    }

    static bool IsPlain(string id)
    {
        foreach (var c in id)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')) return false;
        return true;
    }
}
