using System.Collections.Concurrent;
using Microsoft.AspNetCore.Html;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Modules.Slots;

namespace RunHub.Ui;

/// <summary>What every view needs of its request: who looks, in which language and theme, and where the assets are.</summary>
public sealed class Shell(IHttpContextAccessor accessor, Assets assets, SlotTable slots, IOptionsMonitor<NavigationOptions> navigation, TimeProvider time)
{
    static readonly ConcurrentDictionary<(string Root, string Name), HtmlString> Icons = new();
    string? here;
    readonly HttpContext context = accessor.HttpContext ?? throw new InvalidOperationException("A shell belongs to a request.");

    /// <summary>Who looks; null before sign-in.</summary>
    public Caller? Caller => context.TryCaller();

    /// <summary><c>en</c> or <c>es</c>.</summary>
    public string Language => TextTable.Language;

    /// <summary><c>light</c>, <c>dark</c>, or <c>auto</c>: what the system says.</summary>
    public string Theme => context.Request.Cookies[Preferences.ThemeCookie] switch { "light" => "light", "dark" => "dark", _ => "auto" };

    /// <summary><c>narrow</c> (icons only), <c>wide</c>, or null: as the screen allows.</summary>
    public string? NavigationWidth => context.Request.Cookies[Preferences.NavigationCookie] is "narrow" or "wide" ? context.Request.Cookies[Preferences.NavigationCookie] : null;

    /// <summary>Formats of the request's language.</summary>
    public Format Format => Format.Current;

    /// <summary>Now, microseconds since 1970.</summary>
    public long Now => time.GetUtcNow().ToMicros();

    /// <summary>Entries of the main navigation that this caller may open.</summary>
    public IEnumerable<NavigationEntry> Navigation => slots.Navigation.Where(entry => Caller is { } caller && caller.May(entry.Needs));

    /// <summary>Parts of the navigation that this caller sees.</summary>
    public IEnumerable<NavigationPart> NavigationParts => slots.NavigationParts.Where(part => Caller is { } caller && caller.May(part.Needs));

    /// <summary>Parts of the head that this caller sees.</summary>
    public IEnumerable<HeadPart> HeadParts => slots.HeadParts.Where(part => Caller is { } caller && caller.May(part.Needs));

    /// <summary>Links the operator configured.</summary>
    public IReadOnlyList<NavigationLink> Links => navigation.CurrentValue.Links;

    /// <summary>Path and query of this page, to come back to.</summary>
    public string? Here
    {
        get => here ?? context.Request.Path + context.Request.QueryString;
        internal set => here = value;
    }

    /// <summary>
    /// What a writer of HTML looks up once for each language and then keeps: texts encoded, icons addressed.
    /// </summary>
    /// <typeparam name="T">The writer.</typeparam>
    /// <param name="make">Makes it, in the request's language; takes nothing else from the request.</param>
    public T Prepared<T>(Func<Shell, T> make) where T : class
    {
        var key = (assets.Version, Language);
        return Kept<T>.Of.TryGetValue(key, out var kept) ? kept : Kept<T>.Of.GetOrAdd(key, make(this));
    }

    /// <summary>Address of a file under <c>wwwroot</c>.</summary>
    public string Asset(string path) => assets.Url(path);

    /// <summary>An icon of the sprite (<c>wwwroot/icons.txt</c>), hidden from screen readers.</summary>
    public HtmlString Icon(string name) => Icons.GetOrAdd((assets.Version, name), key =>
        new HtmlString($"<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{assets.Url("lib/icons.svg")}#{System.Net.WebUtility.HtmlEncode(key.Name)}\"/></svg>"));

    /// <summary>A status as people see it: colour, icon and word, and a label for screen readers.</summary>
    public HtmlString Status(RunStatus status) => StatusBadge.For(assets, status, Language);

    static class Kept<T>
    {
        public static readonly ConcurrentDictionary<(string Version, string Language), T> Of = new();
    }
}

/// <summary>Section <c>Navigation</c>.</summary>
public sealed class NavigationOptions
{
    /// <summary>Links to places outside RunHub, shown in the navigation in this order.</summary>
    public List<NavigationLink> Links { get; } = [];
}

/// <summary>A link to a place outside RunHub.</summary>
public sealed class NavigationLink
{
    /// <summary>What it is called, such as <c>Leads</c>.</summary>
    public string Text { get; set; } = "";

    /// <summary>Where it leads: an absolute http(s) address, or a path beginning with <c>/</c>.</summary>
    public string Url { get; set; } = "";

    /// <summary>Name of an icon in <c>wwwroot/icons.txt</c>.</summary>
    public string Icon { get; set; } = "arrow-up-right";

    /// <summary>Is the address one a link may have.</summary>
    public bool IsUsable => Text.Length > 0 && (Url.StartsWith('/') && !Url.StartsWith("//", StringComparison.Ordinal)
        || Uri.TryCreate(Url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https");
}
