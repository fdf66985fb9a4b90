using RunHub.Filter;
using RunHub.Http;

namespace RunHub.Runs;

/// <summary>What the OpenAPI document says about search.</summary>
static class SearchDocs
{
    const string Answer = """
        {
          "type": "object", "required": ["q", "runs", "searched", "lag_ms", "filling"],
          "properties": {
            "q": { "type": "string", "description": "The text, as it was understood." },
            "runs": { "type": "array", "description": "The best first.", "items": { "type": "object", "required": ["id", "workflow_name", "status", "score", "snippets"], "properties": {
              "id": { "type": "string" }, "name": { "type": ["string", "null"] }, "workflow_name": { "type": "string" }, "environment": { "type": "string" }, "status": { "type": "string" },
              "started_at": { "type": "string", "format": "date-time" },
              "score": { "type": "number", "description": "Only to compare within one answer; 100 and more: the text is an id of the run, or begins one." },
              "snippets": { "type": "array", "maxItems": 3, "items": { "type": "object", "properties": {
                "field": { "type": "string", "enum": ["name", "tag", "error", "step", "note", "input", "output", "log"] },
                "text": { "type": "string", "description": "Plain text." },
                "matches": { "type": "array", "items": { "type": "object", "properties": { "start": { "type": "integer" }, "length": { "type": "integer" } } }, "description": "Where the words are in `text`, in UTF-16 units." } } } } } } },
            "searched": { "type": "object", "properties": { "matches": { "type": "integer", "description": "Matching runs that were weighed." }, "complete": { "type": "boolean", "description": "False: there are more, and those weighed are the newest." }, "note": { "type": "string" } } },
            "lag_ms": { "type": "integer", "description": "How far the index is behind." },
            "filling": { "type": "boolean", "description": "True: the index is new and does not hold all older runs yet." } } }
        """;

    public static ApiDoc Search { get; } = new("Search runs by text")
    {
        Tag = "Runs",
        Description = """
            The runs that match `q` best, with the pieces of text that match: names, tags, errors, steps, notes, inputs, outputs. All words must be there; `"in quotes"` is a phrase;
            the last word may be the beginning of one; case and accents do not count. An id of a run, or its beginning, finds it too. The other parameters narrow as in `GET /api/runs`.
            The newest 1,000 matching runs are weighed, for half a second at most; `searched` says so.
            """,
        Parameters =
        [
            .. RunFilterDocs.Parameters.Where(p => p.Name is not ("sort" or "next_token" or "page" or "limit")),
            new("limit", "Runs of the answer.", """{"type":"integer","minimum":1,"maximum":100,"default":20}"""),
        ],
        Answers = [new(200, "What was found.", Answer), new(400, "There is no text, or a parameter is not what it should be.", "Problem")],
    };

    public static ApiDoc Rebuild { get; } = new("Make the search index anew")
    {
        Tag = "Admin",
        Description = "Empties the index and fills it from all runs, newest first, behind the writers. Searches find less until it is done (`filling` in `GET /api/search`).",
        Answers = [new(202, "It begins.")],
    };
}
