using System.Buffers;
using System.Text.Json;
using RunHub.Access;
using RunHub.Http;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Logs;

namespace RunHub.Logs;

/// <summary>
/// <c>GET /api/runs/{id}/logs</c>: a run's lines, filtered, a page at a time by position; all that match, one object per
/// line, when NDJSON is asked for.
/// </summary>
static class LogsApi
{
    const string Lines = "application/x-ndjson";
    const int PerQuery = 2000;

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/logs", Allow.Viewers, LogDocs.List, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (id, tenantNo, request) = ((string)context.Request.RouteValues["id"]!, context.Caller().Tenant.No, context.Request);
        var ask = LogAsk.Parse(request.Query);
        var database = context.RequestServices.GetRequiredService<Database>();
        if (WantsLines(request))
        {
            await StreamAsync(context, database, id, tenantNo, ask);
            return;
        }

        var (runId, page, totals) = await PageAsync(context, database, id, tenantNo, ask);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("logs");
            foreach (var line in page.Lines) LogJson.Write(json, line, runId);
            json.WriteEndArray();
            json.WriteString("next_token", page.Next?.ToString());
            json.WriteString("searched_to", page.IsShort ? Times.ToIso(page.Next!.Value.At) : null);
            json.WriteNumber("lines", totals.Lines);
            json.WriteStartObject("levels");
            for (var i = 0; i < totals.Levels.Count; i++) json.WriteNumber(Severities.Names[i], totals.Levels[i]);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    static async Task<(string RunId, LogPage Page, LogTotals Totals)> PageAsync(HttpContext context, Database database, string id, long tenantNo, LogAsk ask)
    {
        var cancellationToken = context.RequestAborted;
        await using var sql = await database.ReadAsync(cancellationToken);
        using var interrupt = sql.InterruptOn(cancellationToken);
        var run = await RunReader.GetAsync(sql, tenantNo, id, cancellationToken);
        var query = await ask.ForRunAsync(sql, run.RunNo, cancellationToken);
        return (run.Id, await LogReader.PageAsync(sql, run.RunNo, query, ask.After ?? Begin(ask), ask.NewestFirst, ask.Limit, cancellationToken), await LogReader.TotalsAsync(sql, run.RunNo, cancellationToken));
    }

    /// <summary>Everything that matches, in pieces: no read lasts longer than one of them, whatever the client's pace.</summary>
    static async Task StreamAsync(HttpContext context, Database database, string id, long tenantNo, LogAsk ask)
    {
        var (response, cancellationToken) = (context.Response, context.RequestAborted);
        var limit = context.Request.Query.ContainsKey("limit") ? ask.Limit : int.MaxValue;
        var (run, query) = await FindAsync(database, id, tenantNo, ask, cancellationToken);
        response.ContentType = Lines + "; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        if (context.Request.Flag("download")) response.Headers.ContentDisposition = $"attachment; filename=\"logs-{FileName(run.Id)}.ndjson\"";
        var at = ask.After ?? Begin(ask);
        while (limit > 0)
        {
            var page = await ReadAsync(database, run.RunNo, query, at, ask.NewestFirst, Math.Min(limit, PerQuery), cancellationToken);
            foreach (var line in page.Lines)
            {
                await using (var json = new Utf8JsonWriter(response.BodyWriter, RunJson.WriterOptions)) LogJson.Write(json, line, run.Id);
                response.BodyWriter.Write("\n"u8);
            }

            await response.BodyWriter.FlushAsync(cancellationToken);
            if (page.Next is not { } next) return;
            (at, limit) = (next, limit - page.Lines.Count);
        }
    }

    static async Task<(RunRow Run, LogQuery Query)> FindAsync(Database database, string id, long tenantNo, LogAsk ask, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, tenantNo, id, cancellationToken);
        return (run, await ask.ForRunAsync(sql, run.RunNo, cancellationToken));
    }

    static async Task<LogPage> ReadAsync(Database database, long runNo, LogQuery query, LogPosition at, bool newestFirst, int limit, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await LogReader.PageAsync(sql, runNo, query, at, newestFirst, limit, cancellationToken);
    }

    static LogPosition Begin(LogAsk ask) => ask.NewestFirst ? LogPosition.End : LogPosition.Start;

    static bool WantsLines(HttpRequest request) => request.Query["format"].ToString() switch
    {
        "ndjson" => true,
        "" => request.Headers.Accept.ToString().Contains(Lines, StringComparison.OrdinalIgnoreCase),
        "json" => false,
        _ => throw ProblemException.Invalid("query.format", "json or ndjson is wanted."),
    };

    static string FileName(string id) => string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));
}
