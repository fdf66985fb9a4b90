namespace RunHub.Http;

/// <summary>Yes-or-no parameters of the query.</summary>
public static class QueryFlags
{
    /// <summary>True for <c>true</c>, <c>1</c> and an empty value (<c>?atomic</c>); false when absent.</summary>
    /// <exception cref="ProblemException">400 for anything else.</exception>
    public static bool Flag(this HttpRequest request, string name)
    {
        if (!request.Query.TryGetValue(name, out var values)) return false;
        return values.ToString() switch
        {
            "" or "1" => true,
            "0" => false,
            var text when bool.TryParse(text, out var flag) => flag,
            _ => throw ProblemException.Invalid("query." + name, "true or false is wanted."),
        };
    }
}
