using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace RunHub.Access.People;

/// <summary>Passwords: PBKDF2-HMAC-SHA512 as ASP.NET Core Identity stores it, 12 to 200 characters.</summary>
public static class Passwords
{
    /// <summary>Shortest accepted.</summary>
    public const int MinLength = 12;

    /// <summary>Longest accepted, so that nobody makes the server hash a novel.</summary>
    public const int MaxLength = 200;
    const int Iterations = 210_000;
    static readonly PasswordHasher<UserRow> Hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    static readonly UserRow Nobody = new() { Email = "", Name = "", Stamp = "" };
    static readonly Lazy<string> NobodysHash = new(() => Hash("nobody has this password"));

    /// <summary>Null when it may be a password.</summary>
    public static PasswordFault? WhatIsWrong(string password, string email)
    {
        if (password.Length < MinLength) return PasswordFault.TooShort;
        if (password.Length > MaxLength) return PasswordFault.TooLong;
        if (password.Distinct().Count() < 5 || string.Equals(password, email, StringComparison.OrdinalIgnoreCase)) return PasswordFault.TooSimple;
        return null;
    }

    /// <summary>For the table.</summary>
    public static string Hash(string password) => Hasher.HashPassword(Nobody, password);

    /// <summary>
    /// Does the password fit; <paramref name="hash"/> null (no such user, or no password yet) costs the same time and never fits.
    /// </summary>
    public static bool Fits(string? hash, string password) =>
        Hasher.VerifyHashedPassword(Nobody, hash ?? NobodysHash.Value, password.Length > MaxLength ? "" : password) != PasswordVerificationResult.Failed && hash is not null;
}

/// <summary>Why a password is refused.</summary>
public enum PasswordFault
{
    /// <summary>Under <see cref="Passwords.MinLength"/> characters.</summary>
    TooShort,

    /// <summary>Over <see cref="Passwords.MaxLength"/> characters.</summary>
    TooLong,

    /// <summary>Fewer than five different characters, or the email itself.</summary>
    TooSimple,
}
