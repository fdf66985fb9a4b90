using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Formatters;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RunHub.Access;

namespace RunHub.Http;

/// <summary>Registers and maps what every address shares.</summary>
public static class HttpServices
{
    /// <summary>Adds the limits of section <c>Ingest</c>, idempotency and the OpenAPI document.</summary>
    public static IServiceCollection AddHubHttp(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<IngestOptions>(configuration.GetSection("Ingest"));
        services.Configure<MvcOptions>(options =>
        {
            options.Filters.Add(new RefuseUnhandled());
            // jQuery's spelling of nested keys (a[b]) is nobody's here, and reading it throws on a bracket that is not closed.
            options.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>();
            options.ValueProviderFactories.RemoveType<JQueryQueryStringValueProviderFactory>();
        });
        services.AddIngestLimit();
        services.AddCompressedAnswers();
        // What arrives of a body while it waits for its turn is held by the sender, not here: a megabyte for each connection otherwise.
        services.Configure<KestrelServerOptions>(options => options.Limits.MaxRequestBufferSize = 128 * 1024);
        services.AddSingleton<IdempotentWrites>();
        services.AddSingleton<OpenApiDocument>();
        return services;
    }

    /// <summary>Compresses pages and JSON for whoever asks for it; outside of everything that writes.</summary>
    public static IApplicationBuilder UseHubCompression(this IApplicationBuilder app) => app.UseCompressedAnswers();

    /// <summary>Turns errors into problem documents; first in the pipeline, after routing.</summary>
    public static IApplicationBuilder UseHubProblems(this IApplicationBuilder app) => app.UseMiddleware<AnswerProblems>();

    /// <summary>Holds back who reports too often; after access, which says who it is.</summary>
    public static IApplicationBuilder UseIngestLimit(this IApplicationBuilder app) => app.UseRateLimiter();

    /// <summary>Maps health and the OpenAPI document.</summary>
    public static void MapHubHttp(this IEndpointRouteBuilder app)
    {
        app.MapHealth();
        app.MapGet("/openapi/v1.json", static context => context.Response.WriteJsonAsync(200, context.RequestServices.GetRequiredService<OpenApiDocument>().Json))
            .Access(Allow.Anyone);
    }
}
