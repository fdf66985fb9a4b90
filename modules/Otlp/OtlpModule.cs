using Microsoft.Extensions.Options;
using Quartz;
using RunHub.Access;
using RunHub.Jobs;
using RunHub.Modules;
using RunHub.Otlp.Receive;
using RunHub.Otlp.Silence;

namespace RunHub.Otlp;

/// <summary>
/// OpenTelemetry in: traces become runs, spans their steps, log records join them. docs/otlp.md says which attribute
/// becomes what.
/// </summary>
public sealed class OtlpModule : IModule
{
    /// <inheritdoc/>
    public string Name => "otlp";

    /// <inheritdoc/>
    public void AddServices(IServiceCollection services, IConfiguration section)
    {
        services.Configure<OtlpOptions>(section);
        services.AddSingleton<OtlpSettings>();
        services.AddSingleton<ReceiveTelemetry>();
        services.AddSingleton<EndSilentRuns>();
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/v1/traces", (HttpContext context, ReceiveTelemetry receive) => receive.TracesAsync(context)).Access(Allow.Reporters);
        app.MapPost("/v1/logs", (HttpContext context, ReceiveTelemetry receive) => receive.LogsAsync(context)).Access(Allow.Reporters);
    }

    /// <inheritdoc/>
    public void AddJobs(IQuartzBuilder jobs)
    {
        jobs.AddEvery<EndSilentRunsJob>("end-silent-runs", TimeSpan.FromSeconds(30));
    }
}
