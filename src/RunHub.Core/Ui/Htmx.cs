namespace RunHub.Ui;

/// <summary>What htmx says about a request.</summary>
public static class Htmx
{
    /// <summary>True when htmx asks, so that a fragment is enough.</summary>
    public static bool IsHtmx(this HttpRequest request) => request.Headers.ContainsKey("HX-Request");

    /// <summary>True when htmx asks for the element with this id.</summary>
    public static bool IsHtmx(this HttpRequest request, string target) => request.IsHtmx() && request.Headers["HX-Target"] == target;
}
