using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunHub.Benchmarks.Load;

namespace RunHub.Benchmarks.Data;

/// <summary>
/// Runs as six workflows would report them, the same ones for the same seed. A <em>unit</em> is a run with four steps whose
/// payloads (inputs, outputs, parameters) are together 6.7 KB of JSON text on average, 2 to 11.4 KB each.
/// </summary>
sealed class RunGenerator(int seed)
{
    /// <summary>Payload bytes of a unit on average.</summary>
    public const int UnitPayloadBytes = 6_700;

    static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly (string Name, string Type, int Weight)[] Workflows =
    [
        ("invoice_extraction", "crafter", 30), ("lead_qualification", "precrafter", 24), ("support_triage", "agent", 18), ("contract_review", "crafter", 12),
        ("catalogue_sync", "etl", 10), ("weekly_digest", "prompt", 6),
    ];

    static readonly string[] Environments = ["prod", "prod", "prod", "prod", "stage", "stage", "dev"];
    static readonly string[] Tags = ["invoice", "emea", "latam", "priority", "pilot", "nightly", "vip", "retry-ok", "sampled", "manual-check"];
    static readonly string[] Models = ["gpt-4o-mini", "gpt-4o", "claude-sonnet", "mistral-large", "llama-3.3-70b"];
    static readonly (string Code, string Class)[] Errors =
        [("RATE_LIMIT", "transient"), ("SCHEMA_MISMATCH", "validation_failed"), ("HTTP_502", "external_api"), ("PII_BLOCKED", "policy_denied"), ("NULL_REFERENCE", "bug")];

    static readonly (string Name, StepType Type)[] StepKinds =
        [("fetch_document", StepType.Io), ("extract_fields", StepType.Model), ("check_policy", StepType.Decision), ("post_result", StepType.Tool), ("draft_answer", StepType.Model)];

    readonly Random random = new(seed);
    readonly Prose prose = new(new Random(seed + 1));
    readonly ArrayBufferWriter<byte> buffer = new();
    long made;

    /// <summary>Names of the workflows, the busiest first.</summary>
    public static IReadOnlyList<string> WorkflowNames { get; } = [.. Workflows.Select(w => w.Name)];

    /// <summary>A run without steps and with short inputs and outputs.</summary>
    /// <param name="startedAt">When it began.</param>
    /// <param name="id">Its id; null: one is made up.</param>
    public RunWrite Run(DateTimeOffset startedAt, string? id = null) => Run(startedAt, id, 180, 220);

    /// <summary>A run with four steps and some 6.7 KB of payloads.</summary>
    public RunWrite Unit(DateTimeOffset startedAt, string? id = null) => WithSteps(startedAt, 4, (int)(UnitPayloadBytes * (0.3 + random.NextDouble() * 1.4)), id);

    /// <summary>A run with steps.</summary>
    /// <param name="startedAt">When it began.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="payloadBytes">All payloads together, nearly.</param>
    /// <param name="id">Its id; null: one is made up.</param>
    public RunWrite WithSteps(DateTimeOffset startedAt, int steps, int payloadBytes, string? id = null)
    {
        // A tenth each for the run's inputs and outputs; of a step's share some 45 bytes are parameters, two fifths of the
        // rest go in, three fifths come out.
        var run = Run(startedAt, id, payloadBytes / 10, payloadBytes / 10);
        var share = payloadBytes * 8 / 10 / steps - 45;
        var list = new List<StepWrite>(steps);
        var at = startedAt;
        var spanish = random.Next(2) == 0;
        for (var i = 0; i < steps; i++)
        {
            var (name, type) = StepKinds[i % StepKinds.Length];
            var took = random.Next(40, 2500);
            var failed = run.Status == RunStatus.Failed && i == steps - 1;
            var step = new StepWrite
            {
                Id = Id("step_", i), Name = name, Type = type, NodeId = $"node_{i + 1}", Label = name.Replace('_', ' '),
                Status = failed ? RunStatus.Failed : RunStatus.Completed, StartedAt = at, CompletedAt = at.AddMilliseconds(took), DurationMs = took,
                Retries = random.Next(12) == 0 ? 1 : 0, SpanId = Hex(16), Tokens = random.Next(200, 4000), ComputeMs = took / 4,
                Input = Chat(share * 2 / 5, spanish), Output = Answer(share * 3 / 5 - 60, spanish),
            };
            if (type == StepType.Model)
            {
                step.Model = prose.Pick<string>(Models);
                step.Parameters = JsonPayload.Parse($$"""{"temperature":{{random.Next(10) / 10.0:0.0}},"max_tokens":{{random.Next(2, 17) * 256}},"top_p":1}""");
                (step.ValidationPassed, step.ValidationScore) = (!failed, Math.Round(0.7 + random.NextDouble() * 0.3, 3));
            }
            else
            {
                step.Parameters = JsonPayload.Parse($$"""{"timeout_ms":{{random.Next(1, 30) * 1000}},"region":"eu-west-{{random.Next(1, 4)}}"}""");
                step.Endpoint = $"https://api.example.com/v2/{name.Replace('_', '/')}";
            }

            if (failed) (step.ErrorCode, step.ErrorClass, step.ErrorMessage) = (run.ErrorCode, run.ErrorClass, run.ErrorMessage);
            list.Add(step);
            at = at.AddMilliseconds(took + 3);
        }

        if (run.Status == RunStatus.Failed) run.ErrorStepId = list[^1].Id;
        run.Steps = list;
        return run;
    }

