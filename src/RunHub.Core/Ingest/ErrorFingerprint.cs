using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using RunHub.Model;

namespace RunHub.Ingest;

/// <summary>
/// What failures of one cause have in common: workflow, error code and class, and the message but for what changes each time. 16 hexadecimal
/// digits; the same on every hub.
/// </summary>
public static partial class ErrorFingerprint
{
    const int MaxRead = 600, MaxCompared = 400;

    /// <summary>The fingerprint of a failed run.</summary>
    public static string Of(RunRow run)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{run.WorkflowName}\n{run.ErrorCode}\n{run.ErrorClass}\n{Normalised(run.ErrorMessage)}"), hash);
        return Convert.ToHexStringLower(hash[..8]);
    }

    /// <summary>A message without what changes each time: numbers, ids, addresses in memory, upper case and spacing.</summary>
    public static string Normalised(string? message)
    {
        if (message is null) return "";
        var text = Changing().Replace(message.Length > MaxRead ? message[..MaxRead] : message, "#");
        text = Spaces().Replace(text, " ").Trim().ToUpperInvariant();
        return text.Length > MaxCompared ? text[..MaxCompared] : text;
    }

    // A word with a digit in it (ids, hashes, dates), with what joins its parts.
    [GeneratedRegex(@"[\p{L}\p{N}]*\p{Nd}[\p{L}\p{N}]*(?:[-_:.][\p{L}\p{N}]+)*", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Changing();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
