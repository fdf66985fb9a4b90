using System.Text.Json;
using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>
/// Turns log records into what they say about runs and steps: their text, the exception of a span, and the messages of a
/// model call. A record that names no trace belongs to no run and is refused.
/// </summary>
static class MapLogs
{
    const string Details = "gen_ai.client.inference.operation.details";

    public static Mapped Map(IReadOnlyList<LogRecord> logs, long tenantNo, TenantRules rules, DateTimeOffset now)
    {
        var (rejected, reason) = (0, (string?)null);
        var traces = new Dictionary<string, Trace>(StringComparer.Ordinal);
        for (var i = 0; i < logs.Count; i++)
        {
            if (WhatIsWrong(logs[i], rules, now) is { } wrong)
            {
                rejected++;
                reason ??= $"Record {i}: {wrong}.";
                continue;
            }

            if (!traces.TryGetValue(logs[i].TraceId, out var trace)) traces[logs[i].TraceId] = trace = new Trace(logs[i].TraceId, tenantNo, rules);
            trace.Add(logs[i]);
        }

        return new Mapped(new RunBatch { Runs = [.. traces.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => t.Value.Run())] }, rejected, reason);
    }

    static string? WhatIsWrong(LogRecord log, TenantRules rules, DateTimeOffset now)
    {
        if (log.TraceId.Length == 0) return "it names no trace, so it belongs to no run";
        if (!WireIds.IsTrace(log.TraceId)) return "trace_id must be 16 bytes, not all zero";
        if (log.SpanId.Length > 0 && log.SpanId != "0000000000000000" && !WireIds.IsSpan(log.SpanId)) return "span_id must be absent or 8 bytes";
        return TimeOf(log) != 0 && rules.IsAhead(MapSpan.Time(TimeOf(log)), now) ? TenantRules.TooFarAhead : null;
    }

    static ulong TimeOf(LogRecord log) => log.Time != 0 ? log.Time : log.ObservedTime;

    static string Level(LogRecord log) => log.Severity switch
    {
        >= 1 and <= 4 => "trace",
        >= 5 and <= 8 => "debug",
        >= 13 and <= 16 => "warn",
        >= 17 and <= 20 => "error",
        >= 21 => "fatal",
        _ => "info",
    };

    /// <summary>What the records of one trace say.</summary>
    sealed class Trace
    {
        readonly string traceId;
        readonly long tenantNo;
        readonly RunWrite write;
        readonly RunFields fields;
        readonly List<LogWrite> lines = [];
        readonly Dictionary<string, (StepWrite Step, List<PayloadPart> Input, List<PayloadPart> Output)> steps = new(StringComparer.Ordinal);

        public Trace(string traceId, long tenantNo, TenantRules rules)
        {
            (this.traceId, this.tenantNo) = (traceId, tenantNo);
            write = new RunWrite { Id = Ids.OfTrace(tenantNo, traceId), TraceId = traceId };
            fields = new RunFields(write, rules);
        }

        public void Add(LogRecord log)
        {
            var span = WireIds.IsSpan(log.SpanId) ? log.SpanId : null;
            var name = log.EventName.Length > 0 ? log.EventName : log.Attributes["event.name"] as string ?? "";
            var at = TimeOf(log);
            fields.Add(log, at);
            lines.Add(new LogWrite
            {
                At = MapSpan.Time(at),
                Level = Level(log),
                Text = Text(log, name),
                SpanId = span,
                StepId = span is null ? null : Ids.OfSpan(tenantNo, traceId, span),
                Attributes = SpanJson.Write(json => Rest(json, log, name)),
            });
            if (span is not null) Content(log, name, at, span);
        }

        public RunWrite Run()
        {
            foreach (var (step, input, output) in steps.Values)
            {
                if (input.Count > 0) step.InputParts = input;
                if (output.Count > 0) step.OutputParts = output;
            }

            write.Steps = [.. steps.Values.Select(s => s.Step)];
            write.Logs = lines;
            write.Derived = new DerivedRun { Keys = fields.Keys };
            return write;
        }

        /// <summary>What the record adds to its span's step.</summary>
        void Content(LogRecord log, string name, ulong at, string span)
        {
            if (Conversation.IsInput(name) || Conversation.IsOutput(name))
            {
                var message = Conversation.Of(name, log.Attributes, log.Body);
                var part = new PayloadPart(Conversation.Key(at, message), message);
                var (_, input, output) = Step(span, at);
                (Conversation.IsInput(name) ? input : output).Add(part);
                return;
            }

            if (name == Details)
            {
                var happened = new SpanContent(log.Attributes, []);
                var (step, _, _) = Step(span, at);
                step.Input ??= happened.Content(["gen_ai.input.messages"]);
                step.Output ??= happened.Content(["gen_ai.output.messages"]);
                step.Model ??= Texts.Clip(happened.Text(Names.Model));
                return;
            }

            if (log.Attributes["exception.message"] is null && log.Attributes["exception.type"] is null) return;
            var (failed, _, _) = Step(span, at);
            failed.ErrorCode ??= Texts.Clip(log.Attributes["exception.type"] as string);
            failed.ErrorMessage ??= log.Attributes["exception.message"] as string ?? failed.ErrorCode;
            failed.ErrorStack ??= log.Attributes["exception.stacktrace"] as string;
        }

        (StepWrite Step, List<PayloadPart> Input, List<PayloadPart> Output) Step(string span, ulong at)
        {
            if (steps.TryGetValue(span, out var held)) return held;
            // Until its span comes, it is known by its records alone.
            var step = new StepWrite { Id = Ids.OfSpan(tenantNo, traceId, span), SpanId = span, Name = "span " + span, Status = RunStatus.Running, Order = MapSpan.Order(at, at, isRoot: false), FillOnly = true };
            return steps[span] = (step, [], []);
        }

        static string Text(LogRecord log, string name) => log.Body switch
        {
            string text => text,
            null => name.Length > 0 ? name : log.Attributes["exception.message"] as string ?? "",
            var body => SpanJson.Content(body).ToString(),
        };

        static void Rest(Utf8JsonWriter json, LogRecord log, string name)
        {
            json.WriteStartObject();
            if (name.Length > 0) json.WriteString("event_name", name);
            if (log.SeverityText.Length > 0) json.WriteString("severity_text", log.SeverityText);
            if (log.Severity != 0) json.WriteNumber("severity_number", log.Severity);
            json.WritePropertyName("attributes");
            SpanJson.Set(json, log.Attributes);
            json.WritePropertyName("resource");
            SpanJson.Set(json, log.Resource.Attributes);
            json.WriteString("scope", log.Scope.Name);
            json.WriteEndObject();
        }
    }
}
