using System.Text.Json;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs;

/// <summary><c>GET /api/runs</c>: a page of the runs a filter matches.</summary>
static class ListApi
{
    const int FlushAt = 256 * 1024;

    /// <summary>Everything a run's JSON says without its payloads.</summary>
    internal static readonly RowProjection<RunRow> Columns = RunRow.Table.Project(
        "run_no", "id", "name", "type", "workflow_name", "workflow_version", "environment", "status", "created_at", "updated_at", "started_at", "completed_at",
        "duration_ms", "actor", "hitl", "trigger", "started_by", "owner", "business_event_id", "lead_id", "batch_id", "thread_id", "agent_id", "trace_id",
        "parent_run_id", "root_run_id", "attempt", "progress", "tokens", "compute_ms", "cost_nano", "error_code", "error_class", "error_message", "error_step_id", "fingerprint",
        "tags", "first_pass_success", "accuracy", "throughput_delta", "customer_experience_index", "time_to_feature", "resolved", "step_count", "failed_steps", "retries");

    /// <summary>What a list with chosen columns shows, whichever they are: one statement for all of them.</summary>
    internal static readonly RowProjection<RunRow> AllColumns = RunRow.Table.Project([.. Columns.Sql.Split(", "), "lane", "sort_at", "failed_node", "models"]);

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs", Allow.Viewers, RunDocs.List, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (services, tenant) = (context.RequestServices, context.Caller().Tenant);
        var filter = RunFilter.Parse(context.Request.Query, ["include"], services.GetRequiredService<TimeProvider>());
        var withPayloads = Include(context.Request);
        if (filter.Tenant is { } other && !string.Equals(other, tenant.Id, StringComparison.Ordinal))
            throw new ProblemException(403, "Not allowed.", $"This key or session reads tenant {tenant.Id}; /t/{{tenant}}/api/runs reads another one you belong to.", new Fault("query.tenant", "This is another tenant than the caller's."));
        var page = await services.GetRequiredService<RunQuery>()
            .ListAsync(tenant.No, filter, filter.NextToken, filter.Limit, withPayloads ? RunRow.Table.All : Columns, context.RequestAborted);
        if (withPayloads) await WriteWithPayloadsAsync(context, page, tenant);
        else await context.Response.WriteJsonAsync(200, json => Write(json, page, tenant));
    }

    static bool Include(HttpRequest request)
    {
        if (!request.Query.TryGetValue("include", out var include)) return false;
        var wrong = include.SelectMany(v => (v ?? "").Split(',')).FirstOrDefault(v => v.Length > 0 && !v.Equals("payloads", StringComparison.OrdinalIgnoreCase));
        return wrong is null ? include.Any(v => !string.IsNullOrEmpty(v)) : throw ProblemException.Invalid("query.include", "Only payloads can be included.");
    }

    static void Write(Utf8JsonWriter json, RunPage page, Tenant tenant)
    {
        json.WriteStartObject();
        json.WriteStartArray("runs");
        for (var i = 0; i < page.Runs.Count; i++) RunJson.Write(json, page.Runs[i], tenant.Id);
        End(json, page);
    }

    /// <summary>One run's payloads in memory at a time, each read on its own: a page of them may be large.</summary>
    static async Task WriteWithPayloadsAsync(HttpContext context, RunPage page, Tenant tenant)
    {
        var (response, database) = (context.Response, context.RequestServices.GetRequiredService<Database>());
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(response.BodyWriter, RunJson.WriterOptions);
        json.WriteStartObject();
        json.WriteStartArray("runs");
        foreach (var run in page.Runs)
        {
            RunParts parts;
            await using (var sql = await database.ReadAsync(context.RequestAborted)) parts = await RunPartsReader.ReadAsync(sql, run, context.RequestAborted);
            RunJson.Write(json, run, tenant.Id, parts);
            if (json.BytesPending < FlushAt) continue;
            await json.FlushAsync(context.RequestAborted);
            await response.BodyWriter.FlushAsync(context.RequestAborted);
        }

        End(json, page);
        await json.FlushAsync(context.RequestAborted);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    static void End(Utf8JsonWriter json, RunPage page)
    {
        json.WriteEndArray();
        json.WriteString("next_token", page.NextToken);
        json.WriteString("searched_back_to", page.SearchedBackTo is { } at ? Times.ToIso(at) : null);
        json.WriteEndObject();
    }
}
