// Reads three invented invoices with an invented model and reports each as a run.
//   RUNHUB_URL=http://localhost:8080 RUNHUB_KEY=… dotnet run --project docs/samples/InvoiceAgent
using InvoiceAgent;
using RunHub.Client;

var url = Environment.GetEnvironmentVariable("RUNHUB_URL") ?? "http://localhost:8080";
if (Environment.GetEnvironmentVariable("RUNHUB_KEY") is not { Length: > 0 } key)
{
    await Console.Error.WriteLineAsync("Set RUNHUB_KEY to an API key with the scope ingest.");
    return 1;
}

await using var hub = new RunHubClient(new RunHubClientOptions
{
    Url = url,
    ApiKey = key,
    Environment = "dev",
    // What the hub cannot take now is sent at the next start.
    SpillFolder = Path.Combine(Path.GetTempPath(), "invoice-agent-runs"),
    OnRejected = refused => Console.Error.WriteLine($"refused {refused.RunId}: {refused.Path} {refused.Reason}"),
    OnUnreachable = reason => Console.Error.WriteLine(reason is null ? "the hub is back" : "the hub is away: " + reason),
});

foreach (var invoice in Invoice.Examples)
{
    try
    {
        var total = await hub.RunAsync("invoice_extraction", run => Extraction.ExtractAsync(run, invoice), new RunStart
        {
            Version = "1.8.3",
            BusinessEventId = "erp:" + invoice.Number,
            Trigger = RunTrigger.Api,
            Tags = ["invoice", "sample"],
            Input = new { invoice.Number, invoice.File, invoice.Pages },
        });
        Console.WriteLine($"{invoice.Number}: {total:0.00} {invoice.Currency}");
    }
    catch (UnreadableInvoiceException e)
    {
        // The run has failed with it already; the program goes on.
        Console.WriteLine($"{invoice.Number}: {e.Message}");
    }
}

// Not needed before disposing; here it makes sure that everything is there when the program says so.
await hub.FlushAsync();
Console.WriteLine($"reported {hub.Counters.Delivered + hub.Counters.Spilled} updates, see {url}/runs?tag=sample&env=dev");
return 0;
