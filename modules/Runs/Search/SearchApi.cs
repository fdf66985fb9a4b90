using System.Globalization;
using System.Text.Json;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Search;
using RunHub.Store;

namespace RunHub.Runs;

/// <summary><c>GET /api/search</c>: the runs that match a text best. <c>POST /api/search/rebuild</c>: makes the index anew.</summary>
static class SearchApi
{
    const int DefaultLimit = 20;
    const int Snippets = 3;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapApi("GET", "/api/search", Allow.Viewers, SearchDocs.Search, FindAsync);
        app.MapPost("/api/search/rebuild", RebuildAsync).Access(Allow.Installation).Doc(SearchDocs.Rebuild);
    }

    static async Task FindAsync(HttpContext context)
    {
        var (services, tenant) = (context.RequestServices, context.Caller().Tenant);
        var filter = RunFilter.Parse(context.Request.Query, time: services.GetRequiredService<TimeProvider>());
        if (filter.Words is not { } words) throw ProblemException.Invalid("query.q", "Nothing to search for: give a text.");
        if (filter.Limit > SearchRuns.MaxLimit) throw ProblemException.Invalid("query.limit", $"The best {SearchRuns.MaxLimit} at most.");
        if (filter.NextToken is not null) throw ProblemException.Invalid("query.next_token", "What matches best has no pages: ask GET /api/runs for all, newest first.");
        _ = filter.Within(tenant.Id);
        var search = services.GetRequiredService<SearchRuns>();
        var limit = context.Request.Query.ContainsKey("limit") ? filter.Limit : DefaultLimit;
        var answer = await search.HandleAsync(tenant.No, filter, limit, Snippets, context.RequestAborted);
        var lag = await search.LagAsync(context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json => Write(json, words.Text, answer, lag));
    }

    static async Task RebuildAsync(HttpContext context)
    {
        var (services, caller) = (context.RequestServices, context.Caller());
        await services.GetRequiredService<WriteLane>().Run(async (scope, ct) =>
        {
            await scope.AuditAsync(new AuditEntry(null, caller.Kind == CallerKind.User ? "user" : "key", caller.Name, "search.rebuilt", "search", "index"), ct);
            await services.GetRequiredService<FillSearchIndex>().AskAnewAsync(scope, ct);
        }, context.RequestAborted);
        services.GetRequiredService<Signals>().Post(FillSearchIndex.RebuildSignal, "");
        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    static void Write(Utf8JsonWriter json, string text, SearchAnswer answer, SearchLag lag)
    {
        json.WriteStartObject();
        json.WriteString("q", text);
        json.WriteStartArray("runs");
        foreach (var found in answer.Runs) Write(json, found);
        json.WriteEndArray();
        json.WriteStartObject("searched");
        json.WriteNumber("matches", answer.Looked);
        json.WriteBoolean("complete", answer.IsComplete);
        if (!answer.IsComplete) json.WriteString("note", string.Create(CultureInfo.InvariantCulture, $"There are more; the newest {answer.Looked} were weighed."));
        json.WriteEndObject();
        json.WriteNumber("lag_ms", (long)lag.Lag.TotalMilliseconds);
        json.WriteBoolean("filling", lag.IsFilling);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, FoundRun found)
    {
        var run = found.Run;
        json.WriteStartObject();
        json.WriteString("id", run.Id);
        json.WriteString("name", run.Name);
        json.WriteString("workflow_name", run.WorkflowName);
        json.WriteString("environment", run.Environment);
        json.WriteString("status", run.Status.ToName());
        json.WriteString("started_at", Times.ToIso(run.SortAt));
        json.WriteNumber("score", Math.Round(found.Score, 3));
        json.WriteStartArray("snippets");
        foreach (var snippet in found.Snippets)
        {
            json.WriteStartObject();
            json.WriteString("field", FieldName(snippet.Kind));
            json.WriteString("text", snippet.Text);
            json.WriteStartArray("matches");
            foreach (var (start, length) in snippet.Marks)
            {
                json.WriteStartObject();
                json.WriteNumber("start", start);
                json.WriteNumber("length", length);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static string FieldName(SearchKind kind) => kind switch
    {
        SearchKind.Name => "name",
        SearchKind.Tag => "tag",
        SearchKind.Error => "error",
        SearchKind.Step => "step",
        SearchKind.Note => "note",
        SearchKind.Input => "input",
        SearchKind.Output => "output",
        _ => "log",
    };
}
