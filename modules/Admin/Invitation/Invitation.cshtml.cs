using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using RunHub.Access;
using RunHub.Access.People;
using RunHub.Admin.SignIn;

namespace RunHub.Admin.Invitation;

/// <summary>Where an invitation or reset link leads: name, password, and in.</summary>
[Access(Role.None, KeyScopes.None)]
public sealed class InvitationPage(Invitations invitations, AccessDirectory directory, SignInPerson signIn, IStringLocalizer<AdminTexts> texts) : PageModel
{
    /// <summary>From the link.</summary>
    [BindProperty(SupportsGet = true)]
    public string? Token { get; set; }

    /// <summary>The person's name.</summary>
    [BindProperty]
    public string? Name { get; set; }

    /// <summary>The new password.</summary>
    [BindProperty]
    public string? Password { get; set; }

    /// <summary>Whom it is for; null: the link does not work.</summary>
    public Person? For { get; private set; }

    /// <summary>The form.</summary>
    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        Name = For?.Name;
    }

    /// <summary>Sets the password and signs in.</summary>
    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (!await OpenAsync(cancellationToken)) return Page();
        ModelState.Clear();
        var name = Name?.Trim() ?? "";
        if (name.Length is 0 or > Limits.Name || name.Any(char.IsControl)) ModelState.AddModelError(nameof(Name), texts["NameNeeded"]);
        if (Passwords.WhatIsWrong(Password ?? "", For!.Email) is { } fault) ModelState.AddModelError(nameof(Password), texts["Password" + fault, Passwords.MinLength]);
        if (!ModelState.IsValid)
        {
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return Page();
        }

        if (!await invitations.AcceptAsync(For, name, Passwords.Hash(Password!), cancellationToken))
        {
            await OpenAsync(cancellationToken);
            return Page();
        }

        await signIn.StartAsync(HttpContext, (await directory.PersonAsync(For.No, cancellationToken))!, "invitation");
        return LocalRedirect("/runs");
    }

    async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        For = await invitations.FindAsync(Token, cancellationToken);
        if (For is null) Response.StatusCode = StatusCodes.Status404NotFound;
        return For is not null;
    }
}
