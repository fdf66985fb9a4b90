using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access.FirstStart;
using RunHub.Access.Keys;
using RunHub.Access.Secrets;
using RunHub.Access.Sessions;

namespace RunHub.Access;

/// <summary>Registers who may do what.</summary>
public static class AccessServices
{
    /// <summary>Adds sessions, API keys, authorization, antiforgery and the keys behind them; after the run store.</summary>
    public static IServiceCollection AddHubAccess(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<SecurityOptions>(configuration.GetSection("Security"));
        services.Configure<BootstrapOptions>(configuration.GetSection("Bootstrap"));
        services.AddSingleton<MasterKey>();
        services.AddSingleton<FirstSetUp>();
        services.AddSingleton<Bootstrap>();
        services.AddSingleton<SetUpLink>();
        services.AddSingleton<OneTimeSignIn>();
        services.AddSingleton<AccessNews>();
        services.AddSingleton<AccessDirectory>();
        services.AddSingleton<KeyCache>();
        services.AddSingleton<RecallCaller>();
        services.AddSingleton<StillAllowed>();
        services.AddSingleton<LastSeen>();
        services.AddSingleton<FlushLastUse>();
        services.AddHostedService(provider => provider.GetRequiredService<FlushLastUse>());
        services.AddHostedService<StartAccess>();
        services.AddDataProtection().SetApplicationName("RunHub");
        services.AddSingleton<DataKeys>();
        services.AddOptions<KeyManagementOptions>().Configure<DataKeys, MasterKey>((options, repository, master) =>
            (options.XmlRepository, options.XmlEncryptor) = (repository, new SealDataKey(master)));

        services.AddAuthentication(Schemes.Hub)
            .AddPolicyScheme(Schemes.Hub, null, options => options.ForwardDefaultSelector = context => KeyAuthentication.IsPresent(context.Request) ? Schemes.Key : Schemes.Session)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(Schemes.Key, null)
            .AddCookie(Schemes.Session, Session.Configure);
        services.AddOptions<CookieAuthenticationOptions>(Schemes.Session)
            .PostConfigure<TimeProvider>(static (options, time) => options.TicketDataFormat = new KeptTickets(options.TicketDataFormat, time));
        services.AddAuthorizationBuilder()
            .SetDefaultPolicy(new AuthorizationPolicyBuilder().RequireAssertion(static _ => true).Build()) // AccessAttribute adds itself
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().AddRequirements(new Undeclared()).Build());
        services.AddSingleton<IAuthorizationHandler, JudgeAccess>();
        services.AddSingleton<IAuthorizationHandler, Undeclared>();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AnswerDenied>();
        services.AddAntiforgery(options =>
        {
            options.HeaderName = CheckAntiforgery.Header;
            options.Cookie.Name = "runhub-csrf";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.SuppressXFrameOptionsHeader = true; // SecurityHeaders sets a stricter one
        });
        // CheckAntiforgery judges pages and endpoints alike, before either reads its input.
        services.Configure<RazorPagesOptions>(options => options.Conventions.ConfigureFilter(new IgnoreAntiforgeryTokenAttribute()));
        return services;
    }

    /// <summary>
    /// Puts it into the pipeline: after routing, after whatever turns <see cref="Http.ProblemException"/> into an answer,
    /// before the endpoints.
    /// </summary>
    public static IApplicationBuilder UseHubAccess(this IApplicationBuilder app) => app
        .UseMiddleware<SecurityHeaders>()
        .UseAuthentication()
        .UseMiddleware<TenantInPath>()
        .UseAuthorization()
        .UseMiddleware<CheckAntiforgery>();
}
