using System.Globalization;
using System.Text.Json;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.Filter;
using RunHub.Http;

namespace RunHub.Runs.Bulk;

/// <summary><c>/api/bulk-actions</c>: something done to a selection of runs, or to everything that matches a filter.</summary>
static class BulkApi
{
    const int MaxPage = 1000;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapApi("POST", "/api/bulk-actions/preview", Allow.Operators, BulkDocs.Preview, PreviewAsync);
        app.MapApi("POST", "/api/bulk-actions", Allow.Operators, BulkDocs.Create, CreateAsync);
        app.MapApi("GET", "/api/bulk-actions", Allow.Viewers, BulkDocs.List, ListAsync);
        app.MapApi("GET", "/api/bulk-actions/{id}", Allow.Viewers, BulkDocs.Get, GetAsync);
        app.MapApi("GET", "/api/bulk-actions/{id}/items", Allow.Viewers, BulkDocs.Items, ItemsAsync);
        Map(app, "pause", (a, c, id, ct) => a.PauseAsync(c, id, ct));
        Map(app, "resume", (a, c, id, ct) => a.ResumeAsync(c, id, ct));
        Map(app, "abort", (a, c, id, ct) => a.AbortAsync(c, id, ct));
        Map(app, "retry", (a, c, id, ct) => a.RetryAsync(c, id, ct));
        Map(app, "undo", (a, c, id, ct) => a.UndoAsync(c, id, ct));
    }

    static void Map(IEndpointRouteBuilder app, string verb, Func<BulkActions, Caller, string, CancellationToken, Task<BulkAction>> act) =>
        app.MapApi("POST", "/api/bulk-actions/{id}/" + verb, Allow.Operators, BulkDocs.Steer(verb), async context =>
            await SendAsync(context, 200, await act(Actions(context), context.Caller(), Id(context), context.RequestAborted)));

    static async Task PreviewAsync(HttpContext context)
    {
        var request = (await ApiJson.ReadAsync<BulkBody>(context)).ToRequest(context.Caller().Tenant.Id);
        var actions = Actions(context);
        actions.Offered(request.Kind).Prepare(context.Caller(), request.Settings);
        var preview = await actions.PreviewAsync(context.Caller().Tenant.No, request, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count", preview.Count);
            json.WriteBoolean("is_capped", preview.IsCapped);
            json.WriteBoolean("can_undo", actions.Offered(request.Kind).CanUndo);
            json.WriteStartArray("sample");
            foreach (var run in preview.Sample)
            {
                json.WriteStartObject();
                json.WriteString("id", run.Id);
                json.WriteString("workflow_name", run.WorkflowName);
                json.WriteString("status", run.Status.ToName());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static async Task CreateAsync(HttpContext context)
    {
        var request = (await ApiJson.ReadAsync<BulkBody>(context)).ToRequest(context.Caller().Tenant.Id);
        var bulk = await Actions(context).CreateAsync(context.Caller(), request, context.RequestAborted);
        context.Response.Headers.Location = "/api/bulk-actions/" + bulk.Id;
        await SendAsync(context, 201, bulk);
    }

    static async Task ListAsync(HttpContext context)
    {
        var limit = Limit(context, 50, 200);
        var list = await Actions(context).ListAsync(context.Caller().Tenant.No, context.Request.Query["next_token"] is [{ Length: > 0 } token] ? token : null, limit + 1, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("bulk_actions");
            foreach (var bulk in list.Take(limit)) Write(json, bulk);
            json.WriteEndArray();
            json.WriteString("next_token", list.Count > limit ? list[limit - 1].Id : null);
            json.WriteEndObject();
        });
    }

    static async Task GetAsync(HttpContext context) => await SendAsync(context, 200, await FindAsync(context));

    static async Task ItemsAsync(HttpContext context)
    {
        var bulk = await FindAsync(context);
        var limit = Limit(context, 100, MaxPage);
        BulkItemState? state = context.Request.Query["state"].ToString() switch
        {
            "" => null,
            var text when Enum.TryParse<BulkItemState>(text, ignoreCase: true, out var known) && !char.IsAsciiDigit(text[0]) => known,
            _ => throw ProblemException.Invalid("query.state", "One of pending, done, unchanged, failed."),
        };
        long after = 0;
        if (context.Request.Query["next_token"] is [{ Length: > 0 } token] && !long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            throw ProblemException.Invalid("query.next_token", "This is not a token of this list.");
        var items = await Actions(context).ItemsAsync(bulk, state, after, limit + 1, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var item in items.Take(limit))
            {
                json.WriteStartObject();
                json.WriteString("run_id", item.RunId);
                json.WriteString("state", ApiJson.Lower(item.State));
                json.WriteString("reason", item.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("next_token", items.Count > limit ? items[limit - 1].No.ToString(CultureInfo.InvariantCulture) : null);
            json.WriteEndObject();
        });
    }

    static BulkActions Actions(HttpContext context) => context.RequestServices.GetRequiredService<BulkActions>();

    static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    static async Task<BulkAction> FindAsync(HttpContext context) =>
        await Actions(context).FindAsync(context.Caller().Tenant.No, Id(context), context.RequestAborted) ?? throw ProblemException.NotFound("bulk action", Id(context));

    static int Limit(HttpContext context, int usual, int most)
    {
        var text = context.Request.Query["limit"].ToString();
        if (text.Length == 0) return usual;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most ? limit : throw ProblemException.Invalid("query.limit", $"A number from 1 to {most}.");
    }

    static async Task SendAsync(HttpContext context, int status, BulkAction bulk)
    {
        var file = await context.RequestServices.GetRequiredService<BulkFiles>().FindAsync(bulk, context.RequestAborted);
        await context.Response.WriteJsonAsync(status, json => Write(json, bulk, file));
    }

    static void Write(Utf8JsonWriter json, BulkAction bulk, BulkFile? file = null)
    {
        json.WriteStartObject();
        json.WriteString("id", bulk.Id);
        json.WriteString("name", bulk.Name);
        json.WriteString("kind", bulk.Kind);
        json.WritePropertyName("action");
        json.WriteRawValue(bulk.Settings);
        json.WriteString("filter", bulk.Filter);
        json.WriteString("state", ApiJson.Lower(bulk.State));
        json.WriteString("reason", bulk.Reason);
        json.WriteNumber("total", bulk.Total);
        json.WriteNumber("done", bulk.Done);
        json.WriteNumber("unchanged", bulk.Unchanged);
        json.WriteNumber("failed", bulk.Failed);
        Optional(json, "rate", bulk.Rate);
        Optional(json, "pause_after", bulk.PauseAfter);
        json.WriteString("undo_of", bulk.UndoOf);
        json.WriteString("created_by", bulk.By);
        json.WriteString("created_at", Times.ToIso(bulk.CreatedAt));
        json.WriteString("started_at", ApiJson.Time(bulk.StartedAt));
        json.WriteString("finished_at", ApiJson.Time(bulk.FinishedAt));
        if (file is not null)
        {
            json.WriteStartObject("file");
            json.WriteNumber("size", file.Size);
            json.WriteString("url", $"/api/bulk-actions/{bulk.Id}/file");
            json.WriteString("expires_at", ApiJson.Time(file.ExpiresAt));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    static void Optional(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    sealed record BulkBody(JsonElement Action, string? Name = null, string? Filter = null, IReadOnlyList<string>? RunIds = null, long? Rate = null, long? PauseAfter = null)
    {
        public BulkRequest ToRequest(string tenant)
        {
            if (Action.ValueKind != JsonValueKind.Object || !Action.TryGetProperty("kind", out var kind) || kind.ValueKind != JsonValueKind.String)
                throw ProblemException.Invalid("$.action.kind", "Say what shall be done: {\"kind\": \"tag\", \"add\": [\"seen\"], \"remove\": []}.");
            if (Filter is not null && RunIds is not null) throw ProblemException.Invalid("$.filter", "A filter or run_ids, not both.");
            if (Filter is null && RunIds is null) throw ProblemException.Invalid("$.filter", "A filter (\"status=failed&workflow=invoice\", \"\" for everything) or run_ids is needed.");
            return new BulkRequest(Name, kind.GetString()!, Action.GetRawText()) { Filter = Filter is null ? null : BulkFilter.Parse(Filter, tenant), RunIds = RunIds ?? [], Rate = Rate, PauseAfter = PauseAfter };
        }
    }
}

/// <summary>The filter of a bulk action, as text.</summary>
static class BulkFilter
{
    /// <summary>Reads it; faults are told as those of <c>$.filter</c>.</summary>
    public static RunFilter Parse(string text, string tenant)
    {
        try
        {
            var filter = RunFilter.Parse(text);
            if (filter.Tenant is { } other && !string.Equals(other, tenant, StringComparison.Ordinal)) throw ProblemException.Invalid("query.tenant", $"This key or session acts in tenant {tenant}.");
            return filter;
        }
        catch (ProblemException e)
        {
            throw new ProblemException(e.Status, e.Title, e.Detail, [.. e.Faults.Select(f => f with { Path = "$.filter (" + f.Path + ")" })]);
        }
    }
}
