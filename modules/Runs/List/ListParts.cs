using Microsoft.AspNetCore.Html;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>
/// The parts of the list's page around its rows that are long and nearly the same every time: forms, menus and what the scripts need.
/// Written by hand, from pieces that are put together once for a language (<see cref="ListPieces"/>); as views they took longer than
/// reading the runs. What decides how the page looks is in <c>_Runs.cshtml</c>.
/// </summary>
public sealed class ListParts(Shell shell, ListPage list)
{
    const int MinuteLength = 16;
    readonly ListPieces pieces = shell.Prepared(static s => new ListPieces(s));
    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));
    readonly RunFilter filter = list.Filter;
    readonly string query = list.Filter.ToQuery();

    /// <summary>The address of something that depends on the filter.</summary>
    public string At(string path) => query.Length == 0 ? path : path + "?" + query;

    /// <summary>What the query line understands, behind its question mark.</summary>
    public HtmlString QueryHelp => pieces.QueryHelp;

    /// <summary>What the slide-over shows while it loads and when it cannot, and the buttons of a row.</summary>
    public static HtmlString Templates(Shell shell) => shell.Prepared(static s => new ListPieces(s)).Templates;

    /// <summary>What a form does not edit travels along as hidden fields.</summary>
    /// <param name="edited">Keys of the fields that it does edit.</param>
    public HtmlBuffer Others(IReadOnlyList<string> edited)
    {
        var html = new HtmlBuffer(1024);
        Others(html, edited);
        return html;
    }

    void Others(HtmlBuffer html, IReadOnlyList<string> edited)
    {
        foreach (var condition in filter.Conditions)
            if (!edited.Contains(condition.Key, StringComparer.Ordinal)) Hidden(html, condition.Key, condition.ToText());
        if (filter.Sort != RunSort.Default) Hidden(html, "sort", filter.Sort.ToString());
        if (filter.Columns is { } columns && !edited.Contains("columns", StringComparer.Ordinal)) Hidden(html, "columns", columns);
    }

    /// <summary>How fine the fields of a time are: minutes, or seconds where one has some.</summary>
    public string? Step => Minute(list.Range.From)?.Length > MinuteLength || Minute(list.Range.To)?.Length > MinuteLength ? "1" : null;

    /// <summary>A moment as a field of local time takes it. In UTC, as it is read without scripts; they put it to the reader's clock.</summary>
    public static string? Minute(long? at) => at is { } micros ? Times.FromMicros(micros).ToString(micros % 60_000_000 == 0 ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) : null;

    /// <summary>The same in full.</summary>
    public static string? Utc(long? at) => at is { } micros ? Times.ToIso(micros) : null;

    /// <summary>The form behind "Filters", with what is set.</summary>
    public HtmlBuffer FilterForm()
    {
        var html = new HtmlBuffer(8 * 1024);
        html.Raw("<form class=\"filter-form\" action=\"/runs\" method=\"get\">"u8);
        Others(html, ListView.FormFields);
        foreach (var field in pieces.Fields)
        {
            var value = filter.Text(field.Key);
            html.Raw(field.Begin);
            if (field.Choices is null) html.Text(value);
            else
                foreach (var (choice, option) in field.Choices)
                {
                    html.Raw(choice == value ? " selected"u8 : default).Raw(option);
                }

            html.Raw(field.End);
        }

        html.Raw(pieces.FilterActions).Raw("</form>"u8);
        return html;
    }

    /// <summary>Everything the filter matches as a file. A plain form: works without scripts, which only count more than a page has.</summary>
    public HtmlBuffer Export()
    {
        var html = new HtmlBuffer(4 * 1024);
        html.Raw(pieces.ExportBegin);
        Others(html, ListView.ColumnFields);
        if (list.Found.NextToken is null && filter.NextToken is null) Count(html, texts, shell.Format, list.Found.Runs.Count, more: false);
        else
        {
            html.Raw("<div hx-get=\""u8).Text(At("/runs/export/count")).Raw("\" hx-trigger=\"toggle from:closest details once\" hx-target=\"this\" hx-swap=\"outerHTML\" hx-indicator=\"this\" hx-sync=\"this\">"u8);
            Count(html, texts, shell.Format, list.Found.Runs.Count, more: true);
            html.Raw("</div>"u8);
        }

        html.Raw(pieces.ExportFormats);
        if (filter.Columns is { } columns)
        {
            html.Raw("<label class=\"form-check\"><input type=\"checkbox\" name=\"columns\" value=\""u8).Text(columns).Raw("\"><span>"u8).Text(texts["ExportColumns"]).Raw("</span></label>"u8);
        }

        html.Raw(pieces.ExportEnd);
        return html;
    }

    /// <summary>How many runs a download will have.</summary>
    /// <param name="shell">Of the request.</param>
    /// <param name="found">The count, and whether there are more.</param>
    public static HtmlBuffer Count(Shell shell, (int Count, bool More) found)
    {
        var html = new HtmlBuffer(256);
        Count(html, TextTable.Of(typeof(RunsTexts)), shell.Format, found.Count, found.More);
        return html;
    }

    static void Count(HtmlBuffer html, TextTable texts, Format format, int count, bool more)
    {
        html.Raw("<p class=\"export-count\" aria-live=\"polite\"><strong>"u8).Text(format.Number(count)).Raw(more ? "+</strong> "u8 : "</strong> "u8).Text(texts[count == 1 && !more ? "ExportRun" : "ExportRuns"]).Raw("</p>"u8);
    }

    /// <summary>What stands below the rows: how far was searched, and the way to more.</summary>
    /// <param name="outOfBand">It comes with more rows and takes the place of what stands there.</param>
    public HtmlBuffer More(bool outOfBand)
    {
        var html = new HtmlBuffer(1024);
        var found = list.Found;
        html.Raw(outOfBand ? "<div class=\"more\" id=\"more\" hx-swap-oob=\"true\">"u8 : "<div class=\"more\" id=\"more\">"u8);
        if (found.SearchedBackTo is { } back)
        {
            html.Raw("<p class=\"muted\">"u8).Text(texts[found.NextToken is null ? "DurationWindow" : "SearchedBackTo"]).Raw(" <time datetime=\""u8).Text(Times.ToIso(back)).Raw("\" data-exact>"u8).Text(shell.Format.DateTime(back)).Raw("</time></p>"u8);
        }

        if (found.NextToken is { } token)
        {
            var next = (query.Length == 0 ? "/runs?next_token=" : "/runs?" + query + "&next_token=") + Uri.EscapeDataString(token);
            html.Raw("<a class=\"btn\" id=\"load-more\" href=\""u8).Text(next).Raw("\" hx-get=\""u8).Text(next).Raw("\" hx-target=\"#rows\" hx-swap=\"beforeend\" hx-indicator=\"#more\">"u8).Text(texts[found.SearchedBackTo is null ? "LoadMore" : "SearchOn"]).Raw("</a>"u8);
        }

        html.Raw("</div>"u8);
        return html;
    }

    /// <summary>What can be done to the selected runs; a script shows it, there is none without.</summary>
    public HtmlBuffer Picked()
    {
        var html = new HtmlBuffer(4 * 1024);
        html.Raw(pieces.PickedBegin);
        if (filter.Columns is { } columns) Hidden(html, "columns", columns);
        html.Raw(shell.Caller?.May(Allow.Admins) == true ? pieces.PickedForAdmins : pieces.Picked).Raw("<a class=\"btn btn-sm btn-quiet\" data-picked-all=\""u8).Text(At("/runs/export/count")).Raw("\" href=\"/bulk/new?filter="u8).Text(Uri.EscapeDataString(query)).Raw(pieces.PickedEnd);
        return html;
    }

    static void Hidden(HtmlBuffer html, string name, string value)
    {
        html.Raw("<input type=\"hidden\" name=\""u8).Text(name).Raw("\" value=\""u8).Text(value).Raw("\">"u8);
    }
}
