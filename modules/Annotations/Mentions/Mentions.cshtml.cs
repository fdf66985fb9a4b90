using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Store.Annotations;

namespace RunHub.Annotations.Mentions;

/// <summary><c>/mentions</c>: where the person who looks was mentioned in this tenant; <c>?all=true</c> also what was read.</summary>
[Access(Role.Viewer, KeyScopes.None)]
public sealed class MentionsPage(Store.Annotations.Mentions mentions) : PageModel
{
    /// <summary>Newest first.</summary>
    public IReadOnlyList<Mention> List { get; private set; } = [];

    /// <summary>Those that were read, too.</summary>
    public bool All { get; private set; }

    /// <summary>The page.</summary>
    public async Task OnGetAsync(bool all, CancellationToken cancellationToken) =>
        (All, List) = (all, await mentions.ListAsync(HttpContext.Caller(), onlyUnread: !all, cancellationToken));

    /// <summary>Marks one as read, or all; answers with the list, or leads back to it.</summary>
    public async Task<IActionResult> OnPostAsync(string? annotation, bool all, CancellationToken cancellationToken)
    {
        await mentions.ReadAsync(HttpContext.Caller(), string.IsNullOrEmpty(annotation) ? null : annotation, cancellationToken);
        if (!Request.IsHtmx()) return LocalRedirect(all ? "/mentions?all=true" : "/mentions");
        await OnGetAsync(all, cancellationToken);
        return Partial("/Pages/Annotations/Mentions/_Mentions.cshtml", this);
    }
}

/// <summary><c>/mentions/members?q=</c>: members of the tenant to mention, while somebody types.</summary>
[Access(Role.Operator, KeyScopes.None)]
public sealed class MembersPage(Store.Annotations.Mentions mentions) : PageModel
{
    const int Most = 8;

    /// <summary>By address.</summary>
    public IReadOnlyList<MentionedMember> List { get; private set; } = [];

    /// <summary>The options.</summary>
    public async Task OnGetAsync(string? q, CancellationToken cancellationToken)
    {
        if (q?.Length <= 128) List = await mentions.SuggestAsync(HttpContext.Caller(), q, Most, cancellationToken);
        else if (q is null) List = await mentions.SuggestAsync(HttpContext.Caller(), "", Most, cancellationToken);
    }
}
