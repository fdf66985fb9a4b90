using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;

namespace RunHub.Runs.List;

/// <summary><c>/runs/options/{field}</c>: what a quick filter's menu offers, each as a link that turns the value on or off.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class OptionsPage(DistinctValues values) : PageModel
{
    /// <summary>The filter the links start from.</summary>
    public RunFilter Filter { get; private set; } = RunFilter.None;

    /// <summary>The field, as in the URL.</summary>
    public string Field { get; private set; } = "";

    /// <summary>Its values.</summary>
    public IReadOnlyList<string> Values { get; private set; } = [];

    /// <summary>The menu.</summary>
    public async Task OnGetAsync(string field, CancellationToken cancellationToken)
    {
        if (!DistinctValues.Fields.ContainsKey(field)) throw ProblemException.NotFound("menu", field);
        Filter = RunFilter.Parse(Request.Query);
        Field = field;
        Values = await values.OfAsync(HttpContext.Caller().Tenant.No, field, cancellationToken);
    }

    /// <summary>Address of the list with the value turned on, or off where it is on.</summary>
    public string Toggle(string value) =>
        ListPage.UrlOf((Filter.Has(Field, value) ? Filter.Without(Field, value) : Filter.WithAlso(Field, value)).ToQuery());
}
