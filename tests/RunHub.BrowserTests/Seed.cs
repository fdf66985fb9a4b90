using System.Globalization;
using System.Text;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.Plugins;

namespace RunHub.BrowserTests;

/// <summary>Runs of every kind a page has to show: all statuses, long names and messages, stacks, big outputs, Spanish text.</summary>
static class Seed
{
    /// <summary>A completed run with three nodes.</summary>
    public const string Completed = "run_8f2a4b";

    /// <summary>A failed run with a stack trace and a retried node.</summary>
    public const string Failed = "run_f41led";

    /// <summary>The last run of the failed one's workflow and environment that went well.</summary>
    public const string LastGood = "run_g00d";

    /// <summary>A run at work.</summary>
    public const string Running = "run_at_w0rk";

    /// <summary>A run with sixty nodes.</summary>
    public const string Long = "run_s1xty";

    /// <summary>A run whose output is larger than a page shows by itself.</summary>
    public const string Big = "run_b1g";

    /// <summary>The second attempt at what <see cref="Failed"/> did not finish.</summary>
    public const string SecondAttempt = "run_s3cond";

    /// <summary>Everything long that a page can be given.</summary>
    public const string Wordy = "order-2026-11-20T10:15:00+01:00-customer-4711-attempt-3";

    /// <summary>A plugin that cannot be loaded, for the plugins page.</summary>
    public static async Task AddBrokenPluginAsync(TestHub hub)
    {
        var folder = Directory.CreateDirectory(Path.Combine(hub.Database.Folder, "plugins", "acme-invoices")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "plugin.json"), """{"id":"acme-invoices","version":"0.9.0","contract":99,"assembly":"Acme.Invoices.dll","name":"Acme invoices","description":"Invoices read by the scanner in the mail room."}""");
        await hub.Get<PluginHost>().RefreshAsync(default);
    }

    /// <summary>Whose runs these are.</summary>
    public static async Task<Caller> ReporterAsync(TestHub hub) => new(CallerKind.Key, 1, "seed", await hub.TenantAsync(), Role.None, KeyScopes.Admin, IsInstallationAdmin: false);

    public static async Task FillAsync(TestHub hub, int others = 120)
    {
        var caller = await ReporterAsync(hub);
        var now = hub.Get<TimeProvider>().GetUtcNow();
        var runs = new List<RunWrite> { CompletedRun(now), FailedRun(now), RunningRun(now), LongRun(now), BigRun(now), WordyRun(now), GoodRun(now) };
        for (var i = 0; i < others; i++) runs.Add(Other(i, now));
        foreach (var run in runs.Take(3)) run.Logs = Lines(run, now);
        runs[4].Logs = [.. Enumerable.Range(0, 5000).Select(i => Line(now.AddHours(-6).AddMilliseconds(i * 12), i % 997 == 996 ? "error" : i % 211 == 210 ? "warn" : i % 3 == 0 ? "debug" : "info", $"order {i}: {i * 7 % 113} lines checked in {i * 13 % 97} ms"))];
        var result = await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = runs }, atomic: true, default);
        Assert.Empty(result.Rejected);
        await SeedParts.FillAsync(hub, caller);
        await SeedSteps.FillAsync(hub, caller);
    }

    static RunWrite CompletedRun(DateTimeOffset now) => new()
    {
        Id = Completed, Type = "precrafter", WorkflowName = "lead_scoring", WorkflowVersion = "2.3", Environment = "prod", Status = RunStatus.Completed,
        StartedAt = now.AddMinutes(-2), CompletedAt = now.AddMinutes(-2).AddMilliseconds(4200), DurationMs = 4200, Actor = "system", Owner = "ana.ruiz@acme.example", Trigger = "api",
        LeadId = "lead_4711", BusinessEventId = "crm:deal#98421", BatchId = null, Tags = ["leads", "prod", "emea", "priority"], CostUsd = 0.0123m, TraceId = "trc-8cbd41",
        InputsSummary = JsonPayload.Parse("""{"lead":{"company":"Osprey Logistics","employees":420,"country":"ES"},"source":"web form"}"""),
        OutputsSummary = JsonPayload.Parse("""{"score":85,"segment":"Enterprise","next":"call within a day"}"""),
        Annotations =
        [
            new("ops@acme.example", "Valid totals, checked by hand.", now.AddMinutes(-1)),
            new("tom.berg@acme.example", "Enterprise begins at 250 employees since May: https://wiki.example.com/segments\nSecond line.", now.AddSeconds(-50)) { StepId = "step_node_1", Anchor = JsonPayload.Parse("""{"payload":"output","quote":"Enterprise"}""") },
            new("lena@acme.example", "This was in the output until yesterday.", now.AddSeconds(-40)) { StepId = "step_lookup", Anchor = JsonPayload.Parse("""{"payload":"output","quote":"cmp_00000"}""") },
        ],
        FirstPassSuccess = true, Accuracy = 0.97, ThroughputDelta = 2.3, CustomerExperienceIndex = 8.4, TimeToFeature = 5_400_000, ExperienceNotes = "The customer had an answer within the hour.\nNo second call was needed.",
        Steps =
        [
            Model("node_1", "Lead Analyzer", now.AddMinutes(-2), 1800, "You are a lead analyst. Judge how well a company fits and say why, in one sentence.", "Analyze this lead: {{lead}}", """{"score":85,"segment":"Enterprise","reasons":["420 employees","logistics","asked for a demo"],"confidence":0.93,"reviewed":false,"rival":null}"""),
            new StepWrite
            {
                Id = "step_lookup", NodeId = "node_2", Name = "crm_lookup", Label = "CRM lookup", Type = StepType.Tool, Status = RunStatus.Completed, StartedAt = now.AddMinutes(-2).AddSeconds(1.8), DurationMs = 640, Retries = 1,
                Tool = "crm.search", Endpoint = "https://crm.example.com/api/v2/companies", Parameters = JsonPayload.Parse("""{"limit":5,"fuzzy":true}"""),
                Input = JsonPayload.Parse("""{"company":"Osprey Logistics"}"""), Output = JsonPayload.Parse("""{"found":1,"id":"cmp_88121","owner":"j.peters"}"""),
            },
            Model("node_3", "Outreach writer", now.AddMinutes(-2).AddSeconds(2.5), 1700, "Escribe un correo breve y concreto. Nada de promesas.", "Redacta un correo para {{lead}} con el motivo {{reason}}.", "\"Hola Marta:\\n\\nVi que en Osprey estáis ampliando el almacén de Zaragoza. Otros operadores de vuestro tamaño tardan hoy la mitad en preparar la facturación mensual.\\n\\n¿Te va bien una llamada de 15 minutos el jueves?\\n\\nUn saludo,\\nAna\""),
        ],
    };

    static RunWrite FailedRun(DateTimeOffset now) => new()
    {
        Id = Failed, Type = "crafter", WorkflowName = "invoice_extraction", WorkflowVersion = "1.8.3", Environment = "prod", Status = RunStatus.Failed,
        StartedAt = now.AddMinutes(-17), CompletedAt = now.AddMinutes(-17).AddSeconds(83), Actor = "system", Owner = "ops", Trigger = "schedule", Tags = ["invoice", "nightly"],
        BusinessEventId = "erp:invoice#98421", ErrorCode = "OCR_TIMEOUT", ErrorClass = "external_api", ErrorStepId = "node_2",
        ErrorMessage = "The OCR service did not answer within 30 seconds (3 attempts): 504 Gateway Timeout from https://ocr.example.com/v1/pages",
        ErrorStack = "TimeoutError: 504 Gateway Timeout\n    at OcrClient.read (/app/src/ocr/client.ts:118:13)\n    at async readPages (/app/src/steps/extract.ts:44:19)\n    at async Runner.step (/app/node_modules/crafter/lib/runner.js:201:22)\n    at async Runner.run (/app/node_modules/crafter/lib/runner.js:87:9)",
        InputsSummary = JsonPayload.Parse("""{"file":"invoice_98421.pdf","pages":12}"""),
        Steps =
        [
            new StepWrite { Id = "step_fetch", NodeId = "node_1", Name = "fetch_pdf", Label = "Fetch PDF", Type = StepType.Io, Status = RunStatus.Completed, StartedAt = now.AddMinutes(-17), DurationMs = 940, Endpoint = "s3://inbox/invoice_98421.pdf", Output = JsonPayload.Parse("""{"bytes":482113,"pages":12}""") },
            new StepWrite
            {
                Id = "step_ocr", NodeId = "node_2", Name = "ocr", Label = "Read pages", Type = StepType.Tool, Status = RunStatus.Failed, StartedAt = now.AddMinutes(-17).AddSeconds(1), DurationMs = 82_000, Retries = 2, Tool = "ocr.read",
                Endpoint = "https://ocr.example.com/v1/pages", Input = JsonPayload.Parse("""{"pages":[1,2,3,4,5,6,7,8,9,10,11,12],"language":"de"}"""), ErrorCode = "OCR_TIMEOUT", ErrorClass = "external_api", ErrorMessage = "504 Gateway Timeout",
                ErrorStack = "TimeoutError: 504 Gateway Timeout\n    at OcrClient.read (/app/src/ocr/client.ts:118:13)", ValidationPassed = false, ValidationScore = 0.12, ValidationReasons = JsonPayload.Parse("""["no text on 9 of 12 pages","total is missing"]"""),
            },
        ],
    };

    static RunWrite GoodRun(DateTimeOffset now) => new()
    {
        Id = LastGood, Type = "crafter", WorkflowName = "invoice_extraction", WorkflowVersion = "1.8.2", Environment = "prod", Status = RunStatus.Completed,
        StartedAt = now.AddMinutes(-18), CompletedAt = now.AddMinutes(-18).AddSeconds(9), DurationMs = 9000, Actor = "system", Owner = "ops", Trigger = "schedule", Tags = ["invoice", "nightly"],
        BusinessEventId = "erp:invoice#98420", InputsSummary = JsonPayload.Parse("""{"file":"invoice_98420.pdf","pages":3}"""), OutputsSummary = JsonPayload.Parse("""{"total":1732.55,"currency":"EUR"}"""),
        Steps =
        [
            new StepWrite { Id = "step_fetch", NodeId = "node_1", Name = "fetch_pdf", Label = "Fetch PDF", Type = StepType.Io, Status = RunStatus.Completed, StartedAt = now.AddMinutes(-18), DurationMs = 780, Endpoint = "s3://inbox/invoice_98420.pdf", Output = JsonPayload.Parse("""{"bytes":482113,"pages":12}""") },
            new StepWrite { Id = "step_ocr", NodeId = "node_2", Name = "ocr", Label = "Read pages", Type = StepType.Tool, Status = RunStatus.Completed, StartedAt = now.AddMinutes(-18).AddSeconds(1), DurationMs = 6100, Tool = "ocr.read", Endpoint = "https://ocr.example.com/v1/pages", Input = JsonPayload.Parse("""{"pages":[1,2,3],"language":"de"}"""), Output = JsonPayload.Parse("""{"text":"Rechnung 98420","confidence":0.98}""") },
            new StepWrite { Id = "step_sum", NodeId = "node_3", Name = "check_totals", Label = "Check totals", Type = StepType.Decision, Status = RunStatus.Completed, StartedAt = now.AddMinutes(-18).AddSeconds(8), DurationMs = 40, ValidationPassed = true },
        ],
    };

    static LogWrite Line(DateTimeOffset at, string level, string text) => new() { At = at, Level = level, Text = text };

    static List<LogWrite> Lines(RunWrite run, DateTimeOffset now)
    {
        var at = run.StartedAt ?? now;
        var step = run.Steps![^1].Id;
        return
        [
            Line(at, "debug", "Configuration read from /etc/agent.toml"),
            Line(at.AddMilliseconds(120), "info", "Started; 3 workers") with { State = "running" },
            Line(at.AddMilliseconds(480), "info", "GET https://crm.example.com/api/v2/companies?q=Osprey+Logistics answered 200 after 212 ms") with { StepId = run.Steps[0].Id, Attributes = JsonPayload.Parse("""{"http":{"status":200,"bytes":8112},"attempt":1}""") },
            Line(at.AddMilliseconds(912), "trace", "cache miss for key lead:4711:profile") with { StepId = step },
            Line(at.AddSeconds(1.4), "warn", "Rate limit is near: 8 of 10 calls in this second; the next ones wait") with { StepId = step },
            Line(at.AddSeconds(2.2), "error", "TimeoutError: 504 Gateway Timeout\n    at OcrClient.read (/app/src/ocr/client.ts:118:13)\n    at async readPages (/app/src/steps/extract.ts:44:19)\n    at async Runner.step (/app/node_modules/crafter/lib/runner.js:201:22)") with { StepId = step, State = "failed" },
            Line(at.AddSeconds(2.3), "info", "Palabras sin espacios: " + string.Concat(Enumerable.Repeat("supercalifragilistic", 30))),
            Line(at.AddSeconds(3.1), "fatal", "Gave up after 3 attempts"),
        ];
    }

    static RunWrite RunningRun(DateTimeOffset now) => new()
    {
        Id = Running, Type = "prompt", WorkflowName = "ticket_triage", WorkflowVersion = "4", Environment = "stage", Status = RunStatus.Running, StartedAt = now.AddSeconds(-12), Actor = "human", Progress = 40, Tags = ["support"],
        Steps = [Model("classify", "Classify", now.AddSeconds(-12), null, "Sort the ticket.", "My printer is on fire.", null)],
    };

    static RunWrite LongRun(DateTimeOffset now) => new()
    {
        Id = Long, Type = "agent", WorkflowName = "contract_review", WorkflowVersion = "0.9", Environment = "dev", Status = RunStatus.Completed, StartedAt = now.AddHours(-3), DurationMs = 312_000, Actor = "agent",
        Steps = [.. Enumerable.Range(1, 60).Select(i => Model("clause_" + i.ToString(CultureInfo.InvariantCulture), "Clause " + i.ToString(CultureInfo.InvariantCulture), now.AddHours(-3).AddSeconds(i * 5), 4800, "You are a careful lawyer.", "Review clause " + i.ToString(CultureInfo.InvariantCulture), """{"risk":"low"}"""))],
    };

    static RunWrite BigRun(DateTimeOffset now)
    {
        var lines = new StringBuilder("[");
        for (var i = 0; i < 6000; i++) lines.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$"""{"line":{{i}},"sku":"SKU-{{i * 7919 % 100000:00000}}","quantity":{{i % 12 + 1}},"price":{{i % 97}}.95}""");
        return new()
        {
            Id = Big, Type = "etl", WorkflowName = "nightly_orders", WorkflowVersion = "12", Environment = "prod", Status = RunStatus.Completed, StartedAt = now.AddHours(-6), DurationMs = 65_000, Tags = ["nightly"],
            Steps = [new StepWrite { Id = "load", NodeId = "load", Name = "load_orders", Type = StepType.Io, Status = RunStatus.Completed, StartedAt = now.AddHours(-6), DurationMs = 60_000, Endpoint = "postgres://warehouse/orders", Output = JsonPayload.Parse(lines.Append(']').ToString()) }],
        };
    }

    static RunWrite WordyRun(DateTimeOffset now) => new()
    {
        Id = Wordy, Type = "precrafter", WorkflowName = "customer_master_data_reconciliation_between_erp_and_crm_with_manual_review", WorkflowVersion = "2026.11.20-rc.3+build.4711", Environment = "pre-production-eu-west",
        Status = RunStatus.WaitingHuman, StartedAt = now.AddMinutes(-40), Hitl = "requested", Actor = "maria-de-los-angeles.fernandez-de-cordoba@subsidiary.example.com", Owner = "maria-de-los-angeles.fernandez-de-cordoba@subsidiary.example.com",
        Tags = ["a-rather-long-tag-that-somebody-found-useful", "region:south-america", "x", "reconciliation", "review"], BusinessEventId = "erp:master-data:reconciliation:2026-11-20#000000000000000098421",
        InputsSummary = JsonPayload.String("Reconcile " + string.Concat(Enumerable.Repeat("supercalifragilistic", 12)) + " without a place to break the line."),
    };

    static RunWrite Other(int i, DateTimeOffset now)
    {
        var status = (i % 11) switch { 3 => RunStatus.Failed, 5 when i < 30 => RunStatus.Running, 7 => RunStatus.Canceled, 8 when i < 20 => RunStatus.Queued, 9 when i < 60 => RunStatus.WaitingHuman, _ => RunStatus.Completed };
        var workflow = (i % 5) switch { 0 => ("precrafter", "lead_scoring", "2.3"), 1 => ("crafter", "invoice_extraction", "1.8.3"), 2 => ("prompt", "ticket_triage", "4"), 3 => ("agent", "contract_review", "0.9"), _ => ("etl", "nightly_orders", "12") };
        var at = now.AddMinutes(-3 - i * (i < 40 ? 7 : 130));
        return new RunWrite
        {
            Id = Ids.NewRun(at), Type = workflow.Item1, WorkflowName = workflow.Item2, WorkflowVersion = workflow.Item3, Environment = (i % 4) switch { 0 => "dev", 1 => "stage", _ => "prod" }, Status = status,
            CreatedAt = at, StartedAt = status == RunStatus.Queued ? null : at, DurationMs = status.IsFinal() ? 180 + i * 1327 % 190_000 : null, Actor = i % 3 == 0 ? "human" : "system", Owner = i % 4 == 0 ? "ops@acme.example" : null,
            Hitl = status == RunStatus.WaitingHuman ? "requested" : i % 13 == 0 ? "approved" : null, Tags = i % 2 == 0 ? [workflow.Item1, "batch-" + (i / 10).ToString(CultureInfo.InvariantCulture), "eu"] : i % 3 == 0 ? [] : ["nightly"],
            ErrorMessage = status == RunStatus.Failed ? (i % 2 == 0 ? "Validation failed: total does not match the sum of the lines" : "429 Too Many Requests") : null, ErrorClass = status == RunStatus.Failed ? (i % 2 == 0 ? "validation_failed" : "transient") : null,
        };
    }

    static StepWrite Model(string node, string label, DateTimeOffset at, long? duration, string system, string user, string? output) => new()
    {
        Id = "step_" + node, NodeId = node, Name = node, Label = label, Type = StepType.Model, Status = output is null ? RunStatus.Running : RunStatus.Completed, StartedAt = at, DurationMs = duration, Model = "gpt-4o-mini", Parameters = JsonPayload.Parse("""{"temperature":0.7,"max_tokens":800}"""),
        Tokens = output is null ? null : 1562, TokensIn = output is null ? null : 1310, TokensOut = output is null ? null : 252, CostUsd = output is null ? null : 0.0041m,
        Input = new JsonPayload(Encoding.UTF8.GetBytes(System.Text.Json.JsonSerializer.Serialize(new { systemPrompt = system, userPrompt = user }))), Output = output is null ? null : JsonPayload.Parse(output), ValidationPassed = output is null ? null : true, ValidationScore = output is null ? null : 0.96,
    };
}
