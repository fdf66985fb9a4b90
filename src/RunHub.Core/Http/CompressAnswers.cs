using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;

namespace RunHub.Http;

/// <summary>
/// Pages, their fragments and JSON go out compressed to whoever asks for it: a page of the list is a sixth then. Everybody else goes
/// past it. Why tokens stay safe is in docs/adr/0020-compressed-answers.md.
/// </summary>
static class CompressAnswers
{
    public static IServiceCollection AddCompressedAnswers(this IServiceCollection services)
    {
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        return services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.MimeTypes = ["text/html", "application/json", "application/problem+json"];
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
        });
    }

    /// <summary>Puts it into the pipeline: outside of everything that writes.</summary>
    public static IApplicationBuilder UseCompressedAnswers(this IApplicationBuilder app) => app.UseWhen(IsAskedFor, static branch => branch.UseResponseCompression());

    static bool IsAskedFor(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.AcceptEncoding.Count == 0 || !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsPost(context.Request.Method)) return false;
        // Another site that makes a browser ask, and measures what comes back, learns nothing from a length that does not depend on likeness.
        if (headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site") return false;
        // Events go out one by one, past every buffer. Assets are kept compressed.
        return !headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) && !context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal);
    }
}
