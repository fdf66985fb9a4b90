using Microsoft.Extensions.Options;
using RunHub.Http;
using RunHub.Json;
using RunHub.Model;

namespace RunHub.Ingest;

/// <summary>
/// First of the filters: what every way in must keep to, whatever it already checked. Ids and names are refused when they
/// are not printable; free text is cleaned.
/// </summary>
sealed class ValidateRuns(TimeProvider time, IOptions<IngestOptions> options) : IRunBatchFilter
{
    static readonly DateTimeOffset Earliest = new(1970, 1, 2, 0, 0, 0, TimeSpan.Zero);

    public void Apply(IngestItem item)
    {
        var run = item.Run;
        if (run.TenantId is { } tenant && !string.Equals(tenant, item.Caller.Tenant.Id, StringComparison.Ordinal))
        {
            item.Reject(403, "$.tenant_id", $"This key or session writes to tenant {item.Caller.Tenant.Id}, the run names {tenant}.");
            return;
        }

        var latest = new LatestTime(options.Value.Latest(time.GetUtcNow()), options.Value);
        Id(item, "$.id", run.Id);
        Id(item, "$.parent_run_id", run.ParentRunId);
        Id(item, "$.root_run_id", run.RootRunId);
        Name(item, "$.workflow_name", run.WorkflowName, required: false);
        Name(item, "$.type", run.Type, max: 64);
        Name(item, "$.environment", run.Environment, max: 64);
        Name(item, "$.workflow_version", run.WorkflowVersion, max: 64);
        // Written out as it stands: what an adapter calls a number has to be one.
        if (run.WorkflowVersionIsNumber is true && !IsNumber(run.WorkflowVersion)) run.WorkflowVersionIsNumber = null;
        Name(item, "$.name", run.Name);
        Name(item, "$.actor", run.Actor);
        Name(item, "$.owner", run.Owner);
        Name(item, "$.started_by", run.StartedBy);
        Name(item, "$.business_event_id", run.BusinessEventId);
        Name(item, "$.lead_id", run.LeadId);
        Name(item, "$.batch_id", run.BatchId);
        Name(item, "$.thread_id", run.ThreadId);
        Name(item, "$.agent_id", run.AgentId);
        Name(item, "$.diagnostics.trace_id", run.TraceId);
        Name(item, "$.diagnostics.error_code", run.ErrorCode);
        Name(item, "$.error_step_id", run.ErrorStepId);
        Word(item, "$.hitl", run.Hitl, "requested", "approved", "rejected");
        Word(item, "$.trigger", run.Trigger, "manual", "schedule", "api");
        Word(item, "$.error_class", run.ErrorClass, [.. ErrorClasses.All]);
        Times(item, "$", run.CreatedAt, run.StartedAt, run.CompletedAt, latest);
        Count(item, "$.duration_ms", run.DurationMs, RunObject.MaxMs);
        Count(item, "$.attempt", run.Attempt, int.MaxValue, min: 1);
        Count(item, "$.diagnostics.resource_usage.tokens", run.Tokens, Limits.Count);
        Count(item, "$.diagnostics.resource_usage.compute_ms", run.ComputeMs, RunObject.MaxMs);
        Count(item, "$.time_to_feature", run.TimeToFeature, RunObject.MaxMs);
        Cost(item, "$.cost_usd", run.CostUsd);
        Number(item, "$.progress", run.Progress, 0, 100);
        Number(item, "$.effectiveness.accuracy", run.Accuracy);
        Number(item, "$.effectiveness.throughput_delta", run.ThroughputDelta);
        Number(item, "$.customer_experience_index", run.CustomerExperienceIndex);
        run.ErrorMessage = Clean(run.ErrorMessage);
        run.ErrorStack = Clean(run.ErrorStack);
        run.ExperienceNotes = Clean(run.ExperienceNotes);
        Tags(item, run);
        Annotations(item, run);
        if (run.Steps is { } steps)
            for (var i = 0; i < steps.Count && item.Rejection is null; i++) Step(item, steps[i], i, latest);
        if (run.Logs is { Count: > 0 } logs) run.Logs = ValidateLogs.Apply(item, logs, latest);
    }

    static void Step(IngestItem item, StepWrite step, int index, LatestTime latest)
    {
        // Paths are put together only when something is wrong.
        if (step.RunId is { } runId && item.Run.Id is { } id && !string.Equals(runId, id, StringComparison.Ordinal))
            item.Reject(400, $"$.steps[{index}].run_id", $"The step names run {runId}, but it is sent to {id}.");
        var wrong = WhatIsWrong(step);
        if (wrong is { } fault) item.Reject(400, $"$.steps[{index}].{fault.Field}", fault.Reason);
        if (step.ErrorClass is not null) Word(item, $"$.steps[{index}].error_class", step.ErrorClass, [.. ErrorClasses.All]);
        if (step.StartedAt is not null || step.CompletedAt is not null) Times(item, "$.steps[" + index + "]", null, step.StartedAt, step.CompletedAt, latest);
        step.ErrorMessage = Clean(step.ErrorMessage);
        step.ErrorStack = Clean(step.ErrorStack);
    }

