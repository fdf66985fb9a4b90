using RunHub.Http;

namespace RunHub.Runs.Bulk;

/// <summary>What the OpenAPI document says about bulk actions.</summary>
static class BulkDocs
{
    const string Tag = "Bulk actions";

    const string BodySchema = """
        {"type":"object","required":["action"],"additionalProperties":false,"properties":{
          "action":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string","enum":["tag","assign","resolve","reopen","export","delete"]}},"description":"The kind and its settings, as in the body of the act on one run; of `export`: `format`, `include` (a list), `columns`, `exact`, `bom`, as the parameters of `GET /api/runs/export`."},
          "name":{"type":["string","null"],"maxLength":256},
          "filter":{"type":["string","null"],"description":"Everything that matches, in the words of `GET /api/runs`; an empty text is the default view."},
          "run_ids":{"type":["array","null"],"maxItems":10000,"items":{"type":"string"}},
          "rate":{"type":["integer","null"],"minimum":1,"description":"Most runs a second."},
          "pause_after":{"type":["integer","null"],"minimum":1,"description":"Pause after so many runs, to look at them."}}}
        """;

    const string Bulk = """
        {"type":"object","required":["id","name","kind","state","total","done","unchanged","failed"],"properties":{
          "id":{"type":"string"},"name":{"type":"string"},"kind":{"type":"string"},"action":{"type":"object"},"filter":{"type":["string","null"]},
          "state":{"type":"string","enum":["listing","running","paused","completed","aborted"]},"reason":{"type":["string","null"]},
          "total":{"type":"integer"},"done":{"type":"integer"},"unchanged":{"type":"integer"},"failed":{"type":"integer"},
          "rate":{"type":["integer","null"]},"pause_after":{"type":["integer","null"]},"undo_of":{"type":["string","null"]},
          "created_by":{"type":"string"},"created_at":{"type":"string","format":"date-time"},"started_at":{"type":["string","null"]},"finished_at":{"type":["string","null"]},
          "file":{"type":["object","null"],"description":"What it wrote (`export`); in answers about one action.","properties":{"size":{"type":"integer"},"url":{"type":"string"},"expires_at":{"type":["string","null"]}}}}}
        """;

    const string Example = """{ "name": "Known outage", "action": { "kind": "tag", "add": ["outage"], "remove": [] }, "filter": "status=failed&workflow=invoice*", "rate": 200 }""";

    static readonly ApiAnswer None = new(404, "There is no such bulk action in this tenant.", "Problem");

    public static ApiDoc Preview { get; } = new("Preview a bulk action")
    {
        Tag = Tag, Description = "Counts the runs (up to 10,000), shows the first ones, and says whether it can be taken back. Nothing is written.",
        Body = new ApiBody(BodySchema, Example),
        Answers = [new(200, "What it would be about.", """{"type":"object","properties":{"count":{"type":"integer"},"is_capped":{"type":"boolean"},"can_undo":{"type":"boolean"},"sample":{"type":"array","items":{"type":"object"}}}}"""), RunDocs.Invalid],
    };

    public static ApiDoc Create { get; } = new("Start a bulk action")
    {
        Tag = Tag, Description = "Does something to a selection of runs or to everything that matches a filter. The set is written down first and does not change afterwards; then the work goes on in the background, a few runs a transaction, and survives a restart.",
        Body = new ApiBody(BodySchema, Example),
        Answers = [new(201, "It was made; its address is in `Location`.", Bulk), RunDocs.Invalid],
    };

    public static ApiDoc List { get; } = new("List bulk actions")
    {
        Tag = Tag, Description = "Newest first.",
        Parameters = [new("limit", "1 to 200.", """{"type":"integer","minimum":1,"maximum":200,"default":50}"""), new("next_token", "From the page before.")],
        Answers = [new(200, "A page.", """{"type":"object","properties":{"bulk_actions":{"type":"array","items":""" + Bulk + """},"next_token":{"type":["string","null"]}}}"""), RunDocs.Invalid],
    };

    public static ApiDoc Get { get; } = new("Get a bulk action") { Tag = Tag, Answers = [new(200, "How it stands.", Bulk), None] };

    public static ApiDoc File { get; } = new("Download the file of a bulk action")
    {
        Tag = Tag, Description = "What an `export` wrote, once it ended; kept for `BulkActions:KeepFilesDays`.",
        Answers = [new(200, "The file.", """{"type":"string"}""", "application/octet-stream"), None, new(409, "It is still working on it.", "Problem"), new(410, "It has expired.", "Problem")],
    };

    public static ApiDoc Items { get; } = new("Get the report of a bulk action")
    {
        Tag = Tag, Description = "What became of each run, in order.",
        Parameters =
        [
            new("state", "Only those.", """{"type":"string","enum":["pending","done","unchanged","failed"]}"""),
            new("limit", "1 to 1000.", """{"type":"integer","minimum":1,"maximum":1000,"default":100}"""), new("next_token", "From the page before."),
        ],
        Answers =
        [
            new(200, "A page.", """{"type":"object","properties":{"items":{"type":"array","items":{"type":"object","properties":{"run_id":{"type":"string"},"state":{"type":"string"},"reason":{"type":["string","null"]}}}},"next_token":{"type":["string","null"]}}}"""),
            RunDocs.Invalid, None,
        ],
    };

    public static ApiDoc Stream { get; } = new("Follow a bulk action")
    {
        Tag = Tag, Description = "Server-Sent Events: `event: progress` whenever it moved, at most five a second; the stream goes on while it is paused and ends when it is completed or aborted.",
        Answers = [new(200, "Events.", """{"type":"string"}""", "text/event-stream"), None],
    };

    public static ApiDoc Steer(string verb) => new(verb switch
    {
        "pause" => "Pause a bulk action",
        "resume" => "Resume a bulk action",
        "abort" => "Abort a bulk action",
        "retry" => "Retry the failed runs of a bulk action",
        _ => "Take a bulk action back",
    })
    {
        Tag = Tag,
        Description = verb == "undo" ? "Makes another bulk action over the runs that were changed. A deletion cannot be taken back." : null,
        Answers = [new(200, "How it stands now.", Bulk), None, new(409, "It is not in a state in which this can be done.", "Problem")],
    };
}
