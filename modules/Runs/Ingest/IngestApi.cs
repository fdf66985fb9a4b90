using System.Text.Json;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Json;

namespace RunHub.Runs;

/// <summary><c>POST /api/runs</c>: one run, an array, or one per line; created, or merged into the run with the same id.</summary>
static class IngestApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("POST", "/api/runs", Allow.Reporters, RunDocs.Ingest, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var request = context.Request;
        var options = services.GetRequiredService<IOptions<IngestOptions>>().Value;
        var kind = BodyKinds.Of(request, lines: true);
        var (atomic, strict, asIs) = (request.Flag("atomic"), request.Flag("strict"), request.Flag("as_is"));
        var key = IdempotentWrites.KeyOf(request);
        using var body = await RequestBody.ReadAsync(context, options);
        // Before the body is read: reading may replace characters in it.
        var fingerprint = key is null ? null : services.GetRequiredService<IdempotentWrites>().Fingerprint(request, body.Bytes.Span);
        var reading = ReadContext.From(options, services.GetRequiredService<TimeProvider>(), strict);
        var read = kind == BodyKind.Lines ? RunJsonReader.RunLines(body.Bytes, reading) : RunJsonReader.Runs(body.Bytes, reading);
        if (read.Faulty.Count > 0 && (atomic || read.Items.Count == 0)) throw Refusal(read, new IngestResult([], []), atomic);

        var ingest = services.GetRequiredService<IngestRuns>();
        var prepared = ingest.Prepare(context.Caller(), new RunBatch { Runs = read.Items.ToRuns() }, atomic: atomic, asIs: asIs);
        var answer = await services.GetRequiredService<IdempotentWrites>().WriteAsync(context, key, fingerprint, prepared, result => Answer(read, result, atomic));
        await WriteAnswer.SendAsync(context, answer, read.IsBatch ? null : RunAddress(request, answer));
    }

    static KeptAnswer Answer(ReadResult<RunWrite> read, IngestResult result, bool atomic)
    {
        if (result.Accepted.Count == 0 && read.Items.Count + read.Faulty.Count > 0) throw Refusal(read, result, atomic);
        if (read.IsBatch) return WriteAnswer.Make(200, json => Batch(json, read, result));
        var run = result.Accepted[0];
        return WriteAnswer.Make(run.Created ? 201 : 200, json =>
        {
            json.WriteStartObject();
            Members(json, run);
            WriteAnswer.Warnings(json, read.Warnings);
            json.WriteEndObject();
        });
    }

    static void Batch(Utf8JsonWriter json, ReadResult<RunWrite> read, IngestResult result)
    {
        json.WriteStartObject();
        json.WriteNumber("accepted", result.Accepted.Count);
        WriteAnswer.Rejected(json, Refused(read, result));
        json.WriteStartArray("runs");
        foreach (var run in result.Accepted)
        {
            json.WriteStartObject();
            json.WriteNumber("index", read.Items[run.Index].Index);
            Members(json, run);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteAnswer.Warnings(json, read.Warnings);
        json.WriteEndObject();
    }

    static void Members(Utf8JsonWriter json, IngestedRun run)
    {
        json.WriteString("id", run.Id);
        json.WriteBoolean("created", run.Created);
        json.WriteString("status", run.Status.ToName());
    }

    static List<RefusedItem> Refused(ReadResult<RunWrite> read, IngestResult result) =>
        [.. read.Faulty.Select(RefusedItem.Of).Concat(result.Rejected.Select(r => RefusedItem.Of(r, read.Items[r.Index].Index))).OrderBy(i => i.Index)];

    static ProblemException Refusal(ReadResult<RunWrite> read, IngestResult result, bool atomic)
    {
        var refused = Refused(read, result);
        return read.IsBatch ? WriteAnswer.Problem(refused, atomic) : WriteAnswer.Problem(refused[0]);
    }

    static IReadOnlyList<RunWrite> ToRuns(this IReadOnlyList<ReadItem<RunWrite>> items)
    {
        var runs = new RunWrite[items.Count];
        for (var i = 0; i < runs.Length; i++) runs[i] = items[i].Value;
        return runs;
    }

    /// <summary>Where the run is to be found, also when the answer is a replay.</summary>
    static string RunAddress(HttpRequest request, KeptAnswer answer)
    {
        var json = new Utf8JsonReader(answer.Body);
        json.Read();
        json.Read();
        json.Read();
        return $"{request.PathBase}{request.Path}/{Uri.EscapeDataString(json.GetString()!)}";
    }
}