    static (string Field, string Reason)? WhatIsWrong(StepWrite s)
    {
        if (s.Id is { } id && Ids.WhatIsWrong(id) is { } a) return ("id", a);
        if (s.ParentStepId is { } parent && Ids.WhatIsWrong(parent) is { } b) return ("parent_step_id", b);
        if (WhatIsWrong(s.Name) is { } c) return ("name", c);
        if (WhatIsWrong(s.NodeId) is { } d) return ("node_id", d);
        if (WhatIsWrong(s.Label) is { } e) return ("label", e);
        if (WhatIsWrong(s.Model) is { } f) return ("details.model", f);
        if (WhatIsWrong(s.Tool) is { } g) return ("details.tool", g);
        if (WhatIsWrong(s.Endpoint, 2048) is { } h) return ("details.endpoint", h);
        if (WhatIsWrong(s.SpanId) is { } i) return ("diagnostics.span_id", i);
        if (WhatIsWrong(s.ErrorCode) is { } j) return ("diagnostics.error_code", j);
        if (WhatIsWrong(s.DurationMs, RunObject.MaxMs) is { } k) return ("duration_ms", k);
        if (WhatIsWrong(s.Retries, int.MaxValue) is { } l) return ("retries", l);
        if (WhatIsWrong(s.Tokens, Limits.Count) is { } m) return ("diagnostics.resource_usage.tokens", m);
        if (WhatIsWrong(s.TokensIn, Limits.Count) is { } n) return ("tokens_in", n);
        if (WhatIsWrong(s.TokensOut, Limits.Count) is { } o) return ("tokens_out", o);
        if (WhatIsWrong(s.ComputeMs, RunObject.MaxMs) is { } p) return ("diagnostics.resource_usage.compute_ms", p);
        if (s.CostUsd is < 0 or > Limits.CostUsd) return ("cost_usd", CostReason);
        if (s.SubtreeUsage is { } whole && WhatIsWrong(whole) is { } q) return q;
        if (s.ValidationScore is { } score && !double.IsFinite(score)) return ("validation.score", "This must be a finite number.");
        return null;
    }

    static (string Field, string Reason)? WhatIsWrong(SubtreeUsage whole)
    {
        foreach (var count in new[] { whole.TokensIn, whole.TokensOut, whole.Tokens })
            if (WhatIsWrong(count, Limits.Count) is { } wrong) return ("subtree_usage", wrong);
        return whole.CostUsd is < 0 or > Limits.CostUsd ? ("subtree_usage", CostReason) : null;
    }

