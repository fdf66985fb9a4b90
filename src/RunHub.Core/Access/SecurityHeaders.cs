namespace RunHub.Access;

/// <summary>
/// Headers that keep a browser from doing what no page of RunHub asks for: no inline script or style, nothing from other
/// hosts, no framing, no sniffing.
/// </summary>
sealed class SecurityHeaders(RequestDelegate next)
{
    const string Policy = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        // When the response starts, because whoever answers an error clears the headers set before.
        context.Response.OnStarting(static state => Add((HttpContext)state), context);
        return next(context);
    }

    static Task Add(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Features.Get<ContentPolicy>()?.Text ?? Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        return Task.CompletedTask;
    }
}

/// <summary>A content security policy of its own, for answers that are not pages of RunHub, such as files people uploaded.</summary>
/// <param name="Text">The header.</param>
public sealed record ContentPolicy(string Text);
