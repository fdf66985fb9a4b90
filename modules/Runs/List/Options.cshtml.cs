using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Stats;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>
/// <c>/runs/options/{field}</c>: what a quick filter's menu offers, each as a link that turns the value on or off, with the number of runs
/// that the rest of the filter leaves for it.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class OptionsPage(DistinctValues values, ReadFacets facets, Shell shell) : PageModel
{
    /// <summary>A value.</summary>
    /// <param name="Value">As in the filter.</param>
    /// <param name="Count">How many runs have it; null: none was seen among those that were looked at.</param>
    public sealed record Option(string Value, long? Count);

    /// <summary>The filter the links start from.</summary>
    public RunFilter Filter { get; private set; } = RunFilter.None;

    /// <summary>The field, as in the URL.</summary>
    public string Field { get; private set; } = "";

    /// <summary>Its values, the most frequent first, then those no run of the rest of the filter has.</summary>
    public IReadOnlyList<Option> Values { get; private set; } = [];

    /// <summary>The counts are of all runs.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The menu.</summary>
    public async Task OnGetAsync(string field, CancellationToken cancellationToken)
    {
        if (!ReadFacets.Fields.Contains(field, StringComparer.Ordinal)) throw ProblemException.NotFound("menu", field);
        var tenant = HttpContext.Caller().Tenant;
        Filter = RunFilter.Parse(Request.Query).Within(tenant.Id);
        Field = field;
        var found = await facets.HandleAsync(tenant.No, Filter, field, cancellationToken);
        IsComplete = found.IsComplete;
        var shown = found.Values.Select(v => v.Value).ToHashSet(StringComparer.Ordinal);
        var known = DistinctValues.Fields.ContainsKey(field) ? await values.OfAsync(tenant.No, field, cancellationToken) : [];
        var asked = Filter.Find(field)?.Values.Where(v => v.Kind == FilterValueKind.Exact).Select(v => v.Text) ?? [];
        long? none = IsComplete ? 0 : null;
        Values = [.. found.Values.Select(v => new Option(v.Value, v.Count)), .. known.Concat(asked).Where(shown.Add).Select(v => new Option(v, none))];
        if (Values.Count > DistinctValues.Max) Values = [.. Values.Take(DistinctValues.Max)];
    }

    /// <summary>Address of the list with the value turned on, or off where it is on.</summary>
    public string Toggle(string value) =>
        ListPage.UrlOf((Filter.Has(Field, value) ? Filter.Without(Field, value) : Filter.WithAlso(Field, value)).ToQuery());

    /// <summary>A value as people say it.</summary>
    public string TextOf(TextTable texts, string value) => Field == "status" && RunStatuses.TryParse(value, out var status) ? StatusBadge.Text(status)
        : ListView.Choices.TryGetValue(Field, out var choices) && choices.Contains(value, StringComparer.Ordinal) ? texts["Value_" + value] : value;

    /// <summary>How many, and whether there may be more.</summary>
    public string CountOf(long count) => shell.Format.Number(count) + (IsComplete || count == 0 ? "" : "+");
}
