using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using RunHub;
using RunHub.Plugins;

namespace Good;

/// <summary>Does everything right: a workflow type of its own format, settings of every kind, a layout.</summary>
public sealed class GoodPlugin : IPlugin
{
    public void Register(IPluginBuilder builder)
    {
        builder.AddAdapter<InvoiceAdapter, InvoiceSettings>("invoice");
        builder.AddAdapter<PlainAdapter>("plain");
    }
}

public enum Currency { Usd, Eur }

public sealed class InvoiceSettings
{
    [DisplayName("Workflow"), Description("Name of the workflow."), Required, StringLength(40)]
    public string Workflow { get; set; } = "Invoices";

    [Range(1, 99)]
    public int MaxLines { get; set; } = 50;

    [Range(0.0, 1.0)]
    public double Accuracy { get; set; } = 0.5;

    public Currency Currency { get; set; } = Currency.Eur;

    public bool KeepTotals { get; set; } = true;

    public Uri? Site { get; set; }

    [DataType(DataType.MultilineText)]
    public string? Notes { get; set; }
}

/// <summary>Reads <c>{"number": "…", "lines": [1.5, …]}</c>.</summary>
public sealed class InvoiceAdapter(InvoiceSettings settings) : IMapPayloads, IPresentSteps
{
    public WorkflowTypeInfo Info => new("Invoices") { Icon = "file-invoice", LeadUrl = settings.Site is { } site ? new Uri(site, "leads/").AbsoluteUri + "{lead_id}" : null };

    public RunBatch Map(PayloadDocument document)
    {
        using var json = document.Json.ToDocument();
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("number", out var number)) throw new PayloadException("$.number", "An invoice has a number.");
        var lines = json.RootElement.GetProperty("lines").EnumerateArray().Select((line, i) => new StepWrite
        {
            Id = "line-" + i,
            Name = "Line " + i,
            Type = StepType.Tool,
            Tool = settings.Currency.ToString(),
            Status = RunStatus.Completed,
            Output = JsonPayload.From(line),
        }).Take(settings.MaxLines).ToList();
        return new RunBatch
        {
            Runs = [new RunWrite { Id = number.GetString(), WorkflowName = settings.Workflow, Status = RunStatus.Completed, InputsSummary = document.Json, Steps = lines }],
        };
    }

    public JsonPayload? MapBack(StoredRun run) => run.Run.InputsSummary;

    public StepPresentation? Present(StoredStep step) => new([], [new StepBlock("Amount", StepBlockKind.Text, step.Step.Output.ToString()!)]) { Badges = [new StepBadge("Currency", step.Step.Tool!)] };
}

/// <summary>A type that only has a name.</summary>
public sealed class PlainAdapter : IWorkflowAdapter
{
    public WorkflowTypeInfo Info => new("Plain");
}
