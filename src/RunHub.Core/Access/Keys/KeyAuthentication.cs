using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace RunHub.Access.Keys;

/// <summary>Authenticates API keys: <c>Authorization: Bearer rh_…</c> or <c>X-Api-Key: rh_…</c>.</summary>
sealed class KeyAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, KeyCache keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    const string Bearer = "Bearer ";
    const string Header = "X-Api-Key";

    public static bool IsPresent(HttpRequest request) =>
        request.Headers.ContainsKey(Header) || Authorization(request)?.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) == true;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Request.Headers.TryGetValue(Header, out var values) ? values.ToString() : Authorization(Request)?[Bearer.Length..] ?? "";
        var key = await keys.FindAsync(text.Trim(), Context.RequestAborted);
        var now = Times.ToMicros(TimeProvider.GetUtcNow());
        if (key?.IsValid(now) != true) return AuthenticateResult.Fail("The API key is unknown, expired or revoked.");
        key.Use(now);
        Context.Features.Set(key.Caller);
        return AuthenticateResult.Success(new AuthenticationTicket(key.Principal, Scheme.Name));
    }

    static string? Authorization(HttpRequest request) =>
        request.Headers.TryGetValue(HeaderNames.Authorization, out var values) && values.Count == 1 ? values[0] : null;
}
