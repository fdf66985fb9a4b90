using System.Text.Json;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;

namespace RunHub.Runs.Compare;

/// <summary><c>GET /api/runs/{id}/compare/{other}</c>: two runs beside each other.</summary>
static class CompareApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/compare/{other}", Allow.Viewers, CompareDocs.Compare, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (id, other) = ((string)context.Request.RouteValues["id"]!, (string)context.Request.RouteValues["other"]!);
        var comparison = await context.RequestServices.GetRequiredService<ReadComparison>().HandleAsync(context.Caller().Tenant.No, id, other, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            Run(json, "run", comparison.Run);
            Run(json, "other", comparison.Other);
            json.WriteBoolean("same", comparison.Same);
            json.WriteStartArray("fields");
            foreach (var fact in RunFacts.Of(comparison))
            {
                json.WriteStartObject();
                json.WriteString("name", fact.Name);
                json.WriteBoolean("same", fact.Same);
                json.WriteString("run", fact.Run);
                json.WriteString("other", fact.Other);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            Delta(json, comparison.Run.DurationMs, comparison.Other.DurationMs, comparison.Run.Tokens, comparison.Other.Tokens, comparison.Run.CostNano, comparison.Other.CostNano);
            Payload(json, "inputs", comparison.Inputs);
            Payload(json, "outputs", comparison.Outputs);
            Number(json, "first_divergence", comparison.FirstDivergence);
            json.WriteStartArray("steps");
            foreach (var step in comparison.Steps) Step(json, step);
            json.WriteEndArray();
            json.WriteBoolean("steps_truncated", comparison.IsPart);
            json.WriteEndObject();
        });
    }

    static void Step(Utf8JsonWriter json, ComparedStep step)
    {
        json.WriteStartObject();
        json.WriteString("key", AlignSteps.KeyOf(step.Step));
        json.WriteStartArray("differs");
        foreach (var way in step.Differs) json.WriteStringValue(way);
        json.WriteEndArray();
        Side(json, "run", step.Run);
        Side(json, "other", step.Other);
        Delta(json, step.Run?.DurationMs, step.Other?.DurationMs, step.Run?.Tokens, step.Other?.Tokens, step.Run?.CostNano, step.Other?.CostNano);
        Payload(json, "input", step.Input);
        Payload(json, "output", step.Output);
        json.WriteEndObject();
    }

    static void Run(Utf8JsonWriter json, string name, RunRow run)
    {
        json.WriteStartObject(name);
        json.WriteString("id", run.Id);
        json.WriteString("workflow_name", run.WorkflowName);
        json.WriteString("workflow_version", run.WorkflowVersion);
        json.WriteString("environment", run.Environment);
        json.WriteString("status", run.Status.ToName());
        json.WriteString("at", Times.ToIso(run.SortAt));
        Figures(json, run.DurationMs, run.Tokens, run.CostNano);
        json.WriteEndObject();
    }

    static void Side(Utf8JsonWriter json, string name, StepRow? step)
    {
        if (step is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteString("id", step.Id);
        json.WriteString("name", step.Name);
        json.WriteString("status", step.Status.ToName());
        json.WriteString("model", step.Model);
        Figures(json, step.DurationMs, step.Tokens, step.CostNano);
        json.WriteString("error_message", step.ErrorMessage);
        json.WriteEndObject();
    }

    static void Delta(Utf8JsonWriter json, long? ms, long? otherMs, long? tokens, long? otherTokens, long? cost, long? otherCost)
    {
        json.WriteStartObject("delta");
        Figures(json, ms - otherMs, tokens - otherTokens, cost - otherCost);
        json.WriteEndObject();
    }

    static void Figures(Utf8JsonWriter json, long? ms, long? tokens, long? costNano)
    {
        Number(json, "duration_ms", ms);
        Number(json, "tokens", tokens);
        if (costNano is { } cost) json.WriteNumber("cost_usd", Money.FromNano(cost));
        else json.WriteNull("cost_usd");
    }

    static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }

    static void Payload(Utf8JsonWriter json, string name, PayloadDiff? diff)
    {
        if (diff is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        json.WriteBoolean("same", diff.Same);
        json.WriteString("compared", ApiJson.Lower(diff.Reach));
        Number(json, "run_bytes", diff.RunBytes);
        Number(json, "other_bytes", diff.OtherBytes);
        if (diff.RunHash is not null)
        {
            json.WriteString("run_sha256", diff.RunHash);
            json.WriteString("other_sha256", diff.OtherHash);
        }

        json.WriteStartArray("lines");
        foreach (var line in diff.Lines)
        {
            json.WriteStartObject();
            json.WriteString("kind", ApiJson.Lower(line.Kind));
            if (line.Kind == DiffKind.Skipped) json.WriteNumber("count", line.Skipped);
            else
            {
                json.WriteString("other", line.Other);
                json.WriteString("run", line.Run);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
