using RunHub.Modules.Slots;
using RunHub.Steps.Cards;
using RunHub.Steps.Table;
using RunHub.Steps.Timeline;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Steps.View;

/// <summary>The three ways in which a run's steps are shown.</summary>
public enum StepsViewKind
{
    /// <summary>A card for each, with input and output.</summary>
    Cards,

    /// <summary>A row for each, to be sorted and filtered.</summary>
    Table,

    /// <summary>A bar for each, on the time axis.</summary>
    Timeline,
}

/// <summary>
/// The section of steps on a run's page: a choice of views and the one chosen. It is in the address (<c>?view=table</c>); without
/// one, the view this browser showed last (a cookie its script keeps). A view the address asks for comes with the page; one that is
/// only remembered is fetched when the page stands.
/// </summary>
public static class StepsView
{
    /// <summary>The cookie: <c>table</c> or <c>timeline</c>; absent: cards.</summary>
    public const string Cookie = "steps";

    /// <summary>The section.</summary>
    public static async Task<HtmlBuffer> SectionAsync(RunSectionRequest request, CancellationToken cancellationToken)
    {
        var services = request.Services;
        var shell = services.GetRequiredService<Shell>();
        var http = services.GetRequiredService<IHttpContextAccessor>().HttpContext!.Request;
        var (kind, isAsked) = Of(http);
        var url = UrlOf(request.Run.Id);
        var html = new HtmlBuffer(kind == StepsViewKind.Cards ? 48 * 1024 : 8 * 1024);
        shell.Prepared(static s => new StepsBar(s)).Write(html, url, kind);
        if (kind == StepsViewKind.Cards) await services.GetRequiredService<StepCards>().WriteAsync(html, shell, request, CardsAsk.Of(http.Query), cancellationToken);
        else if (!isAsked) StepsBar.Fetch(html, url, kind);
        else if (kind == StepsViewKind.Table) await new WriteTable(shell, request.Sql, request.Run, TableAsk.Of(http.Query)).WholeAsync(html, cancellationToken);
        else await new WriteTimeline(shell, request.Sql, request.Run).WholeAsync(html, http.Query["at"].ToString(), cancellationToken);
        html.Raw("</div>\n"u8);
        return html;
    }

    /// <summary>Address of a run's page.</summary>
    public static string UrlOf(string runId) => "/runs/" + Uri.EscapeDataString(runId);

    static (StepsViewKind Kind, bool IsAsked) Of(HttpRequest request)
    {
        if (request.Query.TryGetValue("view", out var asked) && Read(asked) is { } kind) return (kind, true);
        return (Read(request.Cookies[Cookie]) ?? StepsViewKind.Cards, false);
    }

    static StepsViewKind? Read(string? name) => name switch { "cards" => StepsViewKind.Cards, "table" => StepsViewKind.Table, "timeline" => StepsViewKind.Timeline, _ => null };
}

/// <summary>The choice of views above the steps, and where the chosen one stands.</summary>
sealed class StepsBar
{
    readonly byte[] begin, end;
    readonly byte[][] links;

    /// <summary>Looks its texts and icons up.</summary>
    public StepsBar(Shell shell)
    {
        var texts = TextTable.Of(typeof(StepsTexts));
        string T(string key) => HtmlBuffer.Encode(texts[key]);
        begin = Utf8($"<div class=\"steps-bar\" id=\"steps-bar\"><div class=\"segment\" role=\"group\" aria-label=\"{T("HowShown")}\">");
        links = [.. new[] { ("cards", "stack-2"), ("table", "table"), ("timeline", "timeline") }.Select(v => Utf8($">{shell.Icon(v.Item2)}<span>{T("View_" + v.Item1)}</span></a>"))];
        end = Utf8($"</div><button class=\"btn btn-quiet btn-sm\" id=\"expand-all\" data-expand-all data-key=\"e\" data-key-text=\"{T("ExpandOrCollapseAll")}\" data-collapse=\"{T("CollapseAll")}\" data-expand-text=\"{T("ExpandAll")}\">{shell.Icon("arrows-vertical")}<span>{T("ExpandAll")}</span></button></div>\n<div id=\"steps-view\" data-view=\"");
    }

    /// <summary>Writes it, and the begin tag of the view.</summary>
    public void Write(HtmlBuffer html, string url, StepsViewKind shown)
    {
        html.Raw(begin);
        for (var i = 0; i < links.Length; i++)
        {
            var name = Name((StepsViewKind)i);
            html.Raw("<a id=\"view-"u8).Raw(name).Raw("\" href=\""u8).Text(url).Raw("?view="u8).Raw(name).Raw("\" hx-get=\""u8).Text(url).Raw("/steps/"u8).Raw(name)
                .Raw("\" hx-target=\"#steps-view\" data-steps-view=\""u8).Raw(name).Raw(i == (int)shown ? "\" aria-current=\"true\""u8 : "\""u8);
            html.Raw(links[i]);
        }

        html.Raw(end).Raw(Name(shown)).Raw("\">\n"u8);
    }

    /// <summary>A view that is fetched when the page stands.</summary>
    public static void Fetch(HtmlBuffer html, string url, StepsViewKind kind) =>
        html.Raw("<div hx-get=\""u8).Text(url).Raw("/steps/"u8).Raw(Name(kind)).Raw("\" hx-trigger=\"load\" hx-target=\"#steps-view\"><div class=\"skeleton sk-box tall\"></div></div>\n"u8);

    static ReadOnlySpan<byte> Name(StepsViewKind kind) => kind switch { StepsViewKind.Table => "table"u8, StepsViewKind.Timeline => "timeline"u8, _ => "cards"u8 };

    static byte[] Utf8(string html) => System.Text.Encoding.UTF8.GetBytes(html);
}
