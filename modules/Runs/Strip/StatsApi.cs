using System.Text.Json;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Stats;

namespace RunHub.Runs.Strip;

/// <summary><c>GET /api/runs/stats</c>: how many runs a filter matches, when, and what they took.</summary>
static class StatsApi
{
    static readonly string[] Own = ["buckets", "utc_offset"];

    public static void Map(IEndpointRouteBuilder app) => app.MapApi("GET", "/api/runs/stats", Allow.Viewers, StatsDocs.Stats, HandleAsync);

    static async Task HandleAsync(HttpContext context)
    {
        var (services, tenant) = (context.RequestServices, context.Caller().Tenant);
        var filter = RunFilter.Parse(context.Request.Query, Own, services.GetRequiredService<TimeProvider>());
        if (filter.Tenant is { } other && !string.Equals(other, tenant.Id, StringComparison.Ordinal)) throw ProblemException.Invalid("query.tenant", "This is another tenant than the caller's.");
        var buckets = Number(context.Request, "buckets", 1, ReadStats.MaxBuckets) ?? ReadStats.DefaultBuckets;
        var offset = TimeSpan.FromMinutes(Number(context.Request, "utc_offset", -14 * 60, 14 * 60) ?? 0);
        var stats = await services.GetRequiredService<ReadStats>().HandleAsync(tenant.No, filter, buckets, offset, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json => Write(json, stats));
    }

    static int? Number(HttpRequest request, string name, int least, int most)
    {
        if (request.Query[name].ToString() is not { Length: > 0 } text) return null;
        return int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw ProblemException.Invalid("query." + name, $"A whole number from {least} to {most}.");
    }

    static void Write(Utf8JsonWriter json, RunStats stats)
    {
        json.WriteStartObject();
        json.WriteNumber("total", stats.Total);
        json.WriteStartObject("by_status");
        Counts(json, stats.ByStatus);
        json.WriteEndObject();
        Number(json, "success_rate", stats.SuccessRate);
        json.WriteBoolean("complete", stats.IsComplete);
        Time(json, "since", stats.Since);
        json.WriteString("source", ApiJson.Lower(stats.Source));
        json.WriteStartObject("figures");
        json.WriteNumber("runs", stats.Figures.Runs);
        json.WriteBoolean("complete", stats.Figures.IsComplete);
        Time(json, "since", stats.Figures.Since);
        json.WriteStartObject("duration_ms");
        json.WriteNumber("count", stats.Figures.Measured);
        Number(json, "avg", stats.Figures.Average);
        Number(json, "p50", stats.Figures.Quantile(0.5));
        Number(json, "p95", stats.Figures.Quantile(0.95));
        json.WriteEndObject();
        json.WriteNumber("tokens", stats.Figures.Cell.Tokens);
        json.WriteNumber("cost_usd", Money.FromNano(stats.Figures.Cell.CostNano));
        json.WriteEndObject();
        json.WriteNumber("bucket_seconds", stats.BucketLength / 1_000_000);
        json.WriteStartArray("buckets");
        foreach (var bucket in stats.Buckets)
        {
            json.WriteStartObject();
            json.WriteString("from", Times.ToIso(bucket.From));
            json.WriteString("to", Times.ToIso(bucket.To));
            json.WriteNumber("total", bucket.Total);
            Counts(json, bucket.ByStatus);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Counts(Utf8JsonWriter json, IReadOnlyList<long> counts)
    {
        foreach (var status in RunStatuses.All) json.WriteNumber(status.ToName(), counts[(int)status]);
    }

    static void Number(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } value) json.WriteNumber(name, Math.Round(value, 4));
        else json.WriteNull(name);
    }

    static void Time(Utf8JsonWriter json, string name, long? at)
    {
        if (at is { } micros) json.WriteString(name, Times.ToIso(micros));
        else json.WriteNull(name);
    }
}
