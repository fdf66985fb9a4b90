using System.Globalization;
using System.Text;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.Runs.Views;
using RunHub.Store.Attachments;
using RunHub.Store.Checkpoints;

namespace RunHub.BrowserTests;

/// <summary>What hangs on the runs of <see cref="Seed"/>: files, checkpoints, relations, a batch.</summary>
static class SeedParts
{
    static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    public static async Task FillAsync(TestHub hub, Caller caller)
    {
        await RelationsAsync(hub, caller);
        var store = hub.Get<AttachmentStore>();
        foreach (var (name, bytes, step) in new (string, byte[], string?)[]
        {
            ("lead-report-osprey-logistics.pdf", Encoding.UTF8.GetBytes("%PDF-1.7 " + new string('x', 184_000)), null), ("screen.png", Png, "step_lookup"),
            ("prompt and answer, as they were sent to the model on the second attempt (redacted).txt", Encoding.UTF8.GetBytes("Words."), "step_node_1"), ("companies.parquet", Encoding.UTF8.GetBytes("PAR1" + new string('\u0001', 2_400_000)), "step_lookup"), ("mail.html", "<!doctype html><p>Hola Marta"u8.ToArray(), null),
        })
            await store.AddAsync(caller, Seed.Completed, [await store.TakeAsync(caller, step, name, new MemoryStream(bytes), default)], default);
        await CheckpointsAsync(hub, caller);
        var views = hub.Get<SavedViews>();
        await views.CreateAsync(caller, new ViewChange("Failed in production", "status=failed&env=prod", Shared: true, Pinned: true), default);
        await views.CreateAsync(caller, new ViewChange("Invoices of the last month that took longer than two minutes, slowest first", "workflow=invoice*&duration=>2m&from=30d&sort=-duration", Shared: true, Pinned: true), default);
    }

    static async Task RelationsAsync(TestHub hub, Caller caller)
    {
        var at = hub.Get<TimeProvider>().GetUtcNow().AddDays(-12);
        var ingest = hub.Get<IngestRuns>();
        var runs = new List<RunWrite>
        {
            new() { Id = Seed.SecondAttempt, Type = "crafter", WorkflowName = "invoice_extraction", Environment = "prod", Status = RunStatus.Completed, BusinessEventId = "erp:invoice#98421", StartedAt = at, DurationMs = 41_000 },
            new() { Id = "erp-sent-again", Type = "crafter", WorkflowName = "invoice_extraction", Environment = "prod", BusinessEventId = "erp:invoice#98421" },
        };
        for (var i = 0; i < 7; i++) runs.Add(new() { Id = "run_child_" + i.ToString(CultureInfo.InvariantCulture), Type = "crafter", WorkflowName = "invoice_pages", Environment = "prod", Status = i == 2 ? RunStatus.Failed : RunStatus.Completed, ParentRunId = Seed.Failed, StartedAt = at.AddSeconds(i), DurationMs = 4000 });
        for (var i = 0; i < 6; i++) runs.Add(new() { Id = "run_backfill_" + i.ToString(CultureInfo.InvariantCulture), Type = "etl", WorkflowName = "nightly_orders", Environment = "prod", Status = RunStatus.Completed, BatchId = "orders-2024", StartedAt = at.AddHours(i), DurationMs = 61_000 });
        Assert.Empty((await ingest.HandleAsync(caller, new RunBatch { Runs = runs }, atomic: true, default)).Rejected);
    }

    static async Task CheckpointsAsync(TestHub hub, Caller caller)
    {
        static string Id(int n) => string.Create(CultureInfo.InvariantCulture, $"1f0b2c3d-4e5f-6{n:000}-8{n:000}-0242ac12{n:0000}");
        static CheckpointValue Json(string text) => new("json", Encoding.UTF8.GetBytes(text));
        var at = hub.Get<TimeProvider>().GetUtcNow().AddMinutes(-2).ToMicros();
        var chain = Enumerable.Range(0, 4).Select(n => new Checkpoint("", Id(n * 10), n == 0 ? null : Id(n * 10 - 10), Json($$"""{"v":4,"channel_values":{"lead":{"company":"Osprey Logistics","score":{{n * 28}}},"messages":["Analyze this lead","Score {{n * 28}}"],"draft":{{(n == 3 ? "\"Hola Marta\"" : "null")}} },"channel_versions":{"lead":{{n + 1}},"messages":{{n + 1}} } }"""),
            Encoding.UTF8.GetBytes($$"""{"source":"{{(n == 0 ? "input" : "loop")}}","step":{{n - 1}},"parents":{} }"""), n == 0 ? "input" : "loop", n - 1, at + n * 900_000)).ToList();
        chain.Add(new Checkpoint("writer:7c1e", Id(25), null, new CheckpointValue("msgpack", new byte[18_400]), "{}"u8.ToArray(), "loop", 0, at + 2_300_000));
        chain[3] = chain[3] with
        {
            Writes =
            [
                new CheckpointWrite("7c1e0d9a-0001", "", CheckpointWrite.IdxOf("__interrupt__", 0), "__interrupt__", Json("\"Send this offer to Osprey Logistics?\"")),
                new CheckpointWrite("7c1e0d9a-0001", "", 1, "draft", Json("""{"subject":"Facturación","words":84}""")),
                new CheckpointWrite("7c1e0d9a-0002", "", CheckpointWrite.IdxOf("__error__", 0), "__error__", Json("\"429 Too Many Requests\"")),
            ],
        };
        await hub.Get<CheckpointStore>().PutAsync(caller, Seed.Completed, chain, default);
    }
}
