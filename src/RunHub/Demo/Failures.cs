namespace RunHub.Demo;

/// <summary>How things go wrong here: codes, messages, and stacks of programs that do not exist.</summary>
static class Failures
{
    public static Failure RateLimited { get; } = new("model_rate_limited", "transient", "429 from the model provider: requests per minute exceeded, retry after 20 s (gave up after 3 retries)", """
        ModelError: 429 Too Many Requests
            at ModelClient.send (/app/packages/llm/client.ts:118:13)
            at async withRetries (/app/packages/llm/retry.ts:41:14)
            at async runNode (/app/packages/flow/node.ts:77:20)
            at async Flow.execute (/app/packages/flow/flow.ts:152:9)
        """);

    public static Failure ModelTimeout { get; } = new("model_timeout", "transient", "The model did not answer within 60000 ms", """
        TimeoutError: operation timed out after 60000 ms
            at Timeout._onTimeout (/app/packages/llm/client.ts:96:22)
            at listOnTimeout (node:internal/timers:581:17)
            at process.processTimers (node:internal/timers:519:7)
        """);

    public static Failure ErpDown { get; } = new("erp_unavailable", "external_api", "POST https://erp.acme.example/api/invoices answered 503: maintenance window", """
        System.Net.Http.HttpRequestException: Response status code does not indicate success: 503 (Service Unavailable).
           at Acme.Erp.ErpClient.PostInvoiceAsync(InvoiceDraft draft, CancellationToken ct) in /src/Erp/ErpClient.cs:line 84
           at Acme.Invoices.PostToErp.RunAsync(StepContext context) in /src/Invoices/PostToErp.cs:line 37
           at Acme.Flow.StepRunner.ExecuteAsync(IStep step, StepContext context) in /src/Flow/StepRunner.cs:line 61
        """);

    public static Failure SearchDown { get; } = new("kb_search_timeout", "external_api", "Knowledge base search did not answer within 5 s", """
        Traceback (most recent call last):
          File "/srv/triage/steps/search_kb.py", line 52, in run
            hits = await self.index.search(query, k=8)
          File "/srv/triage/kb/index.py", line 118, in search
            raise SearchTimeout(f"no answer from shard {shard.name} within {self.timeout}s")
        triage.kb.errors.SearchTimeout: no answer from shard kb-eu-2 within 5.0s
        """);

    public static Failure Schema { get; } = new("schema_changed", "validation_failed", "Column 'discount_pct' expected numeric, found text in 214 of 48,210 rows", """
        Traceback (most recent call last):
          File "/srv/etl/jobs/orders/transform.py", line 203, in cast_columns
            frame[name] = frame[name].astype(kind)
          File "/srv/etl/lib/frame.py", line 77, in astype
            raise CastError(column=self.name, kind=kind, bad=bad_rows)
        etl.lib.frame.CastError: column discount_pct: 214 values are not numeric (first: 'n/a' at row 1733)
        """);

    static readonly Failure BadJson = new("model_output_invalid", "validation_failed", "The model's answer is not the JSON it was asked for: unexpected end at position 1841", """
        SyntaxError: Unexpected end of JSON input
            at JSON.parse (<anonymous>)
            at parseOutput (/app/packages/flow/output.ts:23:18)
            at runNode (/app/packages/flow/node.ts:91:16)
            at async Flow.execute (/app/packages/flow/flow.ts:152:9)
        """);

    static readonly Failure Policy = new("policy_personal_data", "policy_denied", "The draft contains a personal identity number and may not leave the tenant", """
        PolicyDenied: rule no-identity-numbers matched 1 time in node output
            at Guard.check (/app/packages/policy/guard.ts:64:11)
            at runNode (/app/packages/flow/node.ts:98:13)
        """);

    static readonly Failure NullDate = new("null_reference", "bug", "Object reference not set to an instance of an object.", """
        System.NullReferenceException: Object reference not set to an instance of an object.
           at Acme.Invoices.DueDates.Infer(InvoiceFields fields) in /src/Invoices/DueDates.cs:line 29
           at Acme.Invoices.ExtractFields.Normalize(InvoiceFields fields) in /src/Invoices/ExtractFields.cs:line 112
           at Acme.Invoices.ExtractFields.RunAsync(StepContext context) in /src/Invoices/ExtractFields.cs:line 58
           at Acme.Flow.StepRunner.ExecuteAsync(IStep step, StepContext context) in /src/Flow/StepRunner.cs:line 61
        """);

    static readonly Failure Deadlock = new("warehouse_deadlock", "transient", "deadlock detected while merging into fact_orders", """
        Traceback (most recent call last):
          File "/srv/etl/jobs/orders/load.py", line 88, in merge
            cursor.execute(MERGE_SQL, batch)
          File "/srv/etl/lib/warehouse.py", line 141, in execute
            raise WarehouseError(code, detail)
        etl.lib.warehouse.WarehouseError: 40P01 deadlock detected: process 8812 waits for ShareLock on transaction 99120
        """);

    static readonly Failure Unreadable = new("document_unreadable", "validation_failed", "Page 1 has no text layer and the scan is below 120 dpi", """
        Acme.Documents.UnreadableDocumentException: Page 1 has no text layer and the scan is below 120 dpi.
           at Acme.Documents.PageReader.ReadAsync(Page page, CancellationToken ct) in /src/Documents/PageReader.cs:line 71
           at Acme.Invoices.ReadDocument.RunAsync(StepContext context) in /src/Invoices/ReadDocument.cs:line 44
        """);

    /// <summary>What goes wrong on an ordinary day.</summary>
    public static IReadOnlyList<Failure> Usual(RunScript run) => run.Workflow switch
    {
        "invoice_extraction" => [Unreadable, Unreadable, ErpDown, ModelTimeout, NullDate],
        "nightly_orders_etl" => [Schema, Deadlock, Deadlock],
        "ticket_triage" => [SearchDown, ModelTimeout, BadJson, RateLimited],
        "contract_review" => [ModelTimeout, BadJson, Policy],
        _ => [BadJson, BadJson, RateLimited, ModelTimeout, Policy],
    };

    /// <summary>What a bad version does.</summary>
    public static IReadOnlyList<Failure> Bugs(RunScript run) => run.Workflow == "invoice_extraction" ? [NullDate] : [BadJson];
}
