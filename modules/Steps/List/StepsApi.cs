using System.Globalization;
using System.Text.Json;
using RunHub.Access;
using RunHub.Http;
using RunHub.Json;
using RunHub.Store;

namespace RunHub.Steps;

/// <summary><c>GET /api/runs/{id}/steps</c>: a run's steps with their inputs and outputs, in order of arrival.</summary>
static class StepsApi
{
    const int MaxLimit = StepPage.MaxSteps;

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/{id}/steps", Allow.Viewers, StepDocs.List, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (from, limit) = Page(context.Request);
        var (id, page) = await context.ReadRunAsync(async (sql, run, ct) => (run.Id, await StepPage.ReadAsync(sql, run.RunNo, from, limit, ct)));
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("steps");
            foreach (var step in page.Steps) RunJson.Write(json, step, id, page.PartsOf(step));
            json.WriteEndArray();
            json.WriteString("next_token", page.Next?.ToString());
            json.WriteEndObject();
        });
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
