using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using RunHub.Access;
using RunHub.Access.People;
using RunHub.Access.Sessions;
using RunHub.Admin.SignIn;
using RunHub.Ui;

namespace RunHub.Admin.Profile;

/// <summary>A person's own page: name, language, theme, password, sessions.</summary>
[Access(Role.Viewer, KeyScopes.None, AnyPerson = true)]
public sealed class ProfilePage(ChangeProfile change, AccessDirectory directory, SignInPerson signIn, IStringLocalizer<AdminTexts> texts) : PageModel
{
    /// <summary>Who it is.</summary>
    public Person Me { get; private set; } = null!;

    /// <summary>Roles by tenant.</summary>
    public IReadOnlyList<(Tenant Tenant, Role Role)> Roles { get; private set; } = [];

    /// <summary>Name for people.</summary>
    [BindProperty]
    public string? Name { get; set; }

    /// <summary><c>en</c>, <c>es</c>; empty: as the browser asks.</summary>
    [BindProperty]
    public string? Language { get; set; }

    /// <summary><c>light</c>, <c>dark</c>; empty: as the system is.</summary>
    [BindProperty]
    public string? Theme { get; set; }

    /// <summary>The password in force.</summary>
    [BindProperty]
    public string? Current { get; set; }

    /// <summary>The new password.</summary>
    [BindProperty]
    public string? New { get; set; }

    /// <summary>What has just been done, a key of <see cref="AdminTexts"/>.</summary>
    [TempData]
    public string? Done { get; set; }

    /// <summary>The page.</summary>
    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        (Name, Language, Theme) = (Me.Name, Me.Language, Me.Theme);
    }

    /// <summary>Saves name, language and theme.</summary>
    public async Task<IActionResult> OnPostLookAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        try
        {
            await change.LookAsync(Me, Name, Language, Theme, cancellationToken);
        }
        catch (Refused refused)
        {
            refused.AddTo(ModelState);
            return Invalid();
        }

        Response.Cookies.Delete(Preferences.LanguageCookie);
        Response.Cookies.Delete(Preferences.ThemeCookie);
        LookPreferences.Write(HttpContext, Language, Theme);
        return Finish("Saved");
    }

    /// <summary>Changes the password and ends the other sessions.</summary>
    public async Task<IActionResult> OnPostPasswordAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        if (signIn.Take(HttpContext, Me.Email) is { } wait) ModelState.AddModelError(nameof(Current), texts["TooManyTries", (int)Math.Ceiling(wait.TotalSeconds)]);
        else if (!await signIn.FitsAsync(await change.HashAsync(Me, cancellationToken), Current ?? "", cancellationToken)) ModelState.AddModelError(nameof(Current), texts["PasswordWrong"]);
        else if (Passwords.WhatIsWrong(New ?? "", Me.Email) is { } fault) ModelState.AddModelError(nameof(New), texts["Password" + fault, Passwords.MinLength]);
        if (!ModelState.IsValid) return Invalid();
        await change.PasswordAsync(Me, Passwords.Hash(New!), cancellationToken);
        return await GoOnAsync("PasswordChanged", cancellationToken);
    }

    /// <summary>Ends all other sessions.</summary>
    public async Task<IActionResult> OnPostEverywhereAsync(CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        await change.EndSessionsAsync(Me, cancellationToken);
        return await GoOnAsync("SessionsEnded", cancellationToken);
    }

    // The stamp is new, and with it every session dead, this one too: it starts again.
    async Task<IActionResult> GoOnAsync(string done, CancellationToken cancellationToken)
    {
        await Session.StartAsync(HttpContext, (await directory.PersonAsync(Me.No, cancellationToken))!, HttpContext.Caller().Tenant);
        return Finish(done);
    }

    LocalRedirectResult Finish(string done)
    {
        Done = done;
        return LocalRedirect("/profile");
    }

    PageResult Invalid()
    {
        Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        (Name, Language, Theme) = (Name ?? Me.Name, Language ?? Me.Language, Theme ?? Me.Theme);
        return Page();
    }

    async Task LoadAsync(CancellationToken cancellationToken)
    {
        Me = HttpContext.Person()!;
        Roles = [.. (await directory.TenantsOfAsync(Me, cancellationToken)).Select(t => (t, Me.RoleIn(t.No)))];
    }
}
