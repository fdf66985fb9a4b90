namespace RunHub.Access.People;

/// <summary>Email addresses as user names.</summary>
public static class Emails
{
    /// <summary>Lower case without surrounding spaces; null when it cannot be an address.</summary>
    public static string? Normalize(string? email)
    {
        var text = email?.Trim().ToLowerInvariant() ?? "";
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return text.Length is >= 3 and <= 254 && at > 0 && at < text.Length - 1 && at == text.LastIndexOf('@')
            && text.All(c => c is > ' ' and not ('"' or '<' or '>' or ',' or ';' or '(' or ')' or '\\') && !char.IsControl(c) && !char.IsSurrogate(c) && !char.IsWhiteSpace(c))
            ? text : null;
    }
}
