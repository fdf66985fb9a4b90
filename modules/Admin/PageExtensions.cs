using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RunHub.Admin;

static class PageExtensions
{
    /// <summary>The partial for htmx, the whole page for a plain form post.</summary>
    public static IActionResult PageOrPartial<TPage>(this TPage page, string partial) where TPage : PageModel
    {
        page.Response.Headers.Vary = "HX-Request";
        return page.Request.Headers.ContainsKey("HX-Request") ? page.Partial(partial, page) : page.Page();
    }
}
