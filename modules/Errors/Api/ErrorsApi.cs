using System.Text.Json;
using RunHub.Access;
using RunHub.Errors.List;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Errors.Api;

/// <summary><c>/api/errors</c>: failures grouped by what their errors have in common, and what people decided about a group.</summary>
static class ErrorsApi
{
    const string Tag = "Errors";

    const string Group = """
        {"type":"object","required":["fingerprint","state"],"properties":{
          "fingerprint":{"type":"string"},"workflow_name":{"type":"string"},"error_class":{"type":["string","null"]},"error_code":{"type":["string","null"]},"message":{"type":["string","null"],"description":"Of the latest."},
          "count":{"type":"integer"},"first_seen":{"type":"string","description":"Among the runs the filter matches."},"last_seen":{"type":"string"},"versions":{"type":"array","items":{"type":"string"}},"sample_run_ids":{"type":"array","items":{"type":"string"}},
          "state":{"type":"string","enum":["open","resolved","ignored","regressed"]},"state_by":{"type":["string","null"]},"state_at":{"type":["string","null"]},"state_note":{"type":["string","null"]},
          "first_seen_ever":{"type":["string","null"]},"last_seen_ever":{"type":["string","null"]}}}
        """;

    static readonly ApiDoc ListDoc = new("Failures by error")
    {
        Tag = Tag,
        Description = $"""
            The failed runs that the filter matches, grouped by fingerprint: workflow, error code and class, and the message but for what changes each time. Groups seen last come
            first. At most {ReadErrors.MaxFailures} failures are looked at, newest first; `searched_back_to` says where that ended. A resolved group is `regressed` once a run that started later fails with it.
            """,
        Parameters = [new("state", "`open` (default: open and regressed), `resolved`, `ignored`, `all`.", """{"type":"string","enum":["open","resolved","ignored","all"]}"""), .. RunFilterDocs.Parameters.Where(p => p.Name is not ("sort" or "limit" or "next_token" or "page" or "status"))],
        Answers =
        [
            new(200, "The groups.", """{"type":"object","required":["errors","failures"],"properties":{"errors":{"type":"array","items":""" + Group + """},"failures":{"type":"integer","description":"Failures that were looked at."},"searched_back_to":{"type":["string","null"]},"more":{"type":"boolean"}}}"""),
            new(400, "A parameter is not what it should be; every fault is told.", "Problem"),
        ],
    };

    static readonly ApiDoc SetDoc = new("Resolve, ignore or reopen an error")
    {
        Tag = Tag,
        Description = "Says how failures with this fingerprint stand from now on. The act stands in the audit trail.",
        Body = new("""{"type":"object","required":["state"],"properties":{"state":{"type":"string","enum":["open","resolved","ignored"]},"note":{"type":["string","null"],"maxLength":10000}},"additionalProperties":false}""", """{ "state": "resolved", "note": "Fixed in 1.8.4." }"""),
        Answers = [new(200, "As it stands now.", Group), new(400, "The state is none of these, or the note too long.", "Problem"), new(404, "No failure in this tenant has this fingerprint.", "Problem"), new(415, "JSON is needed.", "Problem"), new(503, "Too many writes are waiting; see `Retry-After`.", "Problem")],
    };

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapApi("GET", "/api/errors", Allow.Viewers, ListDoc, ListAsync);
        app.MapApi("POST", "/api/errors/{fingerprint}", Allow.Operators, SetDoc, SetAsync);
    }

    /// <summary>Reads which groups are asked for.</summary>
    /// <exception cref="ProblemException">400: none of the words.</exception>
    internal static ErrorChoice ChoiceOf(string? word) => word switch
    {
        null or "" or "open" => ErrorChoice.Open,
        "resolved" => ErrorChoice.Resolved,
        "ignored" => ErrorChoice.Ignored,
        "all" => ErrorChoice.All,
        _ => throw ProblemException.Invalid("query.state", "One of open, resolved, ignored, all."),
    };

    static async Task ListAsync(HttpContext context)
    {
        var (services, tenant) = (context.RequestServices, context.Caller().Tenant);
        var choice = ChoiceOf(context.Request.Query["state"]);
        var filter = RunFilter.Parse(context.Request.Query, ["state"], services.GetRequiredService<TimeProvider>());
        if (filter.Tenant is { } other && !string.Equals(other, tenant.Id, StringComparison.Ordinal)) throw ProblemException.Invalid("query.tenant", "This is another tenant than the caller's.");
        var found = await services.GetRequiredService<ReadErrors>().HandleAsync(tenant.No, filter, choice, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("errors");
            foreach (var group in found.Groups) Write(json, group);
            json.WriteEndArray();
            json.WriteNumber("failures", found.Failures);
            json.WriteString("searched_back_to", ApiJson.Time(found.SearchedBackTo));
            json.WriteBoolean("more", found.More);
            json.WriteEndObject();
        });
    }

    static async Task SetAsync(HttpContext context)
    {
        var fingerprint = (string)context.Request.RouteValues["fingerprint"]!;
        var body = await ApiJson.ReadAsync<StateBody>(context);
        var state = body.State switch { "open" => ErrorState.Open, "resolved" => ErrorState.Resolved, "ignored" => ErrorState.Ignored, _ => throw ProblemException.Invalid("$.state", "One of open, resolved, ignored.") };
        var standing = await context.RequestServices.GetRequiredService<ErrorStates>().SetAsync(context.Caller(), fingerprint, state, body.Note, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("fingerprint", fingerprint);
            Write(json, standing);
            json.WriteEndObject();
        });
    }

    static void Write(Utf8JsonWriter json, ErrorGroup group)
    {
        json.WriteStartObject();
        json.WriteString("fingerprint", group.Fingerprint);
        json.WriteString("workflow_name", group.Workflow);
        json.WriteString("error_class", group.ErrorClass);
        json.WriteString("error_code", group.ErrorCode);
        json.WriteString("message", group.Message);
        json.WriteNumber("count", group.Count);
        json.WriteString("first_seen", Times.ToIso(group.FirstSeen));
        json.WriteString("last_seen", Times.ToIso(group.LastSeen));
        json.WriteStartArray("versions");
        foreach (var version in group.Versions) json.WriteStringValue(version);
        json.WriteEndArray();
        json.WriteStartArray("sample_run_ids");
        foreach (var id in group.Samples) json.WriteStringValue(id);
        json.WriteEndArray();
        Write(json, group.Standing);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, ErrorStanding standing)
    {
        json.WriteString("state", ApiJson.Lower(standing.State));
        json.WriteString("state_by", standing.By);
        json.WriteString("state_at", ApiJson.Time(standing.At));
        json.WriteString("state_note", standing.Note);
        json.WriteString("first_seen_ever", ApiJson.Time(standing.FirstSeen));
        json.WriteString("last_seen_ever", ApiJson.Time(standing.LastSeen));
    }

    sealed record StateBody(string? State = null, string? Note = null);
}
