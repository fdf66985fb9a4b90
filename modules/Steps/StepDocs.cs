using RunHub.Http;

namespace RunHub.Steps;

/// <summary>What the OpenAPI document says about the API of steps.</summary>
static class StepDocs
{
    const string Tag = "Steps";

    internal const string StepExample = """
        {
          "id": "step_01HXY0EXAMPLE",
          "name": "extract_fields",
          "type": "model",
          "status": "completed",
          "started_at": "2025-10-28T10:14:03Z",
          "completed_at": "2025-10-28T10:14:03.8Z",
          "duration_ms": 800,
          "retries": 0,
          "details": { "model": "gpt-4o-mini", "parameters_redacted": { "temperature": 0 } },
          "io": { "input_redacted": { "content_type": "pdf" }, "output_redacted": { "fields": ["total", "date", "vendor"] } },
          "diagnostics": { "span_id": "spn-a13d", "resource_usage": { "tokens": 2200, "compute_ms": 380 } },
          "validation": { "passed": true, "score": 0.96 }
        }
        """;

    static readonly ApiAnswer NoRun = new(404, "There is no such run in this tenant.", "Problem");

    public static ApiDoc Report { get; } = new("Report steps of a run")
    {
        Tag = Tag,
        Description = """
            One step object, an array of them, or one per line (`application/x-ndjson`). A step with a known `id` is merged. The valid steps are
            written in one transaction, each invalid one is answered in `rejected`; with `atomic=true` one invalid step refuses them all.
            """,
        Parameters =
        [
            new("atomic", "One invalid step refuses the whole batch.", """{"type":"boolean","default":false}"""),
            new("strict", "Refuse fields that are not known instead of ignoring and counting them in `warnings`.", """{"type":"boolean","default":false}"""),
            new("Idempotency-Key", "See POST /api/runs.", """{"type":"string","maxLength":255}""", "header"),
        ],
        Body = new("StepsInput", StepExample) { Types = ["application/json", "application/x-ndjson"] },
        Answers =
        [
            new(200, "They were written; a batch says which.", "StepsAnswer"),
            NoRun,
            new(400, "The body or a parameter is not what it should be; `errors` says where and why. Nothing was written.", "Problem"),
            new(409, "A final status cannot become another final one; or the first request with this `Idempotency-Key` is still running.", "Problem"),
            new(413, "The body is too large or has too many items.", "Problem"),
            new(415, "The content type or encoding is not accepted.", "Problem"),
            new(422, "The `Idempotency-Key` was used for another request.", "Problem"),
            new(503, "Too many writes are waiting; see `Retry-After`.", "Problem"),
        ],
    };

    public static ApiDoc List { get; } = new("Get the steps of a run")
    {
        Tag = Tag,
        Description = "In order of arrival, with inputs and outputs. More than 1000 steps, or 32 MiB of payload, come in several pages.",
        Parameters =
        [
            new("limit", "Steps on a page.", """{"type":"integer","minimum":1,"maximum":1000,"default":1000}"""),
            new("next_token", "From the page before."),
        ],
        Answers = [new(200, "The steps.", "StepList"), NoRun, new(400, "A parameter is not what it should be.", "Problem")],
    };
}
