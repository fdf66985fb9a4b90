using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RunHub.Ui;

/// <summary>
/// A page that has no handler for an unsafe method answers 405. Razor Pages would render the view without its model, which
/// nobody wrote it for.
/// </summary>
sealed class RefuseWithoutHandler : IResourceFilter
{
    public void OnResourceExecuting(ResourceExecutingContext context)
    {
        var request = context.HttpContext.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || context.ActionDescriptor is not CompiledPageActionDescriptor page) return;
        var name = context.RouteData.Values["handler"]?.ToString() ?? request.Query["handler"].ToString();
        if (!page.HandlerMethods.Any(h => string.Equals(h.HttpMethod, request.Method, StringComparison.OrdinalIgnoreCase)
            && (string.IsNullOrEmpty(h.Name) || string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase))))
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
    }

    public void OnResourceExecuted(ResourceExecutedContext context) { }
}