    RunWrite Run(DateTimeOffset startedAt, string? id, int inputBytes, int outputBytes)
    {
        var (workflow, type) = Workflow();
        var status = Status();
        var took = random.Next(300, 90_000);
        var spanish = random.Next(3) == 0;
        var number = id == RunRequest.Placeholder ? RunRequest.PlaceholderNumber : made.ToString("D18", CultureInfo.InvariantCulture);
        var run = new RunWrite
        {
            Id = id ?? Id("run_", made), Type = type, WorkflowName = workflow, WorkflowVersion = Version(startedAt),
            Environment = prose.Pick<string>(Environments), Status = status, StartedAt = startedAt, Actor = random.Next(8) == 0 ? "human" : "system",
            Trigger = random.Next(12) == 0 ? "manual" : type is "etl" or "prompt" ? "schedule" : "api", BusinessEventId = $"erp:{workflow[..workflow.IndexOf('_')]}#{number}", TraceId = Hex(13) + "-" + number,
            Tokens = random.Next(400, 12_000), ComputeMs = took / 4, Tags = [prose.Pick<string>(Tags), $"team-{random.Next(1, 6)}"],
            InputsSummary = Inputs(inputBytes, spanish), OutputsSummary = status.IsFinal() ? Answer(outputBytes - 60, spanish) : null,
        };
        if (random.Next(3) == 0) run.LeadId = $"lead-{random.Next(20_000)}";
        if (status == RunStatus.WaitingHuman) run.Hitl = "requested";
        if (status.IsFinal())
        {
            (run.CompletedAt, run.DurationMs) = (startedAt.AddMilliseconds(took), took);
            (run.FirstPassSuccess, run.Accuracy, run.ThroughputDelta) = (status == RunStatus.Completed, Math.Round(0.8 + random.NextDouble() * 0.2, 3), Math.Round(random.NextDouble() * 4 - 1, 2));
        }

        if (status == RunStatus.Failed)
        {
            (run.ErrorCode, run.ErrorClass) = prose.Pick(Errors);
            run.ErrorMessage = prose.Text(90, spanish);
        }

        made++;
        return run;
    }

    (string Name, string Type) Workflow()
    {
        var at = random.Next(100);
        foreach (var (name, type, weight) in Workflows)
        {
            if ((at -= weight) < 0) return (name, type);
        }

        return (Workflows[0].Name, Workflows[0].Type);
    }

    /// <summary>A new version every two weeks, and a few runs still on the one before.</summary>
    string Version(DateTimeOffset at)
    {
        var fortnight = at.ToUnixTimeSeconds() / (14 * 86_400) % 100 - (random.Next(15) == 0 ? 1 : 0);
        return string.Create(CultureInfo.InvariantCulture, $"1.{fortnight / 4}.{fortnight % 4}");
    }

    RunStatus Status() => random.Next(100) switch
    {
        < 86 => RunStatus.Completed,
        < 94 => RunStatus.Failed,
        < 96 => RunStatus.Canceled,
        < 98 => RunStatus.Running,
        < 99 => RunStatus.WaitingHuman,
        _ => RunStatus.Queued,
    };

    JsonPayload Inputs(int bytes, bool spanish) => Write(json =>
    {
        json.WriteString("file", $"{(spanish ? "documento" : "document")}_{random.Next(10_000, 99_999)}.pdf");
        json.WriteNumber("pages", random.Next(1, 40));
        json.WriteString(spanish ? "petición" : "request", prose.Text(bytes - 70, spanish));
    });

    JsonPayload Chat(int bytes, bool spanish) => Write(json =>
    {
        json.WriteStartArray("messages");
        Message("system", bytes * 2 / 5 - 40);
        Message("user", bytes * 3 / 5 - 50);
        json.WriteEndArray();
        void Message(string role, int characters)
        {
            json.WriteStartObject();
            json.WriteString("role", role);
            json.WriteString("content", prose.Text(Math.Max(20, characters), spanish));
            json.WriteEndObject();
        }
    });

    JsonPayload Answer(int bytes, bool spanish) => Write(json =>
    {
        json.WriteNumber("total", random.Next(1_000, 900_000) / 100m);
        json.WriteString("currency", random.Next(2) == 0 ? "EUR" : "USD");
        json.WriteNumber("confidence", Math.Round(random.NextDouble(), 3));
        json.WriteString(spanish ? "respuesta" : "answer", prose.Text(Math.Max(20, bytes), spanish));
    });

    JsonPayload Write(Action<Utf8JsonWriter> body)
    {
        buffer.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        return new JsonPayload(buffer.WrittenSpan.ToArray());
    }

    string Id(string prefix, long number) => prefix + "01JBENCH" + seed.ToString("D4", CultureInfo.InvariantCulture) + number.ToString("D14", CultureInfo.InvariantCulture);

    string Hex(int digits) => string.Create(digits, random, static (span, r) => r.GetHexString(span, lowercase: true));
}
