using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Json;

namespace RunHub.Runs;

/// <summary><c>PATCH /api/runs/{id}</c>: changes what is named, removes what is <c>null</c>.</summary>
static class PatchApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("PATCH", "/api/runs/{id}", Allow.Reporters, RunDocs.Patch, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var request = context.Request;
        var id = (string)request.RouteValues["id"]!;
        var options = services.GetRequiredService<IOptions<IngestOptions>>().Value;
        BodyKinds.Of(request, lines: false);
        var strict = request.Flag("strict");
        var key = IdempotentWrites.KeyOf(request);
        using var body = await RequestBody.ReadAsync(context, options);
        var writes = services.GetRequiredService<IdempotentWrites>();
        var fingerprint = key is null ? null : writes.Fingerprint(request, body.Bytes.Span);
        var (run, warnings) = RunJsonReader.Patch(body.Bytes, ReadContext.From(options, services.GetRequiredService<TimeProvider>(), strict));
        if (run.Id is not null && !string.Equals(run.Id, id, StringComparison.Ordinal)) throw ProblemException.Invalid("$.id", "The address names another run; an id cannot be changed.");
        run.Id = id;

        var ingest = services.GetRequiredService<IngestRuns>();
        var prepared = ingest.Prepare(context.Caller(), new RunBatch { Runs = [run] }, mustExist: true);
        var answer = await writes.WriteAsync(context, key, fingerprint, prepared,
            result => result.Accepted.Count > 0 ? Answer(result.Accepted[0], warnings) : throw Refusal(id, result.Rejected[0]));
        await WriteAnswer.SendAsync(context, answer);
    }

    static KeptAnswer Answer(IngestedRun run, ReadWarnings warnings) => WriteAnswer.Make(200, json =>
    {
        json.WriteStartObject();
        json.WriteString("id", run.Id);
        json.WriteString("status", run.Status.ToName());
        WriteAnswer.Warnings(json, warnings);
        json.WriteEndObject();
    });

    static ProblemException Refusal(string id, Rejection rejection) =>
        rejection.Status == 404 ? ProblemException.NotFound("run", id) : WriteAnswer.Problem(RefusedItem.Of(rejection, 0));
}
