using RunHub.Http;
using RunHub.Runs.List;

namespace RunHub.Runs.Export;

/// <summary>How runs are exported: what a download and a bulk action say alike.</summary>
/// <param name="Format">Of the file.</param>
/// <param name="Include">What goes with each run.</param>
/// <param name="Columns">Columns of a CSV.</param>
/// <param name="Exact">CSV: formulas as they are.</param>
/// <param name="Bom">CSV: with a byte order mark.</param>
sealed record ExportChoice(ExportFormat Format, ExportParts Include, IReadOnlyList<CsvColumn> Columns, bool Exact, bool Bom)
{
    /// <summary>Reads the parameters of a request.</summary>
    /// <exception cref="ProblemException">400: one of them is not what it should be.</exception>
    public static ExportChoice Of(HttpRequest request) => Read(request.Query["format"], request.Query["include"].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
        request.Query["columns"], request.Flag("exact"), request.Flag("bom"), "query.");

    /// <summary>Reads what was chosen.</summary>
    /// <param name="format">Name of a format; empty: <c>ndjson</c>.</param>
    /// <param name="include">Names of parts.</param>
    /// <param name="columns">Columns of a CSV; empty: the usual ones.</param>
    /// <param name="exact">CSV: formulas as they are.</param>
    /// <param name="bom">CSV: with a byte order mark.</param>
    /// <param name="where">Begins the place of a fault.</param>
    /// <exception cref="ProblemException">400: one of them is not what it should be.</exception>
    public static ExportChoice Read(string? format, IEnumerable<string> include, string? columns, bool exact, bool bom, string where)
    {
        var name = string.IsNullOrEmpty(format) ? "ndjson" : format;
        var chosen = ExportFormat.All.FirstOrDefault(f => f.Name == name) ?? throw ProblemException.Invalid(where + "format", $"These formats there are: {string.Join(", ", ExportFormat.All.Select(f => f.Name))}.");
        var parts = ExportParts.None;
        foreach (var word in include)
        {
            parts |= word switch
            {
                "payloads" => ExportParts.Payloads,
                "steps" => ExportParts.Steps,
                "logs" => ExportParts.Logs,
                _ => throw ProblemException.Invalid(where + "include", "payloads, steps and logs can be included."),
            };
        }

        return new ExportChoice(chosen, parts, CsvExport.Choose(columns, parts), exact, bom);
    }

    /// <summary>The file can be put together of parts that were written one after the other.</summary>
    public bool HasParts => Format.Name != "ipynb";

    /// <summary>What writes it.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="services">Of the request.</param>
    /// <param name="goesOn">Runs stand before these in the file already.</param>
    public IExportWriter WriterFor(ExportTarget target, IServiceProvider services, bool goesOn = false) => Format.Name switch
    {
        "csv" => new CsvExport(target, Columns, Exact, Bom && !goesOn),
        "otlp" => new OtlpExport(target),
        "otlp-logs" => new OtlpLogsExport(target),
        "ipynb" => new NotebookExport(target, ListPage.UrlOf(target.Source.Filter.ToQuery()), services.GetRequiredService<TimeProvider>()),
        var name => new JsonExport(target, lines: name == "ndjson") { GoesOn = goesOn },
    };
}
