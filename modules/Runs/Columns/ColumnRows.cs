using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Html;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Runs.List;
using RunHub.Search;
using RunHub.Ui;

namespace RunHub.Runs.Columns;

/// <summary>
/// Head and rows of a list whose columns somebody chose. The usual list is <see cref="RowWriter"/>'s, which knows its cells
/// by position; here a cell says by its class what it is, and by <c>data-label</c> how a card names it.
/// </summary>
public sealed class ColumnRows
{
    const int ShownTags = 2;
    readonly Shell shell;
    readonly TextTable texts;
    readonly IReadOnlyList<ListColumn> columns;
    readonly string[] heads;
    readonly bool mayPick;
    readonly long now;

    /// <summary>Prepares the columns of a page.</summary>
    /// <param name="shell">Of the request.</param>
    /// <param name="texts">Texts of the list.</param>
    /// <param name="columns">In order.</param>
    public ColumnRows(Shell shell, TextTable texts, ChosenColumns columns)
    {
        (this.shell, this.texts, this.columns, now) = (shell, texts, columns.List, shell.Now);
        heads = [.. this.columns.Select(c => HtmlBuffer.Encode(c.Head(texts)))];
        mayPick = shell.Caller?.May(Access.Allow.Operators) == true;
    }

    /// <summary>The cells of the table's head.</summary>
    public IHtmlContent Head(RunFilter filter)
    {
        var html = new HtmlBuffer();
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            var before = i == 0 && mayPick ? ListView.PickAll(texts) : "";
            var attributes = $" class=\"{ClassOf(column)}\" data-col=\"{HtmlBuffer.Encode(column.Key)}\"";
            if (column.Sort is { } by) html.Raw(ListView.SortHeader(texts, filter, by, column.TextKey, before, attributes).Value);
            else html.Raw($"<th scope=\"col\"{attributes}{(column.Path is { } path ? $" title=\"{HtmlBuffer.Encode(path.Text)}\"" : "")}>{before}{heads[i]}</th>");
        }

        html.Raw($"<th scope=\"col\" class=\"c-open\"><span class=\"sr-only\">{HtmlBuffer.Encode(texts["Open"])}</span></th>");
        return html;
    }

    /// <summary>The rows.</summary>
    /// <param name="runs">In order.</param>
    /// <param name="values">What the paths lead to, by number of the run.</param>
    /// <param name="snippets">Pieces of text that stand below a row, by number of the run.</param>
    /// <param name="first">The first of them is the first row of the grid, where the Tab key enters it.</param>
    public IHtmlContent Rows(IReadOnlyList<RunRow> runs, IReadOnlyDictionary<long, RunValues> values, IReadOnlyDictionary<long, SearchSnippet> snippets, bool first)
    {
        var html = new HtmlBuffer(16 * 1024);
        for (var i = 0; i < runs.Count; i++)
        {
            Row(html, runs[i], values.GetValueOrDefault(runs[i].RunNo), first && i == 0);
            if (snippets.TryGetValue(runs[i].RunNo, out var snippet)) Hit(html, snippet);
        }

        return html;
    }

    void Row(HtmlBuffer html, RunRow run, RunValues? values, bool entry)
    {
        html.Raw(entry ? "<tr tabindex=\"0\" data-id=\""u8 : "<tr tabindex=\"-1\" data-id=\""u8);
        html.Text(run.Id);
        html.Raw("\">"u8);
        var path = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            PathValue? value = null;
            var state = ValueState.Read;
            if (column.Path is { } place)
            {
                value = values is null ? PathValue.None : values.Values[path++];
                state = values is null ? ValueState.Read : place.IsInput ? values.Input : values.Output;
            }

            html.Raw("<td class=\""u8);
            html.Raw(ClassOf(column));
            if (value is { IsNumber: true }) html.Raw(" num"u8);
            html.Raw("\" data-label=\""u8);
            html.Raw(heads[i]);
            Since(html, column, run);
            html.Raw("\">"u8);
            if (i == 0 && mayPick) html.Raw($"<input type=\"checkbox\" class=\"pick\" tabindex=\"-1\" aria-label=\"{HtmlBuffer.Encode(texts["PickRun"])}\">");
            if (value is { } shown) Value(html, shown, state);
            else Cell(html, column, run);
            html.Raw("</td>"u8);
        }

        html.Raw("<td class=\"c-open\"></td></tr>\n"u8);
    }

    // A running run's duration ticks in the page.
    static void Since(HtmlBuffer html, ListColumn column, RunRow run)
    {
        if (column.Key != "duration_ms" || run is not { Status: RunStatus.Running, StartedAt: { } started }) return;
        html.Raw("\" data-since=\""u8);
        html.Number(started / 1000);
    }

    void Value(HtmlBuffer html, PathValue value, ValueState state)
    {
        if (state != ValueState.Read)
        {
            html.Raw($"<abbr title=\"{HtmlBuffer.Encode(texts[state == ValueState.TooLarge ? "ColumnTooLarge" : "ColumnTooMuch"])}\">…</abbr>");
            return;
        }

        html.Text(value.Text);
        if (value.IsCut) html.Raw("…"u8);
    }

    void Cell(HtmlBuffer html, ListColumn column, RunRow run)
    {
        if (column.At is { } at) Time(html, at(run));
        else if (column.Text is { } text) html.Text(text(run, shell.Format) ?? "");
        else
        {
            switch (column.Key)
            {
                case "status": html.Raw(shell.Status(run.Status).Value); break;
                case "id": Id(html, run.Id); break;
                case "workflow_name": Workflow(html, run); break;
                case "workflow_version": html.Text(Format.Version(run.WorkflowVersion)); break;
                case "started_at": Time(html, run.SortAt); break;
                case "duration_ms": html.Text(run is { Status: RunStatus.Running, StartedAt: { } started } ? shell.Format.Duration(Math.Max(0, (now - started) / 1000)) : shell.Format.Duration(run.DurationMs)); break;
                case "hitl": html.Text(run.Hitl is { } hitl ? texts.Has("Hitl_" + hitl) ? texts["Hitl_" + hitl] : hitl : ""); break;
                case "tags": Tags(html, run); break;
                case "resolved": html.Text(Resolution(run.Resolved)); break;
            }
        }
    }

    void Time(HtmlBuffer html, long? at)
    {
        if (at is not { } time) return;
        html.Raw($"<time datetime=\"{Times.ToIso(time)}\">");
        html.Text(shell.Format.Ago(time, now));
        html.Raw("</time>"u8);
    }

    static void Id(HtmlBuffer html, string id)
    {
        html.Raw($"<a href=\"/runs/{HtmlBuffer.Encode(Uri.EscapeDataString(id))}\">");
        html.Text(Format.ShortId(id));
        html.Raw("</a>"u8);
    }

    void Workflow(HtmlBuffer html, RunRow run)
    {
        html.Text(run.WorkflowName);
        if (run.Lane == Lane.Backfill) html.Raw($" <b>{HtmlBuffer.Encode(texts["Value_backfill"])}</b>");
        if (run is not { Status: RunStatus.Failed, ErrorMessage: { } error } || columns.Any(c => c.Key == "error_message")) return;
        html.Raw(" <em>"u8);
        html.Text(Format.Short(error, ListView.ShownError));
        html.Raw("</em>"u8);
    }

    static void Tags(HtmlBuffer html, RunRow run)
    {
        var tags = TextList.Split(run.TagsText);
        foreach (var tag in tags.Take(ShownTags))
        {
            html.Raw("<i>"u8);
            html.Text(tag);
            html.Raw("</i>"u8);
        }

        if (tags.Length > ShownTags) html.Raw($"<i>+{tags.Length - ShownTags}</i>");
    }

    static string Resolution(string? json)
    {
        if (json is null) return "";
        try
        {
            using var resolved = JsonDocument.Parse(json);
            return resolved.RootElement.ValueKind == JsonValueKind.Object && resolved.RootElement.TryGetProperty("reason", out var reason) && reason.ValueKind == JsonValueKind.String ? reason.GetString()! : "✓";
        }
        catch (JsonException)
        {
            return "✓";
        }
    }

    void Hit(HtmlBuffer html, SearchSnippet snippet)
    {
        html.Raw($"<tr class=\"hit\"><td colspan=\"{columns.Count + 1}\"><b>{WebUtility.HtmlEncode(texts["Found_" + SearchApi.FieldName(snippet.Kind)])}</b> ");
        var from = 0;
        foreach (var (start, length) in snippet.Marks)
        {
            html.Text(snippet.Text.AsSpan(from, start - from));
            html.Raw("<mark>"u8);
            html.Text(snippet.Text.AsSpan(start, length));
            html.Raw("</mark>"u8);
            from = start + length;
        }

        html.Text(snippet.Text.AsSpan(from));
        html.Raw("</td></tr>\n"u8);
    }

    static string ClassOf(ListColumn column) => column.Kind switch
    {
        CellKind.Own => "c-" + column.Key.Replace('_', '-'),
        CellKind.Number => "c-num num",
        CellKind.Time => "c-time",
        _ => column.Path is null ? "c-text" : "c-path",
    };
}
