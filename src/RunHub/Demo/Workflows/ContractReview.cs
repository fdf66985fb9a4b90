using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace RunHub.Demo.Workflows;

/// <summary>An agent that reads a contract clause by clause, writes a long report and asks a person before it is sent.</summary>
static class ContractReview
{
    static readonly string[] Parties = ["Osprey Logistics", "Velvet Anchor Media", "Northlake Facilities", "Quillworks Paper", "Redcap Catering", "Copperline Networks"];

    static readonly (string Clause, string Risk, string Finding, string Advice)[] Clauses =
    [
        ("Limitation of liability", "high", "Liability is capped at one month's fee and the cap also covers gross negligence and breach of confidentiality.", "Ask for twelve months' fees and take gross negligence, data protection and confidentiality out of the cap."),
        ("Term and renewal", "medium", "The contract renews by twelve months unless notice is given ninety days before the end; there is no reminder.", "Reduce the notice period to thirty days, or agree on a renewal by mutual consent."),
        ("Price adjustment", "medium", "The supplier may raise prices once a year \"in line with market conditions\" without naming an index.", "Name a published index and a ceiling of four percent a year."),
        ("Data protection", "high", "Personal data may be processed by sub-processors in any country, with information after the fact.", "Require a list of sub-processors, prior notice of thirty days and a right to object."),
        ("Termination for convenience", "low", "Only the supplier may terminate for convenience.", "Make the right mutual."),
        ("Intellectual property", "medium", "Results belong to the supplier until full payment of all invoices, disputed ones included.", "Transfer rights on delivery, against payment of undisputed amounts."),
        ("Governing law", "low", "The law of the supplier's seat applies; the courts of its seat decide.", "Acceptable where the value is low; otherwise propose the law of our seat."),
        ("Service levels", "medium", "Availability of 99% is measured per year, which allows more than three days of outage.", "Measure by month and agree on service credits."),
    ];

    public static RunScript Write(Scene scene)
    {
        var draw = scene.Draw;
        var (party, number) = (draw.Pick(Parties), draw.Between(100, 999));
        var clauses = draw.Some(Clauses, draw.Between(4, Clauses.Length));
        var high = clauses.Count(c => c.Risk == "high");
        var report = Report(party, clauses);
        var run = new RunScript
        {
            Id = draw.Id("run_", scene.At), Tenant = scene.Cast.Tenant.Id, Type = "agent", Workflow = "contract_review", Version = scene.Version, CreatedAt = scene.At,
            Queued = TimeSpan.FromMilliseconds(draw.Millis(400)), Trigger = "manual", StartedBy = draw.Pick(scene.Cast.Tenant.Operators), Actor = "human", Agent = "contract-reviewer",
            Thread = $"deal-{number}", BusinessEvent = "crm:deal#" + number.ToString(CultureInfo.InvariantCulture), Owner = draw.Pick(scene.Cast.Tenant.Operators),
            Inputs = new JsonObject { ["document"] = $"{party.Replace(' ', '_')}_services_agreement.docx", ["counterparty"] = party, ["pages"] = draw.Between(9, 42) },
            Outputs = new JsonObject { ["risk"] = high > 0 ? "high" : "medium", ["clauses"] = clauses.Count, ["report_markdown"] = report }, Accuracy = Math.Round(draw.Between(0.82, 0.99), 2),
            WaitsAfter = clauses.Count + 3,
        };
        run.Tags.AddRange(["legal", "agent"]);
        if (high > 1) run.Tags.Add("high-risk");
        run.Steps.Add(new("plan", StepType.Decision, draw.Millis(900)) { Label = "Plan", Input = new JsonObject { ["goal"] = "Review the agreement against the playbook and report the risks." }, Output = new JsonObject { ["plan"] = new JsonArray([.. clauses.Select(c => (JsonNode)("Review: " + c.Clause)), "Write the report", "Ask for approval"]) } });
        run.Steps.Add(new("retrieve_clauses", StepType.Tool, draw.Millis(1400)) { Label = "Find clauses", Tool = "document.search", Input = new JsonObject { ["headings"] = new JsonArray([.. clauses.Select(c => (JsonNode)c.Clause)]) }, Output = new JsonObject { ["found"] = clauses.Count, ["missing"] = new JsonArray() } });
        foreach (var clause in clauses)
        {
            run.Steps.Add(new("review_clause", StepType.Model, draw.Millis(4200, 0.5))
            {
                Label = clause.Clause, Model = "mistral-large", Parameters = new JsonObject { ["temperature"] = 0.2, ["max_tokens"] = 2000 }, TokensIn = draw.Between(2200, 5200), TokensOut = draw.Between(160, 420),
                Input = new JsonObject { ["systemPrompt"] = "You are a careful commercial lawyer. Compare the clause with our playbook; quote nothing longer than a sentence.", ["userPrompt"] = $"Clause: {clause.Clause}\n\n{{{{clause_text}}}}\n\nPlaybook:\n{{{{playbook}}}}", ["model"] = "mistral-large", ["temperature"] = 0.2 },
                Output = new JsonObject { ["risk"] = clause.Risk, ["finding"] = clause.Finding, ["advice"] = clause.Advice }, Score = Math.Round(draw.Between(0.78, 0.99), 2),
            });
        }

        run.Steps.Add(new("write_report", StepType.Model, draw.Millis(11_000)) { Label = "Write report", Model = "mistral-large", Parameters = new JsonObject { ["temperature"] = 0.3 }, TokensIn = draw.Between(6000, 9500), TokensOut = draw.Between(1400, 2600), Input = new JsonObject { ["userPrompt"] = "Write the report for the deal team from {{findings}}." }, Output = report });
        run.Steps.Add(new("send_report", StepType.Io, draw.Millis(350)) { Label = "Send report", Tool = "mail", Endpoint = "smtp://mail.acme.example", Input = new JsonObject { ["to"] = "deal-desk@acme.example" }, Output = new JsonObject { ["sent"] = true } });
        return run;
    }

    static string Report(string party, List<(string Clause, string Risk, string Finding, string Advice)> clauses)
    {
        var text = new StringBuilder($"# Review of the services agreement with {party}\n\n## In short\n\n{clauses.Count} clauses were compared with the playbook; {clauses.Count(c => c.Risk == "high")} need a change before signature.\n\n");
        foreach (var clause in clauses.OrderBy(c => c.Risk switch { "high" => 0, "medium" => 1, _ => 2 }))
        {
            text.Append(CultureInfo.InvariantCulture, $"## {clause.Clause} ({clause.Risk})\n\n**What it says.** {clause.Finding}\n\n**What to ask for.** {clause.Advice}\n\n");
            text.Append("**Why it matters.** The playbook names this clause among those that were litigated most often in the last five years; in three of the comparable agreements on file the other side accepted the proposed wording without further discussion.\n\n");
        }

        return text.Append("## Next steps\n\n1. Send the marked-up version to the counterparty.\n2. Agree on a call within a week.\n3. Sign once the items above are closed, or have them accepted in writing by the owner of the budget.\n").ToString();
    }
}
