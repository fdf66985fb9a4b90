using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Json;

namespace RunHub.Logs;

/// <summary>
/// <c>POST /api/runs/{id}/logs</c>: one line, an array, or one object per line. An invalid line is answered with its place
/// and reason and does not keep the others out, unless <c>atomic</c> says so; the valid ones are one change of the run.
/// </summary>
static class ReportLogsApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("POST", "/api/runs/{id}/logs", Allow.Reporters, LogDocs.Report, HandleAsync);

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
        var reading = ReadContext.From(options, services.GetRequiredService<TimeProvider>(), strict);
        var read = OfRun(kind == BodyKind.Lines ? RunJsonReader.LogLines(body.Bytes, reading) : RunJsonReader.Logs(body.Bytes, reading), runId);
        if (read.Faulty.Count > 0 && (atomic || read.Items.Count == 0)) throw Refusal(read, atomic);
        var batch = new RunBatch { Runs = [new RunWrite { Id = runId, Logs = [.. read.Items.Select(i => i.Value)] }] };
        var prepared = services.GetRequiredService<IngestRuns>().Prepare(context.Caller(), batch, mustExist: true, atomic: true);
        var answer = await writes.WriteAsync(context, key, fingerprint, prepared, result => Answer(runId, read, result));
        await WriteAnswer.SendAsync(context, answer);
    }

    /// <summary>Lines that name another run are not this one's.</summary>
    static ReadResult<LogWrite> OfRun(ReadResult<LogWrite> read, string runId)
    {
        var others = read.Items.Where(i => i.Value.RunId is { } other && !string.Equals(other, runId, StringComparison.Ordinal)).ToList();
        if (others.Count == 0) return read;
        return read with
        {
            Items = [.. read.Items.Except(others)],
            Faulty = [.. read.Faulty.Concat(others.Select(o => new ReadFault(o.Index, null, [new Fault("$.run_id", $"The line names run {o.Value.RunId}, but it is sent to {runId}.")]))).OrderBy(f => f.Index)],
        };
    }

    static KeptAnswer Answer(string runId, ReadResult<LogWrite> read, IngestResult result)
    {
        if (result.Rejected.Count > 0)
        {
            var rejected = result.Rejected[0];
            if (rejected.Status == 404) throw ProblemException.NotFound("run", runId);
            // The store speaks of the run; what it can refuse once lines were read is the run as a whole.
            throw WriteAnswer.Problem(new RefusedItem(0, null, rejected.Status, [new Fault("$", rejected.Reason)]));
        }

        var run = result.Accepted[0];
        return WriteAnswer.Make(200, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("accepted", read.Items.Count);
            json.WriteNumber("added", run.LogsAdded);
            if (read.IsBatch) WriteAnswer.Rejected(json, [.. read.Faulty.Select(RefusedItem.Of)]);
            json.WriteString("run_id", run.Id);
            json.WriteString("run_status", run.Status.ToName());
            WriteAnswer.Warnings(json, read.Warnings);
            json.WriteEndObject();
        });
    }

    static ProblemException Refusal(ReadResult<LogWrite> read, bool atomic)
    {
        List<RefusedItem> refused = [.. read.Faulty.Select(RefusedItem.Of)];
        return read.IsBatch ? WriteAnswer.Problem(refused, atomic) : WriteAnswer.Problem(refused[0]);
    }
}
