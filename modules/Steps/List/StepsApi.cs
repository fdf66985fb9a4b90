using System.Globalization;
using System.Text.Json;
using RunHub.Access;
using RunHub.Http;
using RunHub.Json;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Steps;

/// <summary><c>GET /api/runs/{id}/steps</c>: a run's steps with their inputs and outputs, in order of arrival.</summary>
static class StepsApi
{
    const int MaxLimit = 1000;
    const long MaxPayloadBytes = 32L << 20;

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/steps", Allow.Viewers, StepDocs.List, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (id, tenant) = ((string)context.Request.RouteValues["id"]!, context.Caller().Tenant);
        var (from, limit) = Page(context.Request);
        var (steps, payloads, next) = await ReadAsync(context, id, tenant.No, from, limit);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("steps");
            foreach (var step in steps) RunJson.Write(json, step, id, Parts(step, payloads));
            json.WriteEndArray();
            json.WriteString("next_token", next?.ToString());
            json.WriteEndObject();
        });
    }

    static async Task<(List<StepRow> Steps, PayloadSet Payloads, StepPosition? Next)> ReadAsync(HttpContext context, string id, long tenantNo, StepPosition from, int limit)
    {
        var cancellationToken = context.RequestAborted;
        await using var sql = await context.RequestServices.GetRequiredService<Database>().ReadAsync(cancellationToken);
        var run = await RunReader.FindAsync(sql, tenantNo, id, cancellationToken) ?? throw ProblemException.NotFound("run", id);
        var steps = await RunReader.StepsAsync(sql, run.RunNo, from, limit + 1, cancellationToken);
        var count = Fitting(steps, limit);
        StepPosition? next = count < steps.Count ? StepPosition.Of(steps[count - 1]) : null;
        steps.RemoveRange(count, steps.Count - count);
        var payloads = await RunReader.PayloadsAsync(sql, run.RunNo, steps.SelectMany(s => new[] { s.Input, s.Output, s.Extra }), cancellationToken);
        return (steps, payloads, next);
    }

    /// <summary>How many fit into one answer: at least one, and no more payload than a request may bring.</summary>
    static int Fitting(List<StepRow> steps, int limit)
    {
        long bytes = 0;
        for (var i = 0; i < steps.Count; i++)
        {
            bytes += (steps[i].Input?.Length ?? 0) + (steps[i].Output?.Length ?? 0) + (steps[i].Extra?.Length ?? 0);
            if (i == limit || i > 0 && bytes > MaxPayloadBytes) return i;
        }

        return steps.Count;
    }

    static StepParts Parts(StepRow step, PayloadSet payloads)
    {
        var extra = StepExtra.Read(payloads[step.Extra]);
        return new StepParts
        {
            Input = payloads[step.Input],
            Output = payloads[step.Output],
            Parameters = extra.Parameters?.Utf8 ?? default,
            Reasons = extra.Reasons?.Utf8 ?? default,
            ErrorMessage = extra.ErrorMessage,
            ErrorStack = extra.ErrorStack,
            Attributes = extra.Attributes?.Utf8 ?? default,
        };
    }

    static (StepPosition From, int Limit) Page(HttpRequest request)
    {
        var faults = new List<Fault>();
        var (limit, from) = (MaxLimit, StepPosition.Start);
        if (request.Query.TryGetValue("limit", out var text) && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
            faults.Add(new Fault("query.limit", $"A number from 1 to {MaxLimit} is wanted."));
        if (request.Query.TryGetValue("next_token", out text) && text != "")
        {
            if (StepPosition.Parse(text.ToString()) is { } position) from = position;
            else faults.Add(new Fault("query.next_token", "This is not a token of this list."));
        }

        return faults.Count == 0 ? (from, limit) : throw RunJsonReader.Invalid(faults);
    }
}
