using RunHub.Http;

namespace RunHub.Annotations.Api;

/// <summary>What the OpenAPI document says about annotations.</summary>
static class AnnotationDocs
{
    const string Tag = "Annotations";

    const string One = """
        {"type":"object","required":["id","author","note","at","mentions","version"],"properties":{
          "id":{"type":"string"},"author":{"type":"string"},"note":{"type":"string"},"at":{"$ref":"#/components/schemas/Time"},
          "step_id":{"type":["string","null"]},"anchor":{"oneOf":[{"$ref":"#/components/schemas/Anchor"},{"type":"null"}]},
          "anchor_state":{"type":["string","null"],"enum":["found","moved","gone",null],"description":"Is the quoted text still in the payload; null: there is none, or the payload is too large to look."},
          "mentions":{"type":"array","items":{"type":"string"},"description":"Email addresses of members."},
          "edited_at":{"type":["string","null"]},"version":{"type":"integer","description":"How often it was changed."},
          "history":{"type":"array","items":{"type":"object","properties":{"at":{"type":"string"},"by":{"type":"string"},"action":{"type":"string"},"from":{"type":["string","null"]},"to":{"type":["string","null"]}}}}}}
        """;

    static readonly ApiAnswer NoRun = new(404, "There is no such run, step or annotation in this tenant.", "Problem");
    static readonly ApiAnswer Invalid = new(400, "Something is not what it should be, or the quoted text is not in the payload; `errors` says where and why. Nothing was written.", "Problem");
    static readonly ApiAnswer TooLarge = new(413, "The body has more than 64 KiB.", "Problem");
    static readonly ApiAnswer Busy = new(503, "Too many writes are waiting; see `Retry-After`.", "Problem");

    public static ApiDoc Add { get; } = new("Annotate a run")
    {
        Tag = Tag,
        Description = """
            Adds a note by the caller, now: on the run, on a step, or on a part of a payload. `@` and the email address of a member of the tenant mentions
            that person. The anchor needs `payload` and a `quote`, or a `path`, or `start` and `end`; where it stands is filled in. The act stands in the audit trail.
            """,
        Parameters = [new("Idempotency-Key", "Makes a repetition harmless: the first answer is given again.", """{"type":"string","maxLength":255}""", "header")],
        Body = new("""{"type":"object","required":["note"],"properties":{"note":{"type":"string","maxLength":10000},"step_id":{"type":["string","null"]},"anchor":{"oneOf":[{"$ref":"#/components/schemas/Anchor"},{"type":"null"}]}},"additionalProperties":false}""",
            """{ "note": "Known issue with scans of more than ten pages." }"""),
        Answers =
        [
            new(200, "It was added.", """{"type":"object","required":["id","changed","annotation_id"],"properties":{"id":{"type":"string"},"changed":{"type":"boolean"},"annotation_id":{"type":"string"}}}"""),
            Invalid, NoRun, new(409, "The first request with this `Idempotency-Key` is still running.", "Problem"), TooLarge, new(415, "JSON is needed.", "Problem"),
            new(422, "The `Idempotency-Key` was used for another request.", "Problem"), Busy,
        ],
    };

    public static ApiDoc List { get; } = new("Annotations of a run")
    {
        Tag = Tag,
        Description = "Oldest first, each with whether what it quotes is still there.",
        Answers = [new(200, "All of them.", """{"type":"object","required":["annotations"],"properties":{"annotations":{"type":"array","items":""" + One + "}}}"), NoRun],
    };

    public static ApiDoc Get { get; } = new("One annotation")
    {
        Tag = Tag,
        Description = "With its history: what it said before, who changed it and when.",
        Answers = [new(200, "The annotation.", One), NoRun],
    };

    public static ApiDoc Edit { get; } = new("Change an annotation")
    {
        Tag = Tag,
        Description = "Whoever wrote it may, and admins. What it said before stands in the audit trail and in its history. With `version`, a change by somebody else in between is a 409; without, the last one counts.",
        Body = new("""{"type":"object","required":["note"],"properties":{"note":{"type":"string","maxLength":10000},"version":{"type":["integer","null"]}},"additionalProperties":false}""", """{ "note": "Fixed in 1.8.4.", "version": 0 }"""),
        Answers = [new(200, "As it is now.", One), Invalid, NoRun, new(409, "Somebody changed it meanwhile.", "Problem"), TooLarge, new(415, "JSON is needed.", "Problem"), Busy],
    };

    public static ApiDoc Delete { get; } = new("Delete an annotation")
    {
        Tag = Tag,
        Description = "Whoever wrote it may, and admins. Its text stays in the audit trail alone; a report that brings the same one again does not bring it back.",
        Answers = [new(204, "It is gone."), NoRun, Busy],
    };
}
