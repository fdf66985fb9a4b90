using RunHub.Filter;
using RunHub.Http;

namespace RunHub.Runs;

/// <summary>What the OpenAPI document says about the API of runs.</summary>
static class RunDocs
{
    const string Tag = "Runs";

    internal const string RunExample = """
        {
          "id": "run_01HXY0EXAMPLE",
          "workflow_name": "invoice_extraction",
          "workflow_version": "1.8.3",
          "environment": "prod",
          "status": "completed",
          "started_at": "2025-10-28T10:14:02Z",
          "completed_at": "2025-10-28T10:14:04Z",
          "duration_ms": 2120,
          "actor": "system",
          "business_event_id": "erp:invoice#98421",
          "inputs_summary": { "file": "invoice_98421.pdf", "pages": 2 },
          "outputs_summary": { "total": 1732.55, "currency": "USD", "line_items": 5 },
          "effectiveness": { "first_pass_success": true, "accuracy": 0.97, "throughput_delta": 2.3 },
          "diagnostics": { "trace_id": "trc-8cbd", "resource_usage": { "tokens": 3124, "compute_ms": 480 } },
          "tags": ["invoice", "prod"],
          "steps": [
            { "id": "step_1", "name": "extract_fields", "type": "model", "status": "completed", "duration_ms": 800, "details": { "model": "gpt-4o-mini" } }
          ]
        }
        """;

    static readonly ApiParameter Strict = new("strict", "Refuse fields that are not known instead of ignoring and counting them in `warnings`.", """{"type":"boolean","default":false}""");
    static readonly ApiParameter AsIs = new("as_is",
        "For what an export gave out: a new run gets no `trigger`, `started_by` or `attempt` that it does not bring, and is a run of its own even while another does the work of its business event. `runhub import` asks for it.",
        """{"type":"boolean","default":false}""");

    internal static readonly ApiParameter IdempotencyKey = new("Idempotency-Key",
        "Any text of 1 to 255 characters. The answer is kept for a day and given again to the same request (`Idempotent-Replayed: true`); the same key with another request is a 422, while the first is running a 409.",
        """{"type":"string","maxLength":255}""", "header");

    internal static readonly ApiAnswer Invalid = new(400, "The body or a parameter is not what it should be; `errors` says where and why. Nothing was written.", "Problem");
    internal static readonly ApiAnswer NoRun = new(404, "There is no such run in this tenant.", "Problem");

    internal static readonly IReadOnlyList<ApiAnswer> WriteRefusals =
    [
        Invalid,
        new(409, "A final status cannot become another final one; or the first request with this `Idempotency-Key` is still running.", "Problem"),
        new(413, "The body is larger than `Ingest:MaxBodyBytes`, before or after decompression, or has more items than `Ingest:MaxItems`.", "Problem"),
        new(415, "The content type or encoding is not accepted.", "Problem"),
        new(422, "The `Idempotency-Key` was used for another request.", "Problem"),
        new(429, "This key or tenant reports more often than `Ingest:RequestsPerSecond`; see `Retry-After`.", "Problem"),
        new(503, "Too many writes are waiting; see `Retry-After`.", "Problem"),
    ];

    public static ApiDoc Ingest { get; } = new("Report runs")
    {
        Tag = Tag,
        Description = """
            One run object, an array of them, or one per line (`application/x-ndjson`). A run with a known `id` is merged: what is absent
            stays as it is, and so does what is `null`. A final status stays; an earlier one that arrives late is ignored.

            In a batch the valid runs are written in one transaction and each invalid one is answered in `rejected`; with `atomic=true`
            one invalid run refuses them all. Bodies may be compressed (`Content-Encoding: gzip`, `br`, `deflate`).
            """,
        Parameters = [new("atomic", "One invalid run refuses the whole batch.", """{"type":"boolean","default":false}"""), AsIs, Strict, IdempotencyKey],
        Body = new("RunsInput", RunExample) { Types = ["application/json", "application/x-ndjson"] },
        Answers =
        [
            new(200, "A run that existed was merged, or the answer to a batch.", "IngestAnswer"),
            new(201, "A new run was created; its address is in `Location`.", "RunAnswer"),
            .. WriteRefusals,
        ],
    };

    public static ApiDoc Patch { get; } = new("Change a run")
    {
        Tag = Tag,
        Description = "Changes the fields that are named; `null` removes. Tags are replaced, annotations and steps are added or merged.",
        Parameters = [Strict, IdempotencyKey],
        Body = new("RunInput", """{ "status": "completed", "outputs_summary": { "total": 1732.55 }, "owner": null }"""),
        Answers = [new(200, "It was changed.", "RunAnswer"), NoRun, .. WriteRefusals],
    };

    public static ApiDoc Delete { get; } = new("Delete a run")
    {
        Tag = Tag,
        Description = "The run and every trace of it. Statistics keep their figures.",
        Answers = [new(204, "It is gone."), NoRun],
    };

    public static ApiDoc List { get; } = new("List runs")
    {
        Tag = Tag,
        Description = """
            Newest first, a page at a time: pass `next_token` on until it is `null`. A page that had to look at too many runs comes back short, with
            `searched_back_to` and a `next_token` to search on. Conditions of different names are combined with "and", several values of one (`status=failed,canceled`) with "or".
            `inputs_summary`, `outputs_summary`, `annotations` and `error_stack` are left out unless `include=payloads`; a long `error_message` is shortened to 2,000 characters then.
            """,
        Parameters = [.. RunFilterDocs.Parameters, new("include", "`payloads`: with inputs, outputs and annotations.", """{"type":"string","enum":["payloads"]}""")],
        Answers = [new(200, "A page of runs.", "RunList"), new(400, "A parameter is not what it should be; every fault is told.", "Problem")],
    };

    public static ApiDoc Details { get; } = new("Get a run")
    {
        Tag = Tag,
        Description = "With inputs, outputs and annotations. Beside `completed_at`, `diagnostics` and `cost_usd` stand `finished_at`, `total_tokens`, `total_cost_usd` and `error` with the same values.",
        Answers = [new(200, "The run.", "Run"), NoRun],
    };
}
