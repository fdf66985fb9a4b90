using System.Diagnostics;
using Microsoft.AspNetCore.Html;
using RunHub.Access;
using RunHub.Ui;

namespace RunHub.Runs.Views;

/// <summary>
/// The pinned views in the navigation. Their counts come once the page stands (<c>/views/counts</c>) and again from time to time; after a
/// change the part is asked for anew (<c>/views/nav</c>).
/// </summary>
static class NavigationViews
{
    /// <summary>Views that stand in the navigation; the others are on <c>/views</c>.</summary>
    public const int Most = 20;

    static readonly TimeSpan MaxCounting = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/views/nav", async context => await SendAsync(context, await ListAsync(context))).Access(Allow.Viewers).ExcludeFromDescription();
        app.MapGet("/views/counts", async context => await SendAsync(context, await CountsAsync(context))).Access(Allow.Viewers).ExcludeFromDescription();
        app.MapGet("/", HomeAsync).Access(new AccessAttribute(Role.Viewer, KeyScopes.Read) { AnyPerson = true }).ExcludeFromDescription();
    }

    /// <summary>The part of the navigation.</summary>
    public static async ValueTask<IHtmlContent?> ContentAsync(HttpContext context)
    {
        var html = new HtmlBuffer(512);
        html.Raw("<div id=\"nav-views\" hx-get=\"/views/nav\" hx-trigger=\"views-changed from:body\" hx-target=\"this\" hx-swap=\"innerHTML\">"u8);
        using (var list = await ListAsync(context))
        {
            // With everything else the page needs; htmx takes it from there when it is ready.
            if (list.Length > 0) html.Raw("<link rel=\"preload\" as=\"fetch\" crossorigin href=\"/views/counts\">"u8);
            html.Raw(list.Written);
        }

        html.Raw("</div>"u8);
        return html;
    }

    /// <summary>Where "Runs" leads whoever looks; null: to the list as it is.</summary>
    public static async ValueTask<string?> RunsUrlAsync(HttpContext context) =>
        await context.RequestServices.GetRequiredService<SavedViews>().DefaultAsync(context.Caller(), context.RequestAborted) is { } view ? view.Url : null;

    static async Task HomeAsync(HttpContext context) => context.Response.Redirect(await RunsUrlAsync(context) ?? "/runs");

    static async ValueTask<List<SavedView>> PinnedAsync(HttpContext context) =>
        [.. (await context.RequestServices.GetRequiredService<SavedViews>().ListAsync(context.Caller(), context.RequestAborted)).Where(v => v.IsPinned).Take(Most)];

    static async ValueTask<HtmlBuffer> ListAsync(HttpContext context)
    {
        var html = new HtmlBuffer(1024);
        var pinned = await PinnedAsync(context);
        if (pinned.Count == 0) return html;
        var texts = TextTable.Of(typeof(RunsTexts));
        var shell = context.RequestServices.GetRequiredService<Shell>();
        html.Raw("<h2 class=\"nav-title\"><a href=\"/views\">"u8);
        html.Text(texts["SavedViews"]);
        html.Raw("</a></h2><ul class=\"nav-list nav-views\" hx-get=\"/views/counts\" hx-trigger=\"load, views-stale from:body\" hx-swap=\"none\">"u8);
        foreach (var view in pinned)
        {
            html.Raw("<li><a class=\"nav-link\" data-view href=\""u8);
            html.Text(view.Problem is null ? view.Url : "/views#" + view.Id);
            html.Raw("\" title=\""u8);
            html.Text(view.Problem is null ? view.Name : view.Name + ": " + texts["ViewBroken"]);
            html.Raw("\">"u8);
            html.Raw(shell.Icon(view.Problem is null ? "bookmark" : "alert-triangle").Value);
            html.Raw("<span class=\"truncate\">"u8);
            html.Text(view.Name);
            html.Raw("</span><b class=\"nav-count\" id=\"count-"u8);
            html.Text(view.Id);
            html.Raw("\"></b></a></li>"u8);
        }

        html.Raw("</ul>"u8);
        return html;
    }

    static async ValueTask<HtmlBuffer> CountsAsync(HttpContext context)
    {
        var html = new HtmlBuffer(1024);
        var count = context.RequestServices.GetRequiredService<CountView>();
        var format = Format.Current;
        var start = Stopwatch.GetTimestamp();
        foreach (var view in await PinnedAsync(context))
        {
            if (Stopwatch.GetElapsedTime(start) > MaxCounting) break;
            if (await count.OfAsync(view, context.RequestAborted) is not { } found) continue;
            html.Raw("<b class=\"nav-count\" hx-swap-oob=\"true\" id=\"count-"u8);
            html.Text(view.Id);
            html.Raw("\">"u8);
            html.Text(format.Number(found.Count));
            if (found.IsCapped) html.Raw("+"u8);
            html.Raw("</b>"u8);
        }

        return html;
    }

    static async Task SendAsync(HttpContext context, HtmlBuffer html)
    {
        using (html)
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.BodyWriter.WriteAsync(html.Written.ToArray(), context.RequestAborted);
        }
    }
}
