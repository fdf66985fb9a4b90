using System.Globalization;
using System.Text.Json.Nodes;

namespace RunHub.Demo.Workflows;

/// <summary>Reads a vendor's invoice, checks it and books it; a person looks at doubtful ones.</summary>
static class InvoiceExtraction
{
    static readonly (string Name, string Place)[] Vendors =
    [
        ("Blue Kiln Ceramics", "Leeds"), ("Harbor & Finch Ltd", "Bristol"), ("Osprey Logistics", "Rotterdam"), ("Quillworks Paper", "Cork"),
        ("Northlake Facilities", "Malmö"), ("Redcap Catering", "London"), ("Talleres Aranda S.L.", "Zaragoza"), ("Velvet Anchor Media", "Dublin"),
    ];

    static readonly string[] Goods = ["Stoneware mug, 350 ml", "Pallet transport", "Cleaning, monthly", "Copy paper A4, 80 g", "Forklift inspection", "Lunch buffet, 40 people", "Banner design", "Waste disposal", "Shelf unit, oak", "Courier, express"];

    public static RunScript Write(Scene scene)
    {
        var draw = scene.Draw;
        var vendor = draw.Pick(Vendors);
        var number = draw.Between(41_000, 99_999);
        var lines = new JsonArray();
        var total = 0m;
        foreach (var item in draw.Some(Goods, draw.Between(1, 6)))
        {
            var (quantity, price) = (draw.Between(1, 40), decimal.Round((decimal)draw.Between(2.5, 180), 2));
            total += quantity * price;
            lines.Add(new JsonObject { ["description"] = item, ["quantity"] = quantity, ["unit_price"] = price, ["amount"] = quantity * price });
        }

        var currency = draw.Pick(["USD", "EUR", "EUR", "GBP"]);
        var (pages, confidence) = (draw.Between(1, 5), Math.Round(1 - Math.Abs(draw.Normal()) * 0.06, 3));
        var doubtful = confidence < 0.89;
        var file = $"invoice_{number}.pdf";
        var due = scene.At.AddDays(draw.Pick([14, 30, 30, 45])).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var fields = new JsonObject
        {
            ["vendor"] = new JsonObject { ["name"] = vendor.Name, ["city"] = vendor.Place }, ["invoice_number"] = number.ToString(CultureInfo.InvariantCulture),
            ["due_date"] = due, ["currency"] = currency, ["line_items"] = lines, ["total"] = total,
        };
        var run = new RunScript
        {
            Id = draw.Id("run_", scene.At), Tenant = scene.Cast.Tenant.Id, Type = "invoice", Workflow = "invoice_extraction", Version = scene.Version,
            CreatedAt = scene.At, Queued = TimeSpan.FromMilliseconds(draw.Millis(120, 0.8)), Environment = draw.Chance(0.93) ? "prod" : "stage",
            BusinessEvent = "erp:invoice#" + number.ToString(CultureInfo.InvariantCulture), StartedBy = "mailbox-import",
            Inputs = new JsonObject { ["file"] = file, ["pages"] = pages, ["from"] = "billing@" + vendor.Name.Split(' ')[0].ToLowerInvariant() + ".example" },
            Outputs = new JsonObject { ["total"] = total, ["currency"] = currency, ["line_items"] = lines.Count, ["due_date"] = due },
            Accuracy = confidence,
        };
        run.Tags.AddRange(["invoice", run.Environment]);
        if (total > 4000) run.Tags.Add("high-value");
        run.Steps.AddRange(
        [
            new("read_document", StepType.Io, draw.Millis(140 * pages)) { Label = "Read document", Tool = "pdf-text", Input = new JsonObject { ["file"] = file }, Output = new JsonObject { ["pages"] = pages, ["characters"] = pages * draw.Between(900, 2600) } },
            new("extract_fields", StepType.Model, draw.Millis(900 + 350 * pages))
            {
                Label = "Extract fields", Model = "gpt-4o-mini", Parameters = new JsonObject { ["temperature"] = 0, ["response_format"] = "json_schema" }, TokensIn = 700 * pages + draw.Between(300, 500), TokensOut = 90 + 60 * lines.Count,
                Input = new JsonObject { ["systemPrompt"] = "You read invoices. Answer with the fields of the schema and nothing else; leave out what the document does not say.", ["userPrompt"] = "Extract vendor, number, dates, currency, line items and total from:\n{{document}}", ["content_type"] = "pdf" },
                Output = fields, Score = confidence, ScoreReason = doubtful ? "The line items do not add up to the printed total." : null,
            },
            new("check_totals", StepType.Decision, draw.Millis(12)) { Label = "Check totals", Input = new JsonObject { ["printed"] = total, ["tolerance"] = 0.01 }, Output = new JsonObject { ["decision"] = doubtful ? "ask_person" : "book", ["confidence"] = confidence } },
            new("post_to_erp", StepType.Io, draw.Millis(310, 0.6)) { Label = "Post to ERP", Tool = "erp", Endpoint = "POST https://erp.acme.example/api/invoices", Input = new JsonObject { ["invoice_number"] = fields["invoice_number"]!.DeepClone(), ["total"] = total }, Output = new JsonObject { ["document_id"] = "FI-" + draw.Between(500_000, 599_999), ["posted"] = true } },
        ]);
        if (!doubtful) return run;
        run.WaitsAfter = 3;
        run.Tags.Add("needs-approval");
        return run;
    }
}
