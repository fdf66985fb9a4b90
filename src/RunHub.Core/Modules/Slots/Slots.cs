using RunHub.Access;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Modules.Slots;

/// <summary>An entry of the main navigation.</summary>
/// <param name="Key">Stable key, unique; also the page's <c>ViewData["Nav"]</c>.</param>
/// <param name="TextKey">Key of its text in the resources of <paramref name="TextSource"/>.</param>
/// <param name="TextSource">The resource class the text comes from.</param>
/// <param name="Icon">Name of a Tabler icon.</param>
/// <param name="Url">Where it leads.</param>
/// <param name="Needs">Who sees it.</param>
/// <param name="Order">Ascending.</param>
public sealed record NavigationEntry(string Key, string TextKey, Type TextSource, string Icon, string Url, AccessAttribute Needs, int Order)
{
    /// <summary>Entries with the same group stand under one heading; null: the first group, without one.</summary>
    public string? Group { get; init; }

    /// <summary>Where it leads for whoever looks, when that is not <see cref="Url"/>; answers null where it is. Asked for on every page: from memory.</summary>
    public Func<HttpContext, ValueTask<string?>>? UrlFor { get; init; }
}

/// <summary>A part of the main navigation that depends on who looks; it stands below the entries.</summary>
/// <param name="Needs">Who sees it.</param>
/// <param name="Order">Ascending.</param>
/// <param name="Content">
/// Makes it; null: nothing stands there. Asked for on every page, so from memory; figures are fetched by the page once it stands.
/// </param>
public sealed record NavigationPart(AccessAttribute Needs, int Order, Func<HttpContext, ValueTask<Microsoft.AspNetCore.Html.IHtmlContent?>> Content);

/// <summary>A part of the head of every page, between the settings and the menu of whoever is signed in.</summary>
/// <param name="Needs">Who sees it.</param>
/// <param name="Order">Ascending.</param>
/// <param name="State">
/// A number that is another one when what the part shows has changed for whoever looks. Asked for on every page: from memory.
/// </param>
/// <param name="Content">Makes it; given the key of the navigation entry that the page belongs to.</param>
public sealed record HeadPart(AccessAttribute Needs, int Order, Func<HttpContext, ValueTask<long>> State, Func<HttpContext, string?, ValueTask<Microsoft.AspNetCore.Html.IHtmlContent>> Content);

/// <summary>
/// A section of the run's page. Its content is asked for by URL when the section is shown, or comes with the page.
/// </summary>
/// <param name="Key">Stable key, unique; also the fragment in the URL.</param>
/// <param name="TextKey">Key of its title in the resources of <paramref name="TextSource"/>.</param>
/// <param name="TextSource">The resource class the text comes from.</param>
/// <param name="Url">Where its content comes from; <c>{id}</c> is the run's id.</param>
/// <param name="Needs">Who sees it.</param>
/// <param name="Order">Ascending.</param>
public sealed record RunSection(string Key, string TextKey, Type TextSource, string Url, AccessAttribute Needs, int Order)
{
    /// <summary>Makes the content that comes with the page; null: by <see cref="Url"/>.</summary>
    public Func<RunSectionRequest, CancellationToken, Task<HtmlBuffer>>? Content { get; init; }
}

/// <summary>What a section that comes with the run's page is made from. Read from the session while the content is made, not later.</summary>
/// <param name="Services">Of the request.</param>
/// <param name="Sql">The page's session.</param>
/// <param name="Run">The run.</param>
/// <param name="Payloads">Its payloads: chunks that the page has read are there.</param>
public sealed record RunSectionRequest(IServiceProvider Services, SqlSession Sql, RunRow Run, RunPayloads Payloads);

/// <summary>
/// A tab of the run's page and of its slide-over, beside the steps, which stand first. Its address is
/// <c>/runs/{id}?tab={Key}</c>: the whole page when a browser goes there, the content alone when the page's script asks
/// (<c>HX-Request</c>). Nothing of it is read before it is shown, and what it shows is kept while other tabs are looked at.
/// </summary>
/// <param name="Key">Stable key, unique: lower case letters; part of the address.</param>
/// <param name="TextKey">Key of its title in the resources of <paramref name="TextSource"/>.</param>
/// <param name="TextSource">The resource class the text comes from.</param>
/// <param name="Icon">Name of an icon in <c>wwwroot/icons.txt</c>.</param>
/// <param name="Component">View component that renders the content; its <c>InvokeAsync</c> takes the run's row as <c>run</c>.</param>
/// <param name="Needs">Who sees it.</param>
/// <param name="Order">Ascending; the steps are 0.</param>
public sealed record RunTab(string Key, string TextKey, Type TextSource, string Icon, Type Component, AccessAttribute Needs, int Order)
{
    /// <summary>Key of the tab that is shown without <c>?tab</c>: steps, inputs and outputs.</summary>
    public const string Steps = "steps";
}

/// <summary>What modules have hung into named places; fixed after start.</summary>
/// <param name="Navigation">In order.</param>
/// <param name="RunSections">In order.</param>
/// <param name="RunTabs">In order, without the steps.</param>
public sealed record SlotTable(IReadOnlyList<NavigationEntry> Navigation, IReadOnlyList<RunSection> RunSections, IReadOnlyList<RunTab> RunTabs)
{
    /// <summary>Parts of the navigation that depend on who looks, in order.</summary>
    public IReadOnlyList<NavigationPart> NavigationParts { get; init; } = [];

    /// <summary>Parts of the head, in order.</summary>
    public IReadOnlyList<HeadPart> HeadParts { get; init; } = [];
}

/// <summary>Collects slots while modules are added.</summary>
public sealed class SlotBuilder
{
    readonly List<NavigationEntry> navigation = [];
    readonly List<NavigationPart> parts = [];
    readonly List<HeadPart> head = [];
    readonly List<RunSection> sections = [];
    readonly List<RunTab> tabs = [];

    /// <summary>Adds a navigation entry.</summary>
    public void Add(NavigationEntry entry) => navigation.Add(entry);

    /// <summary>Adds a part of the navigation.</summary>
    public void Add(NavigationPart part) => parts.Add(part);

    /// <summary>Adds a part of every page's head.</summary>
    public void Add(HeadPart part) => head.Add(part);

    /// <summary>Adds a section of the run's page.</summary>
    public void Add(RunSection section) => sections.Add(section);

    /// <summary>Adds a tab of the run's page.</summary>
    public void Add(RunTab tab) => tabs.Add(tab);

    /// <summary>The table.</summary>
    public SlotTable Build() =>
        new([.. navigation.OrderBy(e => e.Order)], [.. sections.OrderBy(s => s.Order)], [.. tabs.OrderBy(t => t.Order)])
        { NavigationParts = [.. parts.OrderBy(p => p.Order)], HeadParts = [.. head.OrderBy(p => p.Order)] };
}
