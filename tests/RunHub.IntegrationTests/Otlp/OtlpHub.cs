using System.Text;
using System.Text.Json;
using RunHub.Access;
using RunHub.Plugins;
using RunHub.Store;

namespace RunHub.IntegrationTests.Otlp;

/// <summary>A running hub and what tests of OTLP ask of it.</summary>
static class OtlpHub
{
    /// <summary>Posts and expects 200; answers the body.</summary>
    public static async Task<string> SendAsync(this HttpClient client, params IEnumerable<MadeSpan> spans)
    {
        using var request = TraceMaker.Request(spans);
        using var response = await client.PostAsync("/v1/traces", request);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return body;
    }

    /// <summary>The run that carries a trace.</summary>
    public static async Task<StoredRun> RunOfAsync(this TestHub hub, string trace, string tenant = "acme")
    {
        var home = (await hub.Get<AccessDirectory>().TenantAsync(tenant, default))!;
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var id = await sql.Prepare("SELECT id FROM runs WHERE tenant_no = @tenant_no AND trace_id = @trace_id").With(home.No, trace).ScalarAsync<string>(default);
        Assert.NotNull(id);
        return await StoredRuns.ReadAsync(sql, (await RunReader.FindAsync(sql, home.No, id, default))!, tenant, default);
    }

    /// <summary>Every run of a tenant, by trace, as text in which nothing depends on ids, receipt or order of arrival.</summary>
    public static async Task<SortedDictionary<string, string>> PictureAsync(this TestHub hub, string tenant)
    {
        var home = (await hub.Get<AccessDirectory>().TenantAsync(tenant, default))!;
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var pictures = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var id in await sql.Prepare("SELECT id FROM runs WHERE tenant_no = @tenant_no").With(home.No).ListAsync(r => r.GetString(0), default))
        {
            var row = (await RunReader.FindAsync(sql, home.No, id, default))!;
            var run = await StoredRuns.ReadAsync(sql, row, tenant, default);
            pictures.Add(run.Run.TraceId!, Picture(run) + $"\nmodels {row.Models} steps {row.StepCount} failed {row.FailedSteps} node {row.FailedNode}");
        }

        return pictures;
    }

    static string Picture(StoredRun stored)
    {
        var spans = stored.Steps.ToDictionary(s => s.Step.Id!, s => s.Step.SpanId!, StringComparer.Ordinal);
        var text = new StringBuilder();
        var run = stored.Run with { Id = null, TenantId = null, CreatedAt = null, ErrorStepId = stored.Run.ErrorStepId is { } e ? spans[e] : null };
        text.AppendLine(Plain(run));
        foreach (var (step, _) in stored.Steps.Select(s => (s.Step, 0)))
            text.AppendLine(Plain(step with { Id = null, RunId = null, ParentStepId = step.ParentStepId is { } p ? spans.GetValueOrDefault(p, "missing") : null }));
        return text.ToString();
    }

    static string Plain<T>(T message) => string.Join(" | ", typeof(T).GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal)
        .Select(p => (p.Name, Value: p.GetValue(message))).Where(p => p.Value is not null)
        .Select(p => p.Name + "=" + (p.Value is JsonPayload json ? json.ToString() : JsonSerializer.Serialize(p.Value))));
}
