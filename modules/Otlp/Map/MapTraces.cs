using System.Globalization;
using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>What a request becomes.</summary>
/// <param name="Batch">One write per trace.</param>
/// <param name="Rejected">How many spans or records can never be taken.</param>
/// <param name="Reason">Why the first of them cannot; null without any.</param>
sealed record Mapped(RunBatch Batch, int Rejected, string? Reason);

/// <summary>
/// Turns spans into runs: one write per trace, whose fields carry keys by which Core settles what spans of other requests
/// say; in order of trace id, so that two writers never wait for each other in a ring. Pure.
/// </summary>
static class MapTraces
{
    public static Mapped Map(IReadOnlyList<Span> spans, long tenantNo, TenantRules rules, DateTimeOffset now)
    {
        var (rejected, reason) = (0, (string?)null);
        var traces = new Dictionary<string, Dictionary<string, MappedSpan>>(StringComparer.Ordinal);
        for (var i = 0; i < spans.Count; i++)
        {
            if (MapSpan.WhatIsWrong(spans[i], rules, now) is { } wrong)
            {
                rejected++;
                reason ??= $"Span {i}: {wrong}.";
                continue;
            }

            if (!traces.TryGetValue(spans[i].TraceId, out var trace)) traces[spans[i].TraceId] = trace = new Dictionary<string, MappedSpan>(StringComparer.Ordinal);
            trace.TryAdd(spans[i].SpanId, MapSpan.Map(spans[i], tenantNo));
        }

        return new Mapped(new RunBatch { Runs = [.. traces.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => Run(t.Key, [.. t.Value.Values], tenantNo, rules))] }, rejected, reason);
    }

    static RunWrite Run(string traceId, List<MappedSpan> spans, long tenantNo, TenantRules rules)
    {
        var write = new RunWrite { Id = Ids.OfTrace(tenantNo, traceId), TraceId = traceId, Steps = [.. spans.Select(s => s.Step)] };
        var fields = new RunFields(write, rules);
        foreach (var span in spans) fields.Add(span);
        write.Derived = new DerivedRun
        {
            Keys = fields.Keys,
            EarliestStart = spans.Min(s => s.Step.StartedAt),
            LatestEnd = spans.Max(s => s.Step.CompletedAt),
            Root = spans.Select(s => Root(s, rules)).OfType<DerivedRoot>().MinBy(r => r.Key, StringComparer.Ordinal),
        };
        return write;
    }

    static DerivedRoot? Root(MappedSpan mapped, TenantRules rules)
    {
        if (!mapped.IsRoot && !(rules.EntryIsRoot && mapped.Span.HasRemoteParent)) return null;
        var key = string.Create(CultureInfo.InvariantCulture, $"{(mapped.IsRoot ? 0 : 1)}{mapped.Span.Start:D20}{mapped.Span.SpanId}");
        return new DerivedRoot(key, mapped.Step.Id!, mapped.Step.Status == RunStatus.Failed, mapped.Step.CompletedAt);
    }
}
