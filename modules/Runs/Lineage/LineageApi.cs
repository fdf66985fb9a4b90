using System.Text.Json;
using RunHub.Access;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Runs.Lineage;

/// <summary><c>GET /api/runs/{id}/lineage</c>: where a run comes from and what came of it.</summary>
static class LineageApi
{
    const int Limit = 20;

    static readonly ApiDoc Doc = new("Get the lineage of a run")
    {
        Tag = "Runs",
        Description = """
            Its parent and root, its children, the attempts at the same business event, the runs of its batch, and the reports it answered in place of a run of their
            own. The newest 20 of each come with it; `query` lists them all (`GET /api/runs?{query}`).
            """,
        Answers = [new(200, "The lineage.", "Lineage"), RunDocs.NoRun],
    };

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/lineage", Allow.Viewers, Doc, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var lineage = await ReadAsync(context, (string)context.Request.RouteValues["id"]!);
        var run = lineage.Run;
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", run.Id);
            json.WriteString("parent_run_id", run.ParentRunId);
            One(json, "parent", lineage.Parent);
            json.WriteString("root_run_id", run.RootRunId);
            One(json, "root", run.RootRunId is not null && run.RootRunId == run.ParentRunId ? lineage.Parent : lineage.Root);
            Many(json, "children", lineage.Children);
            json.WriteString("business_event_id", run.BusinessEventId);
            Many(json, "attempts", lineage.Attempts);
            json.WriteString("batch_id", run.BatchId);
            Many(json, "batch", lineage.Batch);
            json.WriteStartObject("duplicates");
            json.WriteStartArray("items");
            foreach (var duplicate in lineage.Duplicates)
            {
                json.WriteStartObject();
                json.WriteString("id", duplicate.Id);
                json.WriteString("at", Times.ToIso(duplicate.At));
                json.WriteString("sent_by", duplicate.SentBy);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Total(json, lineage.DuplicateCount);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    static async Task<RunLineage> ReadAsync(HttpContext context, string id)
    {
        await using var sql = await context.RequestServices.GetRequiredService<Database>().ReadAsync(context.RequestAborted);
        var run = await RunReader.GetAsync(sql, context.Caller().Tenant.No, id, context.RequestAborted);
        return await RunLineage.ReadAsync(sql, run, Limit, context.RequestAborted);
    }

    static void One(Utf8JsonWriter json, string name, RelatedRun? run)
    {
        json.WritePropertyName(name);
        if (run is null) json.WriteNullValue();
        else Members(json, run);
    }

    static void Many(Utf8JsonWriter json, string name, RelatedRuns related)
    {
        json.WriteStartObject(name);
        json.WriteStartArray("runs");
        foreach (var run in related.Runs) Members(json, run);
        json.WriteEndArray();
        Total(json, related.Total);
        json.WriteString("query", related.Query);
        json.WriteEndObject();
    }

    static void Total(Utf8JsonWriter json, long total)
    {
        json.WriteNumber("total", Math.Min(total, RunLineage.CountedTo));
        json.WriteBoolean("more", total > RunLineage.CountedTo);
    }

    static void Members(Utf8JsonWriter json, RelatedRun run)
    {
        json.WriteStartObject();
        json.WriteString("id", run.Id);
        json.WriteString("workflow_name", run.WorkflowName);
        json.WriteString("environment", run.Environment);
        json.WriteString("status", run.Status.ToName());
        if (run.Attempt is { } attempt) json.WriteNumber("attempt", attempt);
        else json.WriteNull("attempt");
        json.WriteString("at", Times.ToIso(run.SortAt));
        json.WriteEndObject();
    }
}