    static string? WhatIsWrong(long? figure, long max) =>
        figure < 0 ? "This cannot be negative." : figure > max ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"At most {max}.") : null;

    const string CostReason = "A cost is between 0 and 1,000,000,000 dollars.";

    static void Id(IngestItem item, string path, string? id)
    {
        if (id is not null && Ids.WhatIsWrong(id) is { } wrong) item.Reject(400, path, wrong);
    }

    static void Name(IngestItem item, string path, string? name, int max = Limits.Name, bool required = false)
    {
        if (required && string.IsNullOrEmpty(name)) item.Reject(400, path, "This is required.");
        if (WhatIsWrong(name, max) is { } wrong) item.Reject(400, path, wrong);
    }

    internal static string? WhatIsWrong(string? name, int max = Limits.Name)
    {
        if (name is null) return null;
        if (name.Length == 0) return "This cannot be empty; leave it out instead.";
        if (name.Length > max) return $"At most {max} characters, this has {name.Length}.";
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsControl(c)) return $"Printable characters only; character {i} is U+{(int)c:X4}.";
            if (char.IsSurrogate(c) && !(char.IsHighSurrogate(c) && i + 1 < name.Length && char.IsLowSurrogate(name[++i]))) return $"Character {i} is half of a surrogate pair.";
        }

        return null;
    }

    static void Word(IngestItem item, string path, string? word, params string[] words)
    {
        if (word is not null && Array.IndexOf(words, word) < 0) item.Reject(400, path, $"One of {string.Join(", ", words)}; this is \"{word}\".");
    }

    static void Times(IngestItem item, string path, DateTimeOffset? created, DateTimeOffset? started, DateTimeOffset? completed, LatestTime latest)
    {
        Time(item, path + ".created_at", created, latest);
        Time(item, path + ".started_at", started, latest);
        Time(item, path + ".completed_at", completed, latest);
        if (completed < started) item.Reject(400, path + ".completed_at", "It ended before it started.");
    }

    static void Time(IngestItem item, string path, DateTimeOffset? time, LatestTime latest)
    {
        if (time is null) return;
        if (time < Earliest) item.Reject(400, path, "A time before 1970-01-02 cannot be right.");
        else if (time > latest.At) item.Reject(400, path, latest.Options.TooFarAhead);
    }

    static void Count(IngestItem item, string path, long? value, long max, long min = 0)
    {
        if (WhatIsWrong(value, max) is { } wrong) item.Reject(400, path, wrong);
        else if (value < min) item.Reject(400, path, $"At least {min}.");
    }

    static bool IsNumber(string? text)
    {
        var json = new System.Text.Json.Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text ?? ""));
        try
        {
            return json.Read() && json.TokenType == System.Text.Json.JsonTokenType.Number && json.ValueSpan.Length == text!.Length && !json.Read();
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    static void Cost(IngestItem item, string path, decimal? value)
    {
        if (value is < 0 or > Limits.CostUsd) item.Reject(400, path, CostReason);
    }

    static void Number(IngestItem item, string path, double? value, double min = double.MinValue, double max = double.MaxValue)
    {
        if (value is { } v && (!double.IsFinite(v) || v < min || v > max)) item.Reject(400, path, $"A number between {min} and {max}.");
    }

    static void Tags(IngestItem item, RunWrite run)
    {
        if (run.Tags is not { } tags) return;
        var distinct = new List<string>(tags.Count);
        for (var i = 0; i < tags.Count; i++)
        {
            if (WhatIsWrong(tags[i], Limits.Tag) is { } wrong) item.Reject(400, $"$.tags[{i}]", wrong);
            if (!distinct.Contains(tags[i])) distinct.Add(tags[i]);
        }

        if (distinct.Count > Limits.Tags) item.Reject(400, "$.tags", $"At most {Limits.Tags} tags, these are {distinct.Count}.");
        run.Tags = distinct;
    }

    static void Annotations(IngestItem item, RunWrite run)
    {
        if (run.Annotations is not { } notes) return;
        for (var i = 0; i < notes.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(notes[i].Note)) item.Reject(400, $"$.annotations[{i}].note", "A note has some text.");
            else if (notes[i].Note.Length > Limits.Note) item.Reject(400, $"$.annotations[{i}].note", $"At most {Limits.Note} characters.");
            if (WhatIsWrong(notes[i].Author) is { } wrong) item.Reject(400, $"$.annotations[{i}].author", wrong);
            if (notes[i].StepId is { } step && Ids.WhatIsWrong(step) is { } not) item.Reject(400, $"$.annotations[{i}].step_id", not);
        }

        run.Annotations = [.. notes.Select((n, i) => n with { Note = Clean(n.Note)!, Anchor = AnchorOf(item, n, i) })];
    }

    // As it is stored: everything known and nothing else.
    static JsonPayload? AnchorOf(IngestItem item, AnnotationWrite note, int index)
    {
        if (note.Anchor is not { } given) return null;
        try
        {
            return new JsonPayload(System.Text.Encoding.UTF8.GetBytes(Store.Annotations.Anchor.Read(given.Utf8).ToJson()));
        }
        catch (Http.ProblemException wrong)
        {
            item.Reject(400, $"$.annotations[{index}].{wrong.Faults[0].Path[2..]}", wrong.Faults[0].Reason);
            return null;
        }
    }

    /// <summary>NUL and halves of surrogate pairs become U+FFFD: PostgreSQL stores neither.</summary>
    internal static string? Clean(string? text)
    {
        if (text is null) return null;
        var at = 0;
        while (at < text.Length && text[at] != '\0' && !char.IsSurrogate(text[at])) at++;
        if (at == text.Length) return text;
        return string.Create(text.Length, text, static (span, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                var c = from[i];
                var pair = char.IsHighSurrogate(c) && i + 1 < from.Length && char.IsLowSurrogate(from[i + 1]);
                span[i] = c == '\0' || char.IsSurrogate(c) && !pair ? '\uFFFD' : c;
                if (pair) span[++i] = from[i];
            }
        });
    }
}

/// <summary>The end of what is believed.</summary>
/// <param name="At">Times after this are refused.</param>
/// <param name="Options">What says so, and what they are told.</param>
readonly record struct LatestTime(DateTimeOffset At, IngestOptions Options);
