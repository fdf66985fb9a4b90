using RunHub.Http;

namespace RunHub.Logs;

/// <summary>What the OpenAPI document says about the API of logs.</summary>
static class LogDocs
{
    const string Tag = "Logs";

    static readonly ApiAnswer NoRun = new(404, "There is no such run in this tenant.", "Problem");

    static readonly ApiParameter[] Filters =
    [
        new("level", "`trace, debug, info, warn, error` or `fatal`; several separated by commas.", """{"type":"string","examples":["error,fatal"]}"""),
        new("step", "Id of a step."),
        new("q", "Text the message contains, whatever the case.", """{"type":"string","maxLength":200}"""),
        new("from", "Not before this time.", """{"type":"string","format":"date-time"}"""),
        new("to", "Before this time.", """{"type":"string","format":"date-time"}"""),
    ];

    public static ApiDoc Report { get; } = new("Append log lines to a run")
    {
        Tag = Tag,
        Description = """
            One object, an array of them, or one per line (`application/x-ndjson`). The same line twice is one: `accepted` counts what was understood,
            `added` what was new. A line without `ts` is of now, without `level` it is `info`. A `msg` of more than 16,384 characters is cut and says how long
            it was (`msg_length`); attributes of more than 32 KiB are dropped. Valid lines are written in one transaction, each invalid one is answered in
            `rejected`; with `atomic=true` one invalid line refuses them all. The run must be there already; a posted run may carry `logs`, too.
            """,
        Parameters =
        [
            new("atomic", "One invalid line refuses the whole batch.", """{"type":"boolean","default":false}"""),
            new("strict", "Refuse fields that are not known instead of ignoring and counting them in `warnings`.", """{"type":"boolean","default":false}"""),
            new("Idempotency-Key", "See POST /api/runs.", """{"type":"string","maxLength":255}""", "header"),
        ],
        Body = new("LogsInput", """{ "step_id": "step_01HXY0EXAMPLE", "state": "running", "level": "warn", "ts": "2025-10-28T10:14:03.2Z", "msg": "Vendor not found, asking again", "attributes": { "attempt": 2 } }""")
        { Types = ["application/json", "application/x-ndjson"] },
        Answers =
        [
            new(200, "They were written.", "LogsAnswer"),
            NoRun,
            new(400, "The body or a parameter is not what it should be; `errors` says where and why. Nothing was written.", "Problem"),
            new(409, "The first request with this `Idempotency-Key` is still running.", "Problem"),
            new(413, "The body is too large or has too many items.", "Problem"),
            new(415, "The content type or encoding is not accepted.", "Problem"),
            new(422, "The run holds as many lines as a run may; or the `Idempotency-Key` was used for another request.", "Problem"),
            new(503, "Too many writes are waiting; see `Retry-After`.", "Problem"),
        ],
    };

    public static ApiDoc List { get; } = new("Get the log lines of a run")
    {
        Tag = Tag,
        Description = """
            In order of time, lines of the same time in order of arrival, so that pages stay where they are while lines arrive. With `Accept: application/x-ndjson` (or
            `format=ndjson`) all that match come, one per line. A page for which more than 50,000 lines had to be looked at comes back short, with `searched_to`.
            """,
        Parameters =
        [
            .. Filters,
            new("order", "`asc`: oldest first.", """{"type":"string","enum":["asc","desc"],"default":"asc"}"""),
            new("limit", "Lines on a page.", """{"type":"integer","minimum":1,"maximum":5000,"default":1000}"""),
            new("next_token", "From the page before."),
            new("format", "`ndjson`: as with the Accept header.", """{"type":"string","enum":["json","ndjson"]}"""),
            new("download", "With NDJSON: as a file.", """{"type":"boolean","default":false}"""),
        ],
        Answers = [new(200, "The lines.", "LogList"), NoRun, new(400, "A parameter is not what it should be.", "Problem")],
    };

    public static ApiDoc Follow { get; } = new("Follow the log lines of a run")
    {
        Tag = Tag,
        Description = """
            Server-Sent Events: `hello` with the number to resume from, then `log` for each line that arrives and matches, with its number among the run's lines as `id`,
            `status` when the run's status changes, `deleted` when the run is. `Last-Event-ID` (or `last_event_id`) resumes after a line; `gap` says that more than 5,000
            lines were missed and the list must be read anew.
            """,
        Parameters = [.. Filters, new("last_event_id", "Resume after this line.", """{"type":"integer"}""")],
        Answers = [new(200, "Lines as they arrive.", """{"type":"string"}""", "text/event-stream"), NoRun, new(400, "A parameter is not what it should be.", "Problem")],
    };
}
