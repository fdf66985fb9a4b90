namespace RunHub.Access;

/// <summary>Public ids of tenants: 1 to 63 of <c>a–z 0–9 -</c>, beginning with a letter or digit. They never change.</summary>
public static class TenantIds
{
    /// <summary>Longest id.</summary>
    public const int MaxLength = 63;

    /// <summary>Is it an id.</summary>
    public static bool IsValid(string id) => id.Length is > 0 and <= MaxLength && id[0] != '-' && id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary><c>Acme Inc.</c> gives <c>acme-inc</c>; a name without any such character gives <c>tenant</c>.</summary>
    public static string FromName(string name)
    {
        var words = new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var id = string.Join('-', words);
        return id.Length == 0 ? "tenant" : id.Length > MaxLength ? id[..MaxLength].TrimEnd('-') : id;
    }

    /// <summary>Null when it can be a tenant's name.</summary>
    public static string? NameFault(string name) => name.Length switch
    {
        0 => "a tenant needs a name.",
        > Limits.Name => $"a name has at most {Limits.Name} characters.",
        _ => name.Any(char.IsControl) ? "a name has no control characters." : null,
    };
}
