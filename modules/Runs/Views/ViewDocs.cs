using RunHub.Http;

namespace RunHub.Runs.Views;

/// <summary>What the OpenAPI document says about saved views.</summary>
static class ViewDocs
{
    const string Tag = "Saved views";

    const string View = """
        {"type":"object","required":["id","name","filter","shared","pinned","default","created_by","created_at","updated_at"],"properties":{
          "id":{"type":"string"},"name":{"type":"string"},"filter":{"type":"string","description":"As in the address of the list: fields, sort, columns; times such as 24h stay relative."},
          "problem":{"type":["string","null"],"description":"Why the filter can no longer be read."},
          "shared":{"type":"boolean"},"pinned":{"type":"boolean"},"default":{"type":"boolean","description":"\"Runs\" leads the caller here."},
          "may_change":{"type":"boolean"},"created_by":{"type":"string"},"created_at":{"type":"string","format":"date-time"},"updated_at":{"type":"string","format":"date-time"},
          "count":{"type":["integer","null"]},"count_is_capped":{"type":"boolean"}}}
        """;

    const string Members = """
        "name":{"type":"string","minLength":1,"maxLength":80},"filter":{"type":"string","maxLength":8000},"shared":{"type":"boolean"},"pinned":{"type":"boolean"},"default":{"type":"boolean"}
        """;

    static readonly ApiAnswer None = new(404, "There is no such view that the caller sees.", "Problem");
    static readonly ApiAnswer Taken = new(409, "The name is taken, or there are too many views.", "Problem");

    public static ApiDoc List { get; } = new("List saved views")
    {
        Tag = Tag, Description = "The caller's own and those shared in the tenant, by name.",
        Parameters = [new("counts", "With the number of runs of each, some seconds old, to 1,000 where statistics cannot tell; `null` where counting would have taken too long.", """{"type":"boolean","default":false}""")],
        Answers = [new(200, "The views.", """{"type":"object","properties":{"views":{"type":"array","items":""" + View + "}}}")],
    };

    public static ApiDoc Create { get; } = new("Save a view")
    {
        Tag = Tag, Description = "Gives a filter a name. Whoever reads may save views for themselves; sharing one needs the role operator (a key: `operate`).",
        Body = new ApiBody("""{"type":"object","required":["name","filter"],"additionalProperties":false,"properties":{""" + Members + "}}", """{ "name": "Failed invoices", "filter": "status=failed&workflow=invoice*&sort=-duration", "shared": true, "pinned": true }"""),
        Answers = [new(201, "It was saved.", View), RunDocs.Invalid, Taken],
    };

    public static ApiDoc Get { get; } = new("Get a saved view") { Tag = Tag, Answers = [new(200, "The view.", View), None] };

    public static ApiDoc Change { get; } = new("Change a saved view")
    {
        Tag = Tag, Description = "What is absent stays. A shared view is changed by its author or an admin of the tenant; `default` concerns the caller alone.",
        Body = new ApiBody("""{"type":"object","additionalProperties":false,"properties":{""" + Members + "}}", """{ "pinned": false }"""),
        Answers = [new(200, "It was changed.", View), RunDocs.Invalid, None, Taken],
    };

    public static ApiDoc Delete { get; } = new("Delete a saved view") { Tag = Tag, Answers = [new(204, "It is gone."), None] };
}
