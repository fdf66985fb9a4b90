using System.Globalization;
using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>
/// Collects what the spans of one trace say about its run. Every value has a key; the smallest stays, here within the
/// request and in Core among requests: by rank of the attribute, root before others, earlier start, span id.
/// </summary>
sealed class RunFields(RunWrite write, TenantRules rules)
{
    const int Fallback = 98;

    static readonly Dictionary<string, Action<RunWrite, string>> Setters = new(StringComparer.Ordinal)
    {
        ["name"] = (w, v) => w.Name = v,
        ["type"] = (w, v) => w.Type = v,
        ["workflow_name"] = (w, v) => w.WorkflowName = v,
        ["workflow_version"] = (w, v) => w.WorkflowVersion = v,
        ["environment"] = (w, v) => w.Environment = v,
        ["thread_id"] = (w, v) => w.ThreadId = v,
        ["started_by"] = (w, v) => w.StartedBy = v,
        ["actor"] = (w, v) => w.Actor = v,
        ["agent_id"] = (w, v) => w.AgentId = v,
        ["business_event_id"] = (w, v) => w.BusinessEventId = v,
        ["lead_id"] = (w, v) => w.LeadId = v,
        ["batch_id"] = (w, v) => w.BatchId = v,
        ["owner"] = (w, v) => w.Owner = v,
    };

    readonly Dictionary<string, string> keys = new(StringComparer.Ordinal);

    /// <summary>Key of every field that is set.</summary>
    public IReadOnlyDictionary<string, string> Keys => keys;

    /// <summary>Takes what a span says.</summary>
    public void Add(MappedSpan mapped)
    {
        var (span, step) = (mapped.Span, mapped.Step);
        var place = Place(mapped.IsRoot, span.Start, span.SpanId);
        foreach (var (field, names) in rules.Attributes) Attribute(field, names, span.Attributes, span.Resource.Attributes, place);
        Set("name", 50, place, step.Label ?? step.Name!);
        Set("workflow_name", Fallback, place, step.Name!);
        Set("environment", Fallback, place, rules.Environment);
        Set("type", Fallback, place, rules.Type);
        Tags(span, place);
        Payloads(mapped, place);
    }

    /// <summary>Takes what a log record says: less than any span.</summary>
    public void Add(LogRecord log, ulong time)
    {
        var place = Place(false, time, "~" + log.SpanId);
        foreach (var (field, names) in rules.Attributes) Attribute(field, names, AttributeSet.Empty, log.Resource.Attributes, place);
        Set("workflow_name", Fallback + 1, place, Texts.Clip(log.Scope.Name) ?? "unknown");
        Set("environment", Fallback + 1, place, rules.Environment);
        Set("type", Fallback + 1, place, rules.Type);
    }

    static string Place(bool isRoot, ulong start, string spanId) => string.Create(CultureInfo.InvariantCulture, $"{(isRoot ? 0 : 1)}{start:D20}{spanId}");

    void Attribute(string field, string[] names, AttributeSet own, AttributeSet resource, string place)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if ((Value(names[i], own) ?? Value(names[i], resource)) is not { } value) continue;
            if (field == "agent_id")
            {
                // The outermost agent, however it is named; of one span's names the first.
                Set(field, 0, place + Rank(i), value);
                return;
            }

            Set(field, i, place, value);
            if (field == "started_by") Set("actor", i, place, value);
            return;
        }
    }

    static string? Value(string name, AttributeSet attributes)
    {
        if (Texts.Clip(Texts.Of(attributes[name])) is not { } text) return null;
        // What SDKs put there when nobody said anything.
        return name switch
        {
            "service.name" when text.StartsWith("unknown_service", StringComparison.Ordinal) => null,
            "openinference.project.name" when text is "default" => null,
            _ => text,
        };
    }

    void Set(string field, int rank, string place, string value)
    {
        var key = Rank(rank) + place;
        if (!Wins(field, key)) return;
        Setters[field](write, field is "environment" or "type" or "workflow_version" ? Texts.Clip(value, 64)! : value);
    }

    bool Wins(string field, string key)
    {
        if (keys.TryGetValue(field, out var held) && string.CompareOrdinal(held, key) <= 0) return false;
        keys[field] = key;
        return true;
    }

    static string Rank(int rank) => rank.ToString("D2", CultureInfo.InvariantCulture);

    void Tags(Span span, string place)
    {
        if ((span.Attributes["runhub.tags"] ?? span.Attributes["tag.tags"]) is not List<object?> list) return;
        var tags = list.Select(t => Texts.Clip(Texts.Of(t), Limits.Tag)).OfType<string>().Distinct(StringComparer.Ordinal).Take(Limits.Tags).ToList();
        if (tags.Count > 0 && Wins("tags", place)) write.Tags = tags;
    }

    /// <summary>
    /// In and out of the run: the root's, else the outermost agent's or workflow's, else what the first model call was asked
    /// and the last one answered.
    /// </summary>
    void Payloads(MappedSpan mapped, string place)
    {
        var (span, step) = (mapped.Span, mapped.Step);
        int? rank = mapped switch
        {
            { IsRoot: true } => 0,
            { Role: Role.Agent or Role.Workflow } => 1,
            { Role: Role.Model } => 2,
            _ => null,
        };
        if (rank is not { } r) return;
        if (step.Input is { } input && Wins("inputs_summary", Rank(r) + place)) write.InputsSummary = input;
        var last = r == 2 ? Place(false, ulong.MaxValue - span.End, span.SpanId) : place;
        if (step.Output is { } output && Wins("outputs_summary", Rank(r) + last)) write.OutputsSummary = output;
    }
}
