using System.Security.Cryptography;
using System.Text;

namespace RunHub.Runs.Export;

/// <summary>Ids of traces and spans: those that are known, else ones that follow from our own, the same in every export.</summary>
static class OtlpIds
{
    /// <summary>32 digits.</summary>
    public static string Trace(string? known, string tenantId, string runId) => IsHex(known, 32) ? known!.ToLowerInvariant() : Hash($"{tenantId}\n{runId}", 16);

    /// <summary>16 digits.</summary>
    public static string Span(string? known, string traceId, string stepId) => IsHex(known, 16) ? known!.ToLowerInvariant() : Hash($"{traceId}\n{stepId}", 8);

    /// <summary>True: it is 16 digits, not all zero.</summary>
    public static bool IsSpan(string text) => IsHex(text, 16);

    static bool IsHex(string? text, int length) => text?.Length == length && text.All(char.IsAsciiHexDigit) && text.Any(c => c != '0');

    static string Hash(string text, int bytes) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));
}
