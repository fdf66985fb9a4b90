using System.Globalization;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Json;

namespace RunHub.Steps;

/// <summary>
/// <c>POST /api/runs/{id}/steps</c>: one step, an array, or one per line. Each step is an item of its own: an invalid one
/// is answered with its place and reason and does not keep the others out, unless <c>atomic</c> says so.
/// </summary>
static class ReportStepsApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("POST", "/api/runs/{id}/steps", Allow.Reporters, StepDocs.Report, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var request = context.Request;
        var runId = (string)request.RouteValues["id"]!;
        var options = services.GetRequiredService<IOptions<IngestOptions>>().Value;
        var kind = BodyKinds.Of(request, lines: true);
        var (atomic, strict) = (request.Flag("atomic"), request.Flag("strict"));
        var key = IdempotentWrites.KeyOf(request);
        using var body = await RequestBody.ReadAsync(context, options);
        var writes = services.GetRequiredService<IdempotentWrites>();
        var fingerprint = key is null ? null : writes.Fingerprint(request, body.Bytes.Span);
        var time = services.GetRequiredService<TimeProvider>();
        var reading = ReadContext.From(options, time, strict);
        var read = kind == BodyKind.Lines ? RunJsonReader.StepLines(body.Bytes, reading) : RunJsonReader.Steps(body.Bytes, reading);
        if (read.Faulty.Count > 0 && (atomic || read.Items.Count == 0)) throw Refusal(runId, read, [], atomic);

        // The sender learns the ids that were made for it.
        foreach (var (_, step) in read.Items) step.Id ??= Ids.NewStep(time.GetUtcNow());
        var prepared = services.GetRequiredService<IngestRuns>().Prepare(context.Caller(), Batch(runId, read, atomic), mustExist: true, atomic);
        var answer = await writes.WriteAsync(context, key, fingerprint, prepared, result => Answer(runId, read, result, atomic));
        await WriteAnswer.SendAsync(context, answer);
    }

    /// <summary>A step that is refused must not take its neighbours with it, so each is a change of the run by itself; steps that stand or fall together are one.</summary>
    static RunBatch Batch(string runId, ReadResult<StepWrite> read, bool atomic) => atomic || read.Items.Count == 0
        ? new RunBatch { Runs = [new RunWrite { Id = runId, Steps = [.. read.Items.Select(i => i.Value)] }] }
        : new RunBatch { Runs = [.. read.Items.Select(i => new RunWrite { Id = runId, Steps = [i.Value] })] };

    static KeptAnswer Answer(string runId, ReadResult<StepWrite> read, IngestResult result, bool atomic)
    {
        if (result.Accepted.Count == 0 && result.Rejected.Count > 0) throw Refusal(runId, read, result.Rejected, atomic);
        var run = result.Accepted[^1];
        if (!read.IsBatch)
        {
            return WriteAnswer.Make(200, json =>
            {
                json.WriteStartObject();
                json.WriteString("id", read.Items[0].Value.Id);
                Run(json);
                json.WriteEndObject();
            });
        }

        var accepted = atomic ? read.Items : [.. result.Accepted.Select(a => read.Items[a.Index])];
        return WriteAnswer.Make(200, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("accepted", accepted.Count);
            WriteAnswer.Rejected(json, Refused(runId, read, result.Rejected, atomic));
            json.WriteStartArray("steps");
            foreach (var (index, step) in accepted)
            {
                json.WriteStartObject();
                json.WriteNumber("index", index);
                json.WriteString("id", step.Id);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Run(json);
            json.WriteEndObject();
        });

        void Run(System.Text.Json.Utf8JsonWriter json)
        {
            json.WriteString("run_id", run.Id);
            json.WriteString("run_status", run.Status.ToName());
            WriteAnswer.Warnings(json, read.Warnings);
        }
    }

    static List<RefusedItem> Refused(string runId, ReadResult<StepWrite> read, IReadOnlyList<Rejection> rejected, bool atomic) =>
        [.. read.Faulty.Select(RefusedItem.Of).Concat(rejected.Select(r => Of(runId, read, r, atomic))).OrderBy(i => i.Index)];

    /// <summary>The store speaks of the run (<c>$.steps[2].status</c>), the sender of steps (<c>$.status</c> of its third).</summary>
    static RefusedItem Of(string runId, ReadResult<StepWrite> read, Rejection rejection, bool atomic)
    {
        if (rejection.Status == 404) throw ProblemException.NotFound("run", runId);
        const string prefix = "$.steps[";
        var (path, place) = (rejection.Path, rejection.Index);
        if (path.StartsWith(prefix, StringComparison.Ordinal) && path.IndexOf(']', prefix.Length) is > 0 and var end)
        {
            if (atomic) place = int.Parse(path.AsSpan(prefix.Length, end - prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture);
            path = string.Concat("$", path.AsSpan(end + 1));
        }

        var (index, step) = read.Items[place];
        return new RefusedItem(index, step.Id, rejection.Status, [new Fault(path, rejection.Reason)]);
    }

    static ProblemException Refusal(string runId, ReadResult<StepWrite> read, IReadOnlyList<Rejection> rejected, bool atomic)
    {
        var refused = Refused(runId, read, rejected, atomic);
        return read.IsBatch ? WriteAnswer.Problem(refused, atomic) : WriteAnswer.Problem(refused[0]);
    }
}
