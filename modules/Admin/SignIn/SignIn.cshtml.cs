using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using RunHub.Access;
using RunHub.Access.FirstStart;

namespace RunHub.Admin.SignIn;

/// <summary>Sign-in by email and password; goes back to a local <c>returnUrl</c>.</summary>
[Access(Role.None, KeyScopes.None)]
public sealed class SignInPage(SignInPerson signIn, SetUpLink setUp, IStringLocalizer<AdminTexts> texts) : PageModel
{
    /// <summary>As typed.</summary>
    [BindProperty]
    public string? Email { get; set; }

    /// <summary>As typed; never sent back.</summary>
    [BindProperty]
    public string? Password { get; set; }

    /// <summary>Where to go afterwards.</summary>
    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    /// <summary>Nobody can sign in yet: the console shows a set-up link.</summary>
    public bool IsSetUpPending => setUp.Path is not null;

    /// <summary>The form, unless somebody is signed in already.</summary>
    public IActionResult OnGet() => HttpContext.TryCaller() is { Kind: CallerKind.User } ? LocalRedirect(LocalUrl.Or(ReturnUrl, "/")) : Page();

    /// <summary>Tries.</summary>
    public async Task<IActionResult> OnPostAsync()
    {
        var result = await signIn.HandleAsync(HttpContext, Email, Password);
        if (result.Succeeded) return LocalRedirect(LocalUrl.Or(ReturnUrl, "/"));
        ModelState.Clear();
        if (result.Wait is { } wait)
        {
            var seconds = (int)Math.Ceiling(wait.TotalSeconds);
            Response.StatusCode = StatusCodes.Status429TooManyRequests;
            Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            ModelState.AddModelError("", texts["TooManyTries", seconds]);
        }
        else
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            ModelState.AddModelError("", texts["SignInFailed"]);
        }

        return Page();
    }
}
