using RunHub.Filter;
using RunHub.Model;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary>What is known about a run beside its text: two dozen short entries.</summary>
sealed class RunMeta(Shell shell, RunView view, HtmlBuffer html)
{
    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));
    readonly Format format = shell.Format;

    /// <summary>Writes them.</summary>
    /// <param name="attributes">More attributes of the element they stand in.</param>
    public void Write(ReadOnlySpan<byte> attributes)
    {
        var run = view.Run;
        html.Raw("<aside class=\"run-meta\" id=\"run-meta\""u8);
        html.Raw(attributes);
        html.Raw(" aria-label=\""u8);
        html.Text(texts["AboutRun"]);
        html.Raw("\"><dl>\n"u8);
        if (run.StartedAt is { } started) Time("Started", started);
        else Entry("Started", texts["NotStarted"], "<span class=\"muted\">"u8, "</span>"u8);
        Duration(run);
        if (run.CompletedAt is { } ended) Time("Ended", ended);
        if (run.StartedAt is null) Time("Created", run.CreatedAt);
        Link("WorkflowType", "type", run.Type, view.TypeName);
        Link("Workflow", "workflow", run.WorkflowName);
        Trigger(run);
        Entry("Field_actor", run.Actor);
        Link("Owner", "owner", run.Owner);
        if (run.Hitl is { } hitl) Entry("Hitl", hitl is "requested" or "approved" or "rejected" ? texts["Hitl_" + hitl] : hitl);
        Number("Tokens", format.Number(run.Tokens));
        if (run.ComputeMs is { } compute) Number("Compute", format.Duration(compute));
        Number("Cost", format.Cost(run.CostNano));
        // Small ones stand on the page whole.
        if (run.Inputs is { Length: > 16 * 1024 } inputs) Number("SizeIn", format.Size(inputs.Length));
        if (run.Outputs is { Length: > 16 * 1024 } outputs) Number("SizeOut", format.Size(outputs.Length));
        BusinessEvent(run);
        Lead(run);
        Link("Field_batch", "batch", run.BatchId);
        Link("Field_thread", "thread", run.ThreadId);
        Link("Field_agent", "agent", run.AgentId);
        if (run.TraceId is { } trace)
        {
            Begin("Field_trace");
            Anchor("trace", trace);
            html.Raw("<code>"u8);
            html.Text(trace);
            html.Raw("</code></a></dd></div>\n"u8);
        }

        Tags();
        html.Raw("</dl>\n"u8);
        if (view.Lineage is { } lineage) new Lineage.LineageHtml(shell, lineage, html).Write();
        html.Raw("</aside>\n"u8);
    }

    void Duration(RunRow run)
    {
        if (run is { Status: RunStatus.Running, StartedAt: { } since })
        {
            Begin("Duration", "<dd class=\"num\"><span data-since=\""u8);
            html.Number(since / 1000);
            html.Raw("\">"u8);
            html.Raw(format.Duration(Math.Max(0, (shell.Now - since) / 1000)));
            html.Raw("</span></dd></div>\n"u8);
        }
        else Number("Duration", format.Duration(run.DurationMs));
    }

    void Trigger(RunRow run)
    {
        if (run.Trigger is not { } trigger) return;
        Begin("Field_trigger");
        html.Text(trigger is "manual" or "schedule" or "api" ? texts["Value_" + trigger] : trigger);
        if (run.StartedBy is { } by)
        {
            html.Raw("<span class=\"muted\"> "u8);
            html.Text(texts["By"]);
            html.Raw((byte)' ');
            html.Text(by);
            html.Raw("</span>"u8);
        }

        html.Raw("</dd></div>\n"u8);
    }

    // Where it is at home, and beside it the runs that served it.
    void BusinessEvent(RunRow run)
    {
        if (run.BusinessEventId is not { } id || view.EventUrl is not { } url)
        {
            Link("Field_business_event", "business_event", run.BusinessEventId);
            return;
        }

        Begin("Field_business_event");
        html.Raw("<a id=\"event-link\" href=\""u8);
        html.Text(url);
        html.Raw("\" rel=\"noopener noreferrer\">"u8);
        html.Text(id);
        html.Raw(shell.Icon("external-link").Value);
        html.Raw("</a> "u8);
        Anchor("business_event", id);
        html.Text(texts["EventRuns"]);
        html.Raw("</a></dd></div>\n"u8);
    }

    void Lead(RunRow run)
    {
        if (run.LeadId is not { } lead) return;
        Begin("Field_lead");
        html.Raw("<a href=\""u8);
        html.Text(view.LeadUrl);
        html.Raw("\">"u8);
        html.Text(lead);
        if (!view.LeadUrl!.StartsWith('/')) html.Raw(shell.Icon("external-link").Value);
        html.Raw("</a></dd></div>\n"u8);
    }

    void Tags()
    {
        if (view.Tags.Length == 0) return;
        html.Raw("<div class=\"run-tags\"><dt>"u8);
        html.Text(texts["Tags"]);
        html.Raw("</dt><dd>"u8);
        foreach (var tag in view.Tags)
        {
            html.Raw("<a class=\"badge\" href=\"/runs?tag="u8);
            html.Text(Uri.EscapeDataString(FilterValue.Escape(tag)));
            html.Raw("\">"u8);
            html.Text(tag);
            html.Raw("</a>"u8);
        }

        html.Raw("</dd></div>\n"u8);
    }

    void Time(string label, long at)
    {
        Begin(label, "<dd><time datetime=\""u8);
        html.Raw(Times.ToIso(at));
        html.Raw("\" data-exact>"u8);
        html.Text(format.DateTime(at));
        html.Raw("</time></dd></div>\n"u8);
    }

    void Number(string label, string value)
    {
        Begin(label, "<dd class=\"num\">"u8);
        html.Text(value);
        html.Raw("</dd></div>\n"u8);
    }

    void Entry(string label, string? value, ReadOnlySpan<byte> before = default, ReadOnlySpan<byte> after = default)
    {
        if (value is null) return;
        Begin(label);
        html.Raw(before);
        html.Text(value);
        html.Raw(after);
        html.Raw("</dd></div>\n"u8);
    }

    void Link(string label, string field, string? value, string? text = null)
    {
        if (value is null) return;
        Begin(label);
        Anchor(field, value);
        html.Text(text ?? value);
        html.Raw("</a></dd></div>\n"u8);
    }

    // The list of runs that have the same.
    void Anchor(string field, string value)
    {
        html.Raw("<a href=\"/runs?"u8);
        html.Raw(field);
        html.Raw((byte)'=');
        html.Text(Uri.EscapeDataString(FilterValue.Escape(value)));
        html.Raw("\">"u8);
    }

    void Begin(string label) => Begin(label, "<dd>"u8);

    void Begin(string label, ReadOnlySpan<byte> value)
    {
        html.Raw("<div><dt>"u8);
        html.Text(texts[label]);
        html.Raw("</dt>"u8);
        html.Raw(value);
    }
}
