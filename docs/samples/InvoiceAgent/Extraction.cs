using RunHub.Client;

namespace InvoiceAgent;

/// <summary>The workflow: read, ask a model, check, book.</summary>
static class Extraction
{
    public static async Task<decimal> ExtractAsync(ReportedRun run, Invoice invoice)
    {
        var text = await run.RunAsync("read_file", async step =>
        {
            step.SetInput(new { invoice.File });
            await Task.Delay(5);
            step.SetOutput(new { characters = invoice.Text.Length });
            return invoice.Text;
        });

        var fields = await run.RunAsync("extract_fields", async step =>
        {
            // Steps nest: the model call stands beneath the step that needed it.
            var answer = await step.RunAsync("chat", async call =>
            {
                call.SetInput(new { prompt = "Extract the total.", text });
                await Task.Delay(10);
                call.SetTokens(input: 120 + text.Length / 4, output: 18);
                call.SetCost(0.000_21m);
                call.SetOutput(new { total = invoice.Total, currency = invoice.Currency });
                return invoice.Total;
            }, new StepStart { Kind = StepKind.Model, Model = "gpt-4o-mini", Parameters = new { temperature = 0 } });
            step.SetValidation(passed: answer is not null, score: answer is null ? 0 : 0.97);
            return answer;
        }, new StepStart { Kind = StepKind.Tool });

        if (fields is not { } total) throw new UnreadableInvoiceException($"No total was found in {invoice.File}.");
        await run.RunAsync("decide_approval", step =>
        {
            step.SetOutput(new { approval = total > 1000 ? "manager" : "none" });
            return Task.CompletedTask;
        }, new StepStart { Kind = StepKind.Decision });
        run.SetField("effectiveness.first_pass_success", true);
        run.SetOutput(new { total, invoice.Currency });
        return total;
    }
}

/// <summary>An invented invoice.</summary>
sealed record Invoice(string Number, string File, int Pages, string Text, decimal? Total, string Currency)
{
    public static IReadOnlyList<Invoice> Examples { get; } =
    [
        new("INV-1001", "inv_1001.pdf", 2, "Hosting, 12 months … Total 1,732.55 USD", 1732.55m, "USD"),
        new("INV-1002", "inv_1002.pdf", 1, "Coffee beans … Total 84.20 EUR", 84.20m, "EUR"),
        new("INV-1003", "inv_1003.pdf", 1, "(a blank page)", null, "EUR"),
    ];
}

/// <summary>Nothing could be read from an invoice.</summary>
sealed class UnreadableInvoiceException(string message) : Exception(message);
