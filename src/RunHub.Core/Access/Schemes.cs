namespace RunHub.Access;

/// <summary>Names of authentication schemes.</summary>
public static class Schemes
{
    /// <summary>The default: a request with a key is a key's, any other a session's.</summary>
    public const string Hub = "hub";

    /// <summary>The session cookie.</summary>
    public const string Session = "session";

    /// <summary>An API key in <c>Authorization: Bearer</c> or <c>X-Api-Key</c>.</summary>
    public const string Key = "key";
}
