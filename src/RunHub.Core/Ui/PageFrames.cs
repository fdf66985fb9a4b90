using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewEngines;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using RunHub.Access;

namespace RunHub.Ui;

/// <summary>
/// A page whose content was written by hand, in the frame every page has: straight to the response, past the views.
/// </summary>
/// <param name="title">The page's title, as text; null: without a frame, for the slide-over.</param>
/// <param name="nav">Key of the navigation entry it belongs to.</param>
/// <param name="content">What stands in it; given back when it is written.</param>
public sealed class WrittenPage(string? title, string nav, HtmlBuffer content) : IActionResult
{
    /// <inheritdoc/>
    public Task ExecuteResultAsync(ActionContext context) => WriteAsync(context.HttpContext);

    /// <summary>Answers with it.</summary>
    public async Task WriteAsync(HttpContext http)
    {
        using (content)
        {
            using var before = new HtmlBuffer(16 * 1024);
            using var after = new HtmlBuffer(1024);
            if (title is not null)
            {
                var frame = await http.RequestServices.GetRequiredService<PageFrames>().ForAsync(http, nav, ownSearch: false);
                frame.Write(before, after, title, http.Request.Path + http.Request.QueryString);
            }

            var response = http.Response;
            response.ContentType = "text/html; charset=utf-8";
            response.ContentLength = before.Length + content.Length + after.Length;
            if (HttpMethods.IsHead(http.Request.Method)) return;
            var to = response.BodyWriter;
            to.Write(before.Written);
            to.Write(content.Written);
            to.Write(after.Written);
            await to.FlushAsync(http.RequestAborted);
        }
    }
}

/// <summary>A page that writes itself where no view is needed.</summary>
public interface IWrittenPage
{
    /// <summary>The answer to a GET, or null: this one needs a view, and the page's handler is asked.</summary>
    static abstract ValueTask<WrittenPage?> WriteAsync(HttpContext context);
}

/// <summary>On a page model that is an <see cref="IWrittenPage"/>: it is asked before MVC, which costs as much as reading the run.</summary>
/// <typeparam name="T">The page model.</typeparam>
public sealed class WritesItselfAttribute<T> : WritesItselfAttribute where T : IWrittenPage
{
    internal override ValueTask<WrittenPage?> WriteAsync(HttpContext context) => T.WriteAsync(context);
}

/// <summary>See <see cref="WritesItselfAttribute{T}"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class WritesItselfAttribute : Attribute
{
    internal abstract ValueTask<WrittenPage?> WriteAsync(HttpContext context);

    /// <summary>Last in the pipeline, when it is known who asks and that they may.</summary>
    internal static Task AskAsync(HttpContext context, RequestDelegate next) =>
        (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) && context.GetEndpoint()?.Metadata.GetMetadata<WritesItselfAttribute>() is { } page
            ? page.AnswerAsync(context, next)
            : next(context);

    async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        if (await WriteAsync(context) is { } written) await written.WriteAsync(context);
        else await next(context);
    }
}

/// <summary>
/// The frame around <see cref="WrittenPage"/>s and views with the layout <c>_Framed</c>: the layout, rendered once for a reader and kept for some
/// seconds. A frame belongs to one person in one tenant, with their language, theme and role; what else the layout shows may be
/// <see cref="Fresh"/> old.
/// </summary>
public sealed class PageFrames(ICompositeViewEngine views, IModelMetadataProvider metadata, ITempDataDictionaryFactory tempData, Assets assets, TimeProvider time)
{
    /// <summary>How long a frame is kept.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    const string View = "/Pages/Shared/_Frame.cshtml";
    const int Most = 256;

    // Nothing a person can write looks like them.
    static readonly string Mark = Guid.NewGuid().ToString("N");
    static readonly string TitleMark = Mark + "title", AddressMark = Mark + "address", ContentMark = Mark + "content";
    readonly ConcurrentDictionary<Key, (PageFrame Frame, long MadeAt)> frames = new();

    /// <summary>What the layout shows changed: the next page has a new frame.</summary>
    public void Forget() => frames.Clear();

    /// <summary>What stands before a view's content and after it.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="title">The page's title, as text.</param>
    /// <param name="nav">Key of the navigation entry it belongs to.</param>
    /// <param name="ownSearch">The page has a search of its own: none stands in the head.</param>
    public async ValueTask<(HtmlBuffer Before, HtmlBuffer After)> AroundAsync(HttpContext context, string title, string nav, bool ownSearch)
    {
        var frame = await ForAsync(context, nav, ownSearch);
        var (before, after) = (new HtmlBuffer(16 * 1024), new HtmlBuffer(1024));
        frame.Write(before, after, title, context.Request.Path + context.Request.QueryString);
        return (before, after);
    }

