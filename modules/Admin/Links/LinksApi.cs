using RunHub.Access;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Admin.Links;

/// <summary><c>/api/admin/event-links</c>: where a tenant's business events are at home.</summary>
static class LinksApi
{
    const string Link = """{"type":"object","properties":{"prefix":{"type":"string"},"url":{"type":"string"},"changed_by":{"type":"string"},"changed_at":{"type":"string"}}}""";

    static readonly ApiAnswer Invalid = new(400, "Prefix or address will not do; `errors` says why.", "Problem");

    static readonly ApiDoc ListDoc = new("Addresses of business events")
    {
        Tag = "Administration",
        Description = "Longest prefix first: the order in which they are tried.",
        Parameters = [new("id", "A business event id: `matched` tells which one counts for it, and the address it gets.")],
        Answers = [new(200, "All of the tenant.", """{"type":"object","properties":{"event_links":{"type":"array","items":""" + Link + """},"matched":{"type":["object","null"],"properties":{"prefix":{"type":"string"},"url":{"type":"string"}}}}}""")],
    };

    static readonly ApiDoc SetDoc = new("Set the address of business events")
    {
        Tag = "Administration",
        Description = "For ids that begin with `prefix` (empty: all). `{id}` stands for the whole id, `{rest}` for what stands behind the prefix. https, and what `EventLinks:Schemes` allows.",
        Body = new("""{"type":"object","required":["url"],"properties":{"prefix":{"type":"string","maxLength":128},"url":{"type":"string","maxLength":1000}},"additionalProperties":false}""", """{ "prefix": "crm:deal#", "url": "https://crm.example.com/deals/{rest}" }"""),
        Answers = [new(200, "As it is now.", Link), Invalid, new(409, "The tenant has too many.", "Problem"), new(415, "JSON is needed.", "Problem")],
    };

    static readonly ApiDoc RemoveDoc = new("Remove the address of business events")
    {
        Tag = "Administration",
        Parameters = [new("prefix", "Whose; empty: that for all ids.")],
        Answers = [new(204, "It is gone."), new(404, "There is none for this prefix.", "Problem")],
    };

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/event-links", ListAsync).Access(Allow.Admins).Doc(ListDoc);
        api.MapPut("/event-links", SetAsync).Access(Allow.Admins).Doc(SetDoc);
        api.MapDelete("/event-links", RemoveAsync).Access(Allow.Admins).Doc(RemoveDoc);
    }

    static async Task<IResult> ListAsync(HttpContext context, EventLinks links, CancellationToken cancellationToken)
    {
        var all = await links.ListAsync(context.Caller().Tenant.No, cancellationToken);
        string? id = context.Request.Query["id"];
        var matched = string.IsNullOrEmpty(id) ? null : EventLinks.Of(all, id);
        return ApiJson.Write(new { event_links = all.Select(Show), matched = matched is null ? null : new { matched.Prefix, Url = EventLinks.Fill(matched, id!) } });
    }

    static async Task<IResult> SetAsync(HttpContext context, EventLinks links, CancellationToken cancellationToken)
    {
        var body = await ApiJson.ReadAsync<LinkBody>(context);
        return ApiJson.Write(Show(await links.SetAsync(context.Caller(), body.Prefix, body.Url, cancellationToken)));
    }

    static async Task<IResult> RemoveAsync(HttpContext context, EventLinks links, CancellationToken cancellationToken)
    {
        string prefix = context.Request.Query["prefix"].ToString();
        return await links.RemoveAsync(context.Caller(), prefix, cancellationToken) ? Results.NoContent() : throw ProblemException.NotFound("address for", "\"" + prefix + "\"");
    }

    static object Show(EventLink link) => new { link.Prefix, link.Url, link.ChangedBy, changed_at = Times.ToIso(link.ChangedAt) };

    sealed record LinkBody(string? Prefix = null, string? Url = null);
}
