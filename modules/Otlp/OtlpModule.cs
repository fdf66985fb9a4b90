using Microsoft.Extensions.Options;
using Quartz;
using RunHub.Access;
using RunHub.Http;
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
        var errors = new ErrorFormat(static (context, problem) =>
            OtlpAnswer.ErrorAsync(context, OtlpAnswer.EncodingOf(context.Request), problem.Status, problem.Message, problem.RetryAfter));
        app.MapPost("/v1/traces", static (HttpContext context, ReceiveTelemetry receive) => receive.TracesAsync(context)).Access(Allow.Reporters).WithMetadata(errors).Doc(OtlpDocs.Traces);
        // What is not there is said in the words of exporters, to whoever asks: there is nothing to protect.
        app.Map("/v1/{**rest}", static context => OtlpAnswer.NotHereAsync(context)).Access(Allow.Anyone).DisableAntiforgery();
        app.MapPost("/v1/logs", static (HttpContext context, ReceiveTelemetry receive) => receive.LogsAsync(context)).Access(Allow.Reporters).WithMetadata(errors).Doc(OtlpDocs.Logs);
    }

    /// <inheritdoc/>
    public void AddJobs(IQuartzBuilder jobs)
    {
        jobs.AddEvery<EndSilentRunsJob>("end-silent-runs", TimeSpan.FromSeconds(30));
    }
}
