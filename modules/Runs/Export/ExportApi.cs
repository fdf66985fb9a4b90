using System.Globalization;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Runs.Export;

/// <summary><c>GET /api/runs/export</c>: all runs of a filter as a file that is written while it is read.</summary>
static class ExportApi
{
    static readonly string[] Own = ["format", "include", "columns", "exact", "bom"];

    static readonly ApiDoc Doc = new("Export runs")
    {
        Tag = "Runs",
        Description = """
            Every run the filter matches, newest first (`sort=started_at`: oldest first; other orders are those of a page and not kept here), in one answer of
            any length. `limit` and `next_token` have no meaning here. docs/import-export.md describes the formats. An error in mid-stream breaks the connection: what ended properly is whole.
            """,
        Parameters =
        [
            new("format", "`csv`; `ndjson`: a run per line, as `POST /api/runs` and `runhub import` take it; `json`: an array of them; `otlp`: an OTLP/JSON `ExportTraceServiceRequest` per line; `otlp-logs`: the lines of their logs, an `ExportLogsServiceRequest` per line; `ipynb`: a Jupyter notebook with the first 1,000 runs or 8 MiB of them.", """{"type":"string","enum":["csv","ndjson","json","otlp","otlp-logs","ipynb"],"default":"ndjson"}"""),
            new("include", "`payloads`: inputs, outputs, notes, stack; `steps`: steps with theirs; `logs`: lines of the log, of `ndjson` at most 2,000 with the run, the others after it as `{\"id\":…,\"logs\":[…]}`. Several with commas. `csv` has neither steps nor logs; `otlp` always has payloads and steps.", """{"type":"string"}"""),
            new("columns", "Columns of the CSV, with commas; their names are the API's.", """{"type":"string"}"""),
            new("exact", "CSV: texts as they are, also those a spreadsheet would take for formulas.", """{"type":"boolean","default":false}"""),
            new("bom", "CSV: with a byte order mark, for Excel.", """{"type":"boolean","default":false}"""),
            .. RunFilterDocs.Parameters.Where(p => p.Name != "columns"),
        ],
        Answers =
        [
            new(200, "The file. `RunHub-Rows` says how many runs there were when it began, `10000+` beyond that.", """{"type":"string"}""", "application/x-ndjson"),
            new(400, "A parameter is not what it should be; every fault is told.", "Problem"),
        ],
    };

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/export", Allow.Viewers, Doc, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (services, tenant, cancellationToken) = (context.RequestServices, context.Caller().Tenant, context.RequestAborted);
        var filter = RunFilter.Parse(context.Request.Query, Own, services.GetRequiredService<TimeProvider>());
        if (filter.Tenant is { } other && !string.Equals(other, tenant.Id, StringComparison.Ordinal))
            throw new ProblemException(403, "Not allowed.", $"This key or session reads tenant {tenant.Id}.", new Fault("query.tenant", "This is another tenant than the caller's."));
        if (filter.Sort.By != RunSortBy.StartedAt) filter = filter.SortedBy(RunSort.Default);
        var choice = ExportChoice.Of(context.Request);
        var format = choice.Format;
        var source = new ExportSource(tenant, filter, choice.Include);
        var target = new ExportTarget(context.Response.BodyWriter, services.GetRequiredService<Database>(), source);
        var writer = choice.WriterFor(target, services);
        await using var dispose = writer as IAsyncDisposable;

        // Whatever is wrong with the filter shows here, before the answer has begun.
        var first = await services.GetRequiredService<RunQuery>().ListAsync(tenant.No, filter, nextToken: null, RunFilter.MaxLimit, writer.Columns, cancellationToken);
        var (count, more) = first.NextToken is null ? (first.Runs.Count, false) : await ExportCount.OfAsync(services, tenant, filter, cancellationToken);
        Begin(context.Response, format, tenant, services.GetRequiredService<TimeProvider>().GetUtcNow());
        context.Response.Headers["RunHub-Rows"] = count.ToString(CultureInfo.InvariantCulture) + (more ? "+" : "");
        // From here on an error can no longer become a problem document.
        await context.Response.StartAsync(cancellationToken);
        try
        {
            await writer.BeginAsync(cancellationToken);
            await foreach (var run in source.RowsAsync(services, writer.Columns, first, cancellationToken))
            {
                if (writer.IsFull) break;
                await writer.WriteAsync(run, cancellationToken);
            }

            await writer.EndAsync(cancellationToken);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            if (!cancellationToken.IsCancellationRequested && e is not OperationCanceledException)
                services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ExportApi)).LogError(e, "An export of {Tenant} broke off", tenant.Id);
            // Half a file must not look whole: the connection breaks instead of ending.
            context.Abort();
        }
    }

    internal static void Begin(HttpResponse response, ExportFormat format, Tenant tenant, DateTimeOffset now)
    {
        var name = $"runs_{string.Concat(tenant.Id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'))}_{now.UtcDateTime.ToString("yyyy-MM-dd_HHmm", CultureInfo.InvariantCulture)}.{format.Extension}";
        response.ContentType = format.ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"; filename*=UTF-8''{name}";
        // A proxy that gathers the whole answer first would need room for it.
        response.Headers["X-Accel-Buffering"] = "no";
    }
}

/// <summary>How many runs an export will have, as far as counting is cheap.</summary>
static class ExportCount
{
    /// <summary>Counting ends here.</summary>
    public const int Most = 10_000;

    public static Task<(int Count, bool More)> OfAsync(IServiceProvider services, Tenant tenant, RunFilter filter, CancellationToken cancellationToken) =>
        services.GetRequiredService<RunQuery>().CountAsync(tenant.No, filter, Most, TimeSpan.FromSeconds(1), cancellationToken);
}
