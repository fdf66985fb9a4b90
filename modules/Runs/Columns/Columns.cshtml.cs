using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Runs.List;
using RunHub.Runs.Views;

namespace RunHub.Runs.Columns;

/// <summary>
/// <c>/runs/columns</c>: which columns the list has, in which order and how wide; the menu of the list, and a page without script. Every button is
/// a form post that answers with the form, "apply" leads to the list.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ColumnsPage(SavedViews views, SuggestPaths suggest) : PageModel
{
    const int MaxWidth = 800;
    const int MinWidth = 40;

    /// <summary>The filter of the list.</summary>
    public RunFilter Filter { get; private set; } = RunFilter.None;

    /// <summary>The chosen columns, in order.</summary>
    public IReadOnlyList<ListColumn> Chosen { get; private set; } = ListColumn.Usual;

    /// <summary>The others.</summary>
    public IEnumerable<ListColumn> Others => ListColumn.All.Where(c => !Chosen.Any(x => x.Key == c.Key));

    /// <summary>Widths in pixels, by key.</summary>
    public IReadOnlyDictionary<string, int> Widths { get; private set; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Places in the newest runs' inputs and outputs, each with what stands there.</summary>
    public IReadOnlyList<(string Path, string Example)> Suggestions { get; private set; } = [];

    /// <summary>A place somebody asked for, to be corrected.</summary>
    public string? Path { get; private set; }

    /// <summary>What is wrong with it.</summary>
    public string? Fault { get; private set; }

    /// <summary>The form.</summary>
    public async Task<IActionResult> OnGetAsync(CancellationToken cancellationToken)
    {
        Filter = RunFilter.Parse(Request.Query).Within(HttpContext.Caller().Tenant.Id);
        var kept = await views.SettingsAsync(HttpContext.Caller(), cancellationToken);
        Chosen = (ChosenColumns.Parse(Filter.Columns) ?? ChosenColumns.Kept(Filter.Columns is null ? kept.Columns : null))?.List ?? ListColumn.Usual;
        Widths = ReadWidths(kept.Widths);
        return await ShowAsync(cancellationToken);
    }

    /// <summary>Takes the form: moves a column, adds a place, applies, or goes back to the usual columns.</summary>
    public async Task<IActionResult> OnPostAsync(string? filter, string? path, string? up, string? down, string? add, string? reset, CancellationToken cancellationToken)
    {
        try
        {
            Filter = RunFilter.Parse(filter ?? "");
        }
        catch (ProblemException)
        {
            Filter = RunFilter.None;
        }

        var form = Request.HasFormContentType ? Request.Form : FormCollection.Empty;
        try
        {
            Chosen = ChosenColumns.Parse(string.Join(',', form["columns"].Take(ChosenColumns.Most * 2)))?.List ?? ListColumn.Usual;
            Widths = WidthsOf(form);
            if (up is not null) Move(up, -1);
            else if (down is not null) Move(down, 1);
            else if (add is not null) Add(path);
            else
            {
                if (reset is null && !string.IsNullOrWhiteSpace(path)) Add(path);
                if (Fault is null) return await KeepAsync(reset is not null, cancellationToken);
            }
        }
        catch (ProblemException problem) when (problem.Status == StatusCodes.Status400BadRequest)
        {
            Fault = problem.Faults[0].Reason;
        }

        if (Fault is not null) Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return await ShowAsync(cancellationToken);
    }

    async Task<IActionResult> KeepAsync(bool isReset, CancellationToken cancellationToken)
    {
        var columns = isReset ? null : new ChosenColumns(Chosen).Text;
        var widths = isReset || Widths.Count == 0 ? null : string.Join(',', Widths.Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Value}:{w.Key}")));
        await views.KeepAsync(HttpContext.Caller(), columns, widths, cancellationToken);
        var url = ListPage.UrlOf(Filter.WithColumns(columns).ToQuery());
        if (!Request.IsHtmx()) return LocalRedirect(url);
        // The script of the list asks for it, so that the address and the focus follow.
        Response.Headers["HX-Trigger"] = JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal) { ["columns-kept"] = url });
        return new StatusCodeResult(StatusCodes.Status204NoContent);
    }

    void Move(string key, int by)
    {
        var list = Chosen.ToList();
        var at = list.FindIndex(c => c.Key == key);
        if (at < 0 || at + by < 0 || at + by >= list.Count) return;
        (list[at], list[at + by]) = (list[at + by], list[at]);
        Chosen = list;
    }

    void Add(string? text)
    {
        Path = (text ?? "").Trim();
        if (Path.Length == 0) return;
        // A place may be given as it is thought of: customer.name is taken for one of the input.
        var column = ChosenColumns.Find(Path, out var why) ?? (!PayloadPath.Looks(Path) ? ChosenColumns.Find("input." + Path, out _) : null);
        if (column is null) Fault = why;
        else if (Chosen.Any(c => c.Key == column.Key)) Path = null;
        else (Chosen, Path) = (ChosenColumns.Parse(string.Join(',', Chosen.Append(column).Select(c => c.Key)))!.List, null);
    }

    async Task<IActionResult> ShowAsync(CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        Suggestions = await suggest.HandleAsync(HttpContext.Caller().Tenant.No, Filter, cancellationToken);
        return Request.IsHtmx() ? Partial("_Columns", this) : Page();
    }

    /// <summary>Reads <c>120:id,90:status</c>; what cannot be read is left out.</summary>
    public static Dictionary<string, int> ReadWidths(string? text)
    {
        var widths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var word in ChosenColumns.Split(text ?? ""))
        {
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && int.TryParse(word.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width is >= MinWidth and <= MaxWidth) widths[word[(colon + 1)..]] = width;
        }

        return widths;
    }

    Dictionary<string, int> WidthsOf(IFormCollection form)
    {
        var widths = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var column in Chosen)
        {
            var text = form["width:" + column.Key].ToString();
            if (text.Length == 0) continue;
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var width) || width is < MinWidth or > MaxWidth)
                throw ProblemException.Invalid("width", string.Create(CultureInfo.InvariantCulture, $"A column is {MinWidth} to {MaxWidth} pixels wide."));
            widths[column.Key] = width;
        }

        return widths;
    }
}
