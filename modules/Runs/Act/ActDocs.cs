using RunHub.Http;

namespace RunHub.Runs.Act;

/// <summary>What the OpenAPI document says about acts.</summary>
static class ActDocs
{
    const string Answer = """
        {"type":"object","required":["id","changed"],"properties":{"id":{"type":"string"},"changed":{"type":"boolean","description":"False: it was so already, nothing was written."}}}
        """;

    static ApiDoc Of(string summary, string description, string schema, string example) => new(summary)
    {
        Tag = "Runs",
        Description = description + " The act stands in the audit trail.",
        Parameters = [RunDocs.IdempotencyKey],
        Body = new ApiBody(schema, example),
        Answers = [new(200, "Done, or so already.", Answer), RunDocs.NoRun, .. RunDocs.WriteRefusals],
    };

    public static ApiDoc Tags { get; } = Of("Tag a run", "Adds and removes tags; one that is there (or not there) already is no fault.",
        """{"type":"object","properties":{"add":{"type":"array","items":{"type":"string","maxLength":128}},"remove":{"type":"array","items":{"type":"string"}}},"additionalProperties":false}""",
        """{ "add": ["investigated"], "remove": ["nightly"] }""");

    public static ApiDoc Assign { get; } = Of("Assign a run", "Says who looks after it; `null`: nobody.",
        """{"type":"object","required":["owner"],"properties":{"owner":{"type":["string","null"],"maxLength":256}},"additionalProperties":false}""",
        """{ "owner": "ana.ruiz@acme.example" }""");

    public static ApiDoc Resolve { get; } = Of("Resolve a run", "Marks it as dealt with: `resolved` becomes `{reason, note, by, at}`.",
        """{"type":"object","required":["reason"],"properties":{"reason":{"type":"string","maxLength":256},"note":{"type":["string","null"],"maxLength":10000}},"additionalProperties":false}""",
        """{ "reason": "fixed", "note": "The supplier's API answers again." }""");

    public static ApiDoc Reopen { get; } = Of("Reopen a run", "Takes the resolution away.", """{"type":"object","additionalProperties":false}""", "{}");
}
