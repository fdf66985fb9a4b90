using System.Data.Common;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Otlp.Map;
using RunHub.Otlp.Wire;
using RunHub.Store;

namespace RunHub.Otlp.Receive;

/// <summary><c>POST /v1/traces</c> and <c>/v1/logs</c>: OTLP/HTTP in protobuf or JSON, plain or gzip.</summary>
sealed class ReceiveTelemetry(IngestRuns ingest, OtlpSettings settings, IOptions<OtlpOptions> options, TimeProvider time, ILogger<ReceiveTelemetry> log)
{
    /// <summary>Spans.</summary>
    public Task TracesAsync(HttpContext context) => HandleAsync(context, "rejectedSpans", (body, encoding, tenantNo, rules) =>
        MapTraces.Map(encoding == Encoding.Protobuf ? ProtoReader.Traces(body) : OtlpJsonReader.Traces(body), tenantNo, rules, time.GetUtcNow()));

    /// <summary>Log records.</summary>
    public Task LogsAsync(HttpContext context) => HandleAsync(context, "rejectedLogRecords", (body, encoding, tenantNo, rules) =>
        MapLogs.Map(encoding == Encoding.Protobuf ? ProtoReader.Logs(body) : OtlpJsonReader.Logs(body), tenantNo, rules, time.GetUtcNow()));

    async Task HandleAsync(HttpContext context, string rejectedName, Func<byte[], Encoding, long, TenantRules, Mapped> map)
    {
        var encoding = OtlpAnswer.EncodingOf(context.Request);
        if (encoding is not { } known)
        {
            await OtlpAnswer.ErrorAsync(context, null, 415, "Send application/x-protobuf or application/json.");
            return;
        }

        try
        {
            var caller = context.Caller();
            var rules = await settings.OfAsync(caller.Tenant.No, context.RequestAborted);
            var mapped = map(await BodyAsync(context), known, caller.Tenant.No, rules);
            var (rejected, reason) = (mapped.Rejected, mapped.Reason);
            if (mapped.Batch.Runs.Count > 0)
            {
                var result = await ingest.HandleAsync(caller, mapped.Batch, atomic: false, context.RequestAborted);
                foreach (var refused in result.Rejected)
                {
                    var run = mapped.Batch.Runs[refused.Index];
                    rejected += (run.Logs?.Count ?? 0) > 0 ? run.Logs!.Count : run.Steps?.Count ?? 0;
                    reason ??= $"Trace {run.TraceId}: {refused.Path}: {refused.Reason}";
                }
            }

            await OtlpAnswer.SuccessAsync(context, known, rejectedName, rejected, reason);
        }
        catch (BadOtlpException e)
        {
            await OtlpAnswer.ErrorAsync(context, known, 400, e.Message);
        }
        catch (ProblemException e)
        {
            await OtlpAnswer.ErrorAsync(context, known, e.Status, e.Message, e.RetryAfter);
        }
        catch (LaneFullException e)
        {
            await OtlpAnswer.ErrorAsync(context, known, 503, e.Message, retryAfter: 1);
        }
        catch (BadHttpRequestException e)
        {
            await OtlpAnswer.ErrorAsync(context, known, e.StatusCode, e.StatusCode == 413 ? "The body is too large." : "The request is broken or was cut short.");
        }
        catch (Exception e) when (e is DbException or IOException && !context.RequestAborted.IsCancellationRequested)
        {
            log.LogError(e, "Telemetry could not be stored");
            await OtlpAnswer.ErrorAsync(context, known, 503, "The storage is not available; try again.", retryAfter: 5);
        }
    }

    async Task<byte[]> BodyAsync(HttpContext context)
    {
        using var body = await RequestBody.ReadAsync(context, options.Value.MaxBodyBytes, "otlp:MaxBodyBytes");
        return body.Bytes.ToArray();
    }
}
