using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Json;
using RunHub.Plugins;

namespace RunHub.Runs;

/// <summary><c>POST /api/ingest/{type}</c>: the document of a workflow type, translated by its adapter.</summary>
static class IngestPayloadApi
{
    const string Answer200 = """
        { "type": "object", "required": ["accepted", "ids", "runs"], "properties": {
          "accepted": { "type": "integer" }, "ids": { "type": "array", "items": { "type": "string" } },
          "runs": { "type": "array", "items": { "$ref": "#/components/schemas/RunAnswer" } } } }
        """;

    static readonly ApiDoc Doc = new("Report runs in their own format")
    {
        Tag = "Runs",
        Description = """
            The adapter of the workflow type translates the document to runs and steps, which are then written as if they had been
            posted to `/api/runs`, all or none. `precrafter` and `crafter` take a RunDetail document and give the same one back at
            `/api/runs/{id}/download`; other types come with plugins.
            """,
        Body = new("Any", """
            {
              "id": "8f2a4b", "status": "success", "type": "precrafter", "workflow_version": 2.3,
              "start_time": "2025-01-25T14:32:15Z", "end_time": "2025-01-25T14:32:19.2Z", "duration_ms": 4200, "leadId": "lead-7",
              "results": {
                "node_1": {
                  "input": { "systemPrompt": "You are a lead analyst.", "userPrompt": "Analyze this lead: {{lead}}", "model": "gpt-4", "temperature": 0.7 },
                  "output": { "score": 85, "segment": "Enterprise" }, "duration_ms": 3900, "tokens_used": 512
                }
              }
            }
            """),
        Answers =
        [
            new(200, "Written; `ids` in the order of the document.", Answer200),
            new(400, "The body is not JSON, nests too deep, or has a key twice.", "Problem"),
            new(404, "No adapter takes documents of this type; the known types are listed.", "Problem"),
            new(409, "A run has ended otherwise already.", "Problem"),
            new(413, "The body is larger than `Ingest:MaxBodyBytes`.", "Problem"),
            new(415, "The content type or encoding is not accepted.", "Problem"),
            new(422, "The document is not one of this type; `errors` says where and why.", "Problem"),
            new(503, "The adapter or the write lane is busy; see `Retry-After`.", "Problem"),
            new(504, "The adapter did not answer in time. Nothing was written.", "Problem"),
        ],
    };

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("POST", "/api/ingest/{type}", Allow.Reporters, Doc, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var time = services.GetRequiredService<TimeProvider>();
        var options = services.GetRequiredService<IOptions<IngestOptions>>().Value;
        var name = (string)context.Request.RouteValues["type"]!;
        var types = services.GetRequiredService<WorkflowTypes>();
        var type = await types.FindAsync(name, context.RequestAborted);
        if (type is not { CanMap: true }) throw Unknown(name, types);
        BodyKinds.Of(context.Request, lines: false);
        var key = IdempotentWrites.KeyOf(context.Request);
        var writes = services.GetRequiredService<IdempotentWrites>();
        using var body = await RequestBody.ReadAsync(context, options);
        var fingerprint = key is null ? null : writes.Fingerprint(context.Request, body.Bytes.Span);
        var document = RunJsonReader.Document(body.Bytes, ReadContext.From(options, time, strict: false));
        var batch = await type.MapAsync(new PayloadDocument(type.Type, document, time.GetUtcNow()), context.RequestAborted);
        var prepared = services.GetRequiredService<IngestRuns>().Prepare(context.Caller(), batch, atomic: true);
        var answer = await writes.WriteAsync(context, key, fingerprint, prepared, result => Answer(type, result));
        await WriteAnswer.SendAsync(context, answer);
    }

    static KeptAnswer Answer(WorkflowType type, IngestResult result)
    {
        if (result.Rejected.Count > 0)
        {
            var first = result.Rejected[0];
            // The path is the run's the document was translated to: adapters check what they can name better.
            throw new ProblemException(first.Status == 400 ? 422 : first.Status, "The document cannot be written.", $"The document was read as {type.Info.DisplayName}, but a run in it was refused: {first.Path}: {first.Reason}",
                [.. result.Rejected.Select(r => new Fault(r.Path, r.Reason))]);
        }

        return WriteAnswer.Make(200, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("accepted", result.Accepted.Count);
            json.WriteStartArray("ids");
            foreach (var run in result.Accepted) json.WriteStringValue(run.Id);
            json.WriteEndArray();
            json.WriteStartArray("runs");
            foreach (var run in result.Accepted)
            {
                json.WriteStartObject();
                json.WriteString("id", run.Id);
                json.WriteBoolean("created", run.Created);
                json.WriteString("status", run.Status.ToName());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static ProblemException Unknown(string name, WorkflowTypes types)
    {
        var known = string.Join(", ", types.All.Where(t => t.CanMap).Select(t => t.Type).Order(StringComparer.Ordinal));
        return new ProblemException(404, "Not found.", known.Length == 0
            ? "No plugin that takes documents is loaded."
            : $"No adapter takes documents of the type {Ui.Format.Short(name, 64)}. These types are known: {known}.");
    }
}
