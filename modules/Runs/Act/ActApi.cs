using System.Text.Json;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Http;

namespace RunHub.Runs.Act;

/// <summary>
/// What operators do to one run: <c>POST /api/runs/{id}/tags</c>, <c>/assign</c>, <c>/resolve</c>, <c>/reopen</c>.
/// Each is written with its audit row; an <c>Idempotency-Key</c> makes a repetition harmless.
/// </summary>
static class ActApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        Map(app, "tags", ActDocs.Tags, body => ApiJson.Read<TagRun>(body));
        Map(app, "assign", ActDocs.Assign, body => ApiJson.Read<AssignBody>(body).ToAct());
        Map(app, "resolve", ActDocs.Resolve, body => ApiJson.Read<ResolveRun>(body));
        Map(app, "reopen", ActDocs.Reopen, body => body.IsEmpty ? new ReopenRun() : ApiJson.Read<ReopenRun>(body));
    }

    static void Map(IEndpointRouteBuilder app, string verb, ApiDoc doc, Func<ReadOnlyMemory<byte>, RunAct> read) =>
        app.MapApi("POST", "/api/runs/{id}/" + verb, Allow.Operators, doc, context => HandleAsync(context, read));

    static async Task HandleAsync(HttpContext context, Func<ReadOnlyMemory<byte>, RunAct> read)
    {
        var (services, request) = (context.RequestServices, context.Request);
        var id = (string)request.RouteValues["id"]!;
        BodyKinds.Of(request, lines: false);
        var key = IdempotentWrites.KeyOf(request);
        using var body = await RequestBody.ReadAsync(context, services.GetRequiredService<IOptions<IngestOptions>>().Value);
        var acts = services.GetRequiredService<ActOnRuns>();
        var act = read(body.Bytes);
        if (key is null)
        {
            await SendAsync(Answer(await acts.HandleAsync(context.Caller(), act, id, context.RequestAborted)));
            return;
        }

        var writes = services.GetRequiredService<IdempotentWrites>();
        var prepared = acts.Prepare(context.Caller(), act);
        await SendAsync(await writes.RunAsync(context, key, writes.Fingerprint(request, body.Bytes.Span),
            async (scope, ct) => Answer(await acts.ApplyAsync(scope, prepared, id, null, ct)), 0));

        Task SendAsync(KeptAnswer answer) => WriteAnswer.SendAsync(context, answer);
    }

    static KeptAnswer Answer(ActOutcome outcome) => WriteAnswer.Make(200, json =>
    {
        json.WriteStartObject();
        json.WriteString("id", outcome.Id);
        json.WriteBoolean("changed", outcome.Changed);
        json.WriteEndObject();
    });

    sealed record AssignBody(JsonElement Owner = default)
    {
        // Absent is a mistake, null is nobody.
        public RunAct ToAct() => Owner.ValueKind switch
        {
            JsonValueKind.String => new AssignRun(Owner.GetString()),
            JsonValueKind.Null => new AssignRun(null),
            _ => throw ProblemException.Invalid("$.owner", "Say who looks after it: a text, or null for nobody."),
        };
    }
}
