using Microsoft.Extensions.Options;
using RunHub.Access.Keys;
using RunHub.Access.People;

namespace RunHub.Access.FirstStart;

/// <summary>Configuration section <c>Bootstrap</c>: for starts without a person. Applied once, only while there are no users.</summary>
public sealed class BootstrapOptions
{
    /// <summary>Name of the first tenant, such as <c>Acme Inc</c> (id <c>acme-inc</c>).</summary>
    public string Tenant { get; set; } = "";

    /// <summary>Email of the installation's first admin; needs <see cref="Password"/>.</summary>
    public string Email { get; set; } = "";

    /// <summary>Their password, at least 12 characters.</summary>
    public string Password { get; set; } = "";

    /// <summary>An installation admin key of the operator's choosing: 24 to 256 printable characters without spaces.</summary>
    public string ApiKey { get; set; } = "";

    internal bool IsEmpty => Tenant.Length == 0 && Email.Length == 0 && Password.Length == 0 && ApiKey.Length == 0;
}

/// <summary>Applies <see cref="BootstrapOptions"/> at start.</summary>
public sealed class Bootstrap(IOptions<BootstrapOptions> options, FirstSetUp setUp, ILogger<Bootstrap> log)
{
    const int MinKeyLength = 24;
    const int MinKeyCharacters = 10;

    /// <summary>Does nothing when there are users, or when nothing is set.</summary>
    /// <exception cref="InvalidOperationException">A value will not do; the message says which and why.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var given = options.Value;
        if (given.IsEmpty || !await setUp.IsPendingAsync(cancellationToken)) return;
        var things = Check(given);
        if (await setUp.HandleAsync(things, Actor.Bootstrap, cancellationToken) is { } done)
            log.LogInformation("Bootstrap: tenant {Tenant}{User}{Key}", done.Tenant.Id, things.Email is null ? "" : ", user " + things.Email, things.ApiKey is null ? "" : ", installation key " + KeyText.Prefix(things.ApiKey) + "…");
    }

    static FirstThings Check(BootstrapOptions given)
    {
        var tenant = given.Tenant.Trim();
        if (TenantIds.NameFault(tenant) is { } fault) throw Refuse("Tenant", fault);
        if (given.Email.Length == 0 && given.Password.Length == 0 && given.ApiKey.Length == 0) throw Refuse("Email", "a tenant alone is of no use: set Bootstrap:Email and Bootstrap:Password, or Bootstrap:ApiKey.");
        string? email = null;
        if (given.Email.Length > 0 || given.Password.Length > 0)
        {
            email = Emails.Normalize(given.Email) ?? throw Refuse("Email", $"\"{given.Email}\" is not an email address.");
            if (Passwords.WhatIsWrong(given.Password, email) is { } weak) throw Refuse("Password", weak switch
            {
                PasswordFault.TooShort => $"at least {Passwords.MinLength} characters are needed, this one has {given.Password.Length}.",
                PasswordFault.TooLong => $"at most {Passwords.MaxLength} characters are taken.",
                _ => "it is too easy to guess: five different characters at least, and not the email.",
            });
        }

        if (given.ApiKey.Length > 0 && KeyFault(given.ApiKey) is { } weakKey) throw Refuse("ApiKey", weakKey);
        return new FirstThings(tenant, email, null, email is null ? null : Passwords.Hash(given.Password), given.ApiKey.Length > 0 ? given.ApiKey : null);
    }

    static string? KeyFault(string key)
    {
        if (key.Length is < MinKeyLength or > KeyText.MaxLength) return $"{MinKeyLength} to {KeyText.MaxLength} characters are needed, this one has {key.Length}. \"openssl rand -hex 32\" prints a good one.";
        if (key.Any(c => c is <= ' ' or > '~')) return "printable ASCII characters only, no spaces.";
        return key.Distinct().Count() < MinKeyCharacters ? $"it is too easy to guess: {MinKeyCharacters} different characters at least. \"openssl rand -hex 32\" prints a good one." : null;
    }

    static InvalidOperationException Refuse(string setting, string reason) => new($"Bootstrap:{setting}: {reason}");
}
