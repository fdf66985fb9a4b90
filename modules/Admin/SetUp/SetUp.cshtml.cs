using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using RunHub.Access;
using RunHub.Access.FirstStart;
using RunHub.Access.People;
using RunHub.Admin.SignIn;

namespace RunHub.Admin.SetUp;

/// <summary>The one-time set-up: first tenant and first user, who administers the installation.</summary>
[Access(Role.None, KeyScopes.None)]
public sealed class SetUpPage(SetUpLink link, FirstSetUp setUp, AccessDirectory directory, SignInPerson signIn, IStringLocalizer<AdminTexts> texts) : PageModel
{
    /// <summary>From the link on the console.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Token { get; set; }

    /// <summary>Name of the first tenant.</summary>
    [BindProperty]
    public string? Tenant { get; set; }

    /// <summary>The person's name.</summary>
    [BindProperty]
    public string? Name { get; set; }

    /// <summary>The person's email.</summary>
    [BindProperty]
    public string? Email { get; set; }

    /// <summary>The person's password.</summary>
    [BindProperty]
    public string? Password { get; set; }

    /// <summary>Does the link work.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The form, or that the link does not work.</summary>
    public void OnGet() => Open();

    /// <summary>Does it and signs the person in.</summary>
    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (!Open()) return Page();
        ModelState.Clear();
        var email = Emails.Normalize(Email);
        var tenant = Tenant?.Trim() ?? "";
        if (TenantIds.NameFault(tenant) is not null) ModelState.AddModelError(nameof(Tenant), texts["TenantNameNeeded"]);
        if (email is null) ModelState.AddModelError(nameof(Email), texts["EmailInvalid"]);
        else if (Passwords.WhatIsWrong(Password ?? "", email) is { } fault) ModelState.AddModelError(nameof(Password), texts["Password" + fault, Passwords.MinLength]);
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }

        var name = string.IsNullOrWhiteSpace(Name) ? null : Name.Trim()[..Math.Min(Name.Trim().Length, Limits.Name)];
        var done = await setUp.HandleAsync(new FirstThings(tenant, email, name, Passwords.Hash(Password!), null), new Actor("user", email!), cancellationToken);
        link.Burn();
        if (done is not { UserNo: { } userNo })
        {
            Open();
            return Page();
        }

        await signIn.StartAsync(HttpContext, (await directory.PersonAsync(userNo, cancellationToken))!, "set-up");
        return LocalRedirect("/runs");
    }

    bool Open()
    {
        IsOpen = link.Fits(Token);
        if (!IsOpen) Response.StatusCode = StatusCodes.Status404NotFound;
        return IsOpen;
    }
}