    /// <summary>The frame for whoever asks.</summary>
    internal async ValueTask<PageFrame> ForAsync(HttpContext context, string nav, bool ownSearch)
    {
        var shell = context.RequestServices.GetRequiredService<Shell>();
        var head = 0L;
        foreach (var part in shell.HeadParts) head = unchecked(head * 1_000_003 + await part.State(context));
        var key = new Key(assets.Version, shell.Language, shell.Theme, shell.NavigationWidth, nav, ownSearch, shell.Caller, head);
        if (frames.TryGetValue(key, out var kept) && time.GetElapsedTime(kept.MadeAt) < Fresh) return kept.Frame;
        var made = time.GetTimestamp();
        var frame = await RenderAsync(context, shell, nav, ownSearch);
        if (frames.Count >= Most) frames.Clear();
        frames[key] = (frame, made);
        return frame;
    }

    async Task<PageFrame> RenderAsync(HttpContext http, Shell shell, string nav, bool ownSearch)
    {
        var context = new ActionContext(http, http.GetRouteData(), http.GetEndpoint()?.Metadata.GetMetadata<ActionDescriptor>() ?? new ActionDescriptor());
        var view = views.GetView(null, View, isMainPage: true).EnsureSuccessful([View]).View!;
        var data = new ViewDataDictionary(metadata, new ModelStateDictionary()) { ["Title"] = TitleMark, ["Nav"] = nav, ["Content"] = ContentMark };
        if (ownSearch) data["Search"] = "here";
        using var writer = new StringWriter();
        shell.Here = AddressMark;
        await view.RenderAsync(new ViewContext(context, view, data, tempData.GetTempData(http), writer, new HtmlHelperOptions()));
        shell.Here = null;
        return PageFrame.Of(writer.ToString(), TitleMark, AddressMark, ContentMark);
    }

    // The caller is compared by value: who, which tenant under which name, which role.
    readonly record struct Key(string Assets, string Language, string Theme, string? Navigation, string Nav, bool OwnSearch, Caller? Caller, long Head);
}

/// <summary>A rendered layout with places for a page's title, address and content.</summary>
sealed class PageFrame
{
    readonly List<(byte[] Html, Place Next)> before = [], after = [];

    enum Place
    {
        End,
        Title,
        Address,
        Content,
    }

    public static PageFrame Of(string html, string title, string address, string content)
    {
        var frame = new PageFrame();
        var to = frame.before;
        for (var rest = html.AsSpan(); ;)
        {
            var (at, place, length) = First(rest, (title, Place.Title), (address, Place.Address), (content, Place.Content));
            to.Add((Utf8(rest[..at]), place == Place.Content ? Place.End : place));
            if (place == Place.End) break;
            if (place == Place.Content) to = frame.after;
            rest = rest[(at + length)..];
        }

        return to == frame.after ? frame : throw new InvalidOperationException("The layout has no place for content.");
    }

    /// <summary>Writes what stands before the content and what stands after it.</summary>
    public void Write(HtmlBuffer first, HtmlBuffer last, string title, string address)
    {
        Write(first, before, title, address);
        Write(last, after, title, address);
    }

    static void Write(HtmlBuffer to, List<(byte[] Html, Place Next)> parts, string title, string address)
    {
        foreach (var (html, next) in parts)
        {
            to.Raw(html);
            if (next != Place.End) to.Text(next == Place.Title ? title : address);
        }
    }

    static (int At, Place Place, int Length) First(ReadOnlySpan<char> html, params ReadOnlySpan<(string Mark, Place Place)> marks)
    {
        (int At, Place Place, int Length) first = (html.Length, Place.End, 0);
        foreach (var (mark, place) in marks)
            if (html.IndexOf(mark, StringComparison.Ordinal) is var at and >= 0 && at < first.At) first = (at, place, mark.Length);
        return first;
    }

    static byte[] Utf8(ReadOnlySpan<char> html)
    {
        var utf8 = new byte[Encoding.UTF8.GetByteCount(html)];
        Encoding.UTF8.GetBytes(html, utf8);
        return utf8;
    }
}
