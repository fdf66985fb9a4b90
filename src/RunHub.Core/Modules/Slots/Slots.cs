using RunHub.Access;

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
}

/// <summary>
/// A section of the run's page. Its content is asked for by URL when the section is shown, or comes with the page from a
/// view component.
/// </summary>
/// <param name="Key">Stable key, unique; also the fragment in the URL.</param>
/// <param name="TextKey">Key of its title in the resources of <paramref name="TextSource"/>.</param>
/// <param name="TextSource">The resource class the text comes from.</param>
/// <param name="Url">Where its content comes from; <c>{id}</c> is the run's id.</param>
/// <param name="Needs">Who sees it.</param>
/// <param name="Order">Ascending.</param>
public sealed record RunSection(string Key, string TextKey, Type TextSource, string Url, AccessAttribute Needs, int Order)
{
    /// <summary>
    /// A view component that renders the content with the page; its <c>InvokeAsync</c> takes the run's row as <c>run</c>. Null:
    /// by <see cref="Url"/>.
    /// </summary>
    public Type? Component { get; init; }
}

/// <summary>What modules have hung into named places; fixed after start.</summary>
/// <param name="Navigation">In order.</param>
/// <param name="RunSections">In order.</param>
public sealed record SlotTable(IReadOnlyList<NavigationEntry> Navigation, IReadOnlyList<RunSection> RunSections);

/// <summary>Collects slots while modules are added.</summary>
public sealed class SlotBuilder
{
    readonly List<NavigationEntry> navigation = [];
    readonly List<RunSection> sections = [];

    /// <summary>Adds a navigation entry.</summary>
    public void Add(NavigationEntry entry) => navigation.Add(entry);

    /// <summary>Adds a section of the run's page.</summary>
    public void Add(RunSection section) => sections.Add(section);

    /// <summary>The table.</summary>
    public SlotTable Build() => new([.. navigation.OrderBy(e => e.Order)], [.. sections.OrderBy(s => s.Order)]);
}
