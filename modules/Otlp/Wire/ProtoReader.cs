using Google.Protobuf;

namespace RunHub.Otlp.Wire;

/// <summary>
/// Reads OTLP protobuf by field number. Fields it does not know are skipped by wire type; nesting is bounded. Field numbers
/// are OTLP's and never change.
/// </summary>
sealed class ProtoReader
{
    /// <summary>How deep values may nest.</summary>
    public const int MaxDepth = 64;

    readonly CodedInputStream input;
    int depth;

    ProtoReader(byte[] bytes) => input = new CodedInputStream(bytes);

    delegate void Field(int number);

    /// <summary>An <c>ExportTraceServiceRequest</c>.</summary>
    /// <exception cref="BadOtlpException">It is none.</exception>
    public static List<Span> Traces(byte[] bytes) => Read(bytes, static (reader, spans) => reader.Request(spans, static (r, s) => r.ResourceSpans(s)), new List<Span>());

    /// <summary>An <c>ExportLogsServiceRequest</c>.</summary>
    /// <exception cref="BadOtlpException">It is none.</exception>
    public static List<LogRecord> Logs(byte[] bytes) => Read(bytes, static (reader, logs) => reader.Request(logs, static (r, l) => r.ResourceLogs(l)), new List<LogRecord>());

    static T Read<T>(byte[] bytes, Action<ProtoReader, T> read, T into)
    {
        try
        {
            read(new ProtoReader(bytes), into);
            return into;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or OverflowException)
        {
            throw new BadOtlpException("The body is not the protobuf message it should be: " + e.Message, e);
        }
    }

    void Request<T>(T into, Action<ProtoReader, T> item)
    {
        for (uint tag; (tag = input.ReadTag()) != 0;)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 1) item(this, into);
            else input.SkipLastField();
        }
    }

    void ResourceSpans(List<Span> spans)
    {
        var (resource, from) = (new Resource(), spans.Count);
        Message(field =>
        {
            if (field == 1) ResourceInto(resource);
            else if (field == 2) ScopeSpans(spans);
            else input.SkipLastField();
        });
        // The resource may come after its spans: fields have no order.
        for (var i = from; i < spans.Count; i++) spans[i].Resource = resource;
    }

    void ScopeSpans(List<Span> spans)
    {
        var (scope, from) = (new Scope(), spans.Count);
        Message(field =>
        {
            if (field == 1) ScopeInto(scope);
            else if (field == 2) spans.Add(Span());
            else input.SkipLastField();
        });
        for (var i = from; i < spans.Count; i++) spans[i].Scope = scope;
    }

    void ResourceLogs(List<LogRecord> logs)
    {
        var (resource, from) = (new Resource(), logs.Count);
        Message(field =>
        {
            if (field == 1) ResourceInto(resource);
            else if (field == 2) ScopeLogs(logs);
            else input.SkipLastField();
        });
        for (var i = from; i < logs.Count; i++) logs[i].Resource = resource;
    }

    void ScopeLogs(List<LogRecord> logs)
    {
        var (scope, from) = (new Scope(), logs.Count);
        Message(field =>
        {
            if (field == 1) ScopeInto(scope);
            else if (field == 2) logs.Add(Log());
            else input.SkipLastField();
        });
        for (var i = from; i < logs.Count; i++) logs[i].Scope = scope;
    }

    void ResourceInto(Resource resource) => Message(field =>
    {
        if (field == 1) resource.Attributes = KeyValue(resource.Attributes);
        else input.SkipLastField();
    });

    void ScopeInto(Scope scope) => Message(field =>
    {
        switch (field)
        {
            case 1: scope.Name = input.ReadString(); break;
            case 2: scope.Version = input.ReadString(); break;
            case 3: scope.Attributes = KeyValue(scope.Attributes); break;
            default: input.SkipLastField(); break;
        }
    });

    Span Span()
    {
        var span = new Span();
        Message(field =>
        {
            switch (field)
            {
                case 1: span.TraceId = Hex(); break;
                case 2: span.SpanId = Hex(); break;
                case 3: span.TraceState = input.ReadString(); break;
                case 4: span.ParentSpanId = Hex(); break;
                case 5: span.Name = input.ReadString(); break;
                case 6: span.Kind = input.ReadEnum(); break;
                case 7: span.Start = input.ReadFixed64(); break;
                case 8: span.End = input.ReadFixed64(); break;
                case 9: span.Attributes = KeyValue(span.Attributes); break;
                case 10 or 12 or 14: span.Dropped += input.ReadUInt32(); break;
                case 11: span.Events.Add(Event()); break;
                case 13: span.Links.Add(Link()); break;
                case 15: Status(span); break;
                case 16: span.Flags = input.ReadFixed32(); break;
                default: input.SkipLastField(); break;
            }
        });
        return span;
    }

    SpanEvent Event()
    {
        var happened = new SpanEvent();
        Message(field =>
        {
            switch (field)
            {
                case 1: happened.Time = input.ReadFixed64(); break;
                case 2: happened.Name = input.ReadString(); break;
                case 3: happened.Attributes = KeyValue(happened.Attributes); break;
                default: input.SkipLastField(); break;
            }
        });
        return happened;
    }

    SpanLink Link()
    {
        var link = new SpanLink();
        Message(field =>
        {
            switch (field)
            {
                case 1: link.TraceId = Hex(); break;
                case 2: link.SpanId = Hex(); break;
                case 3: link.TraceState = input.ReadString(); break;
                case 4: link.Attributes = KeyValue(link.Attributes); break;
                default: input.SkipLastField(); break;
            }
        });
        return link;
    }

    void Status(Span span) => Message(field =>
    {
        switch (field)
        {
            case 2: span.StatusMessage = input.ReadString(); break;
            case 3: span.StatusCode = input.ReadEnum(); break;
            default: input.SkipLastField(); break;
        }
    });

    LogRecord Log()
    {
        var log = new LogRecord();
        Message(field =>
        {
            switch (field)
            {
                case 1: log.Time = input.ReadFixed64(); break;
                case 2: log.Severity = input.ReadEnum(); break;
                case 3: log.SeverityText = input.ReadString(); break;
                case 5: log.Body = Value(); break;
                case 6: log.Attributes = KeyValue(log.Attributes); break;
                case 9: log.TraceId = Hex(); break;
                case 10: log.SpanId = Hex(); break;
                case 11: log.ObservedTime = input.ReadFixed64(); break;
                case 12: log.EventName = input.ReadString(); break;
                default: input.SkipLastField(); break;
            }
        });
        return log;
    }

    AttributeSet KeyValue(AttributeSet into)
    {
        var set = ReferenceEquals(into, AttributeSet.Empty) ? new AttributeSet() : into;
        var key = "";
        object? value = null;
        Message(field =>
        {
            if (field == 1) key = input.ReadString();
            else if (field == 2) value = Value();
            else input.SkipLastField();
        });
        set.Add(key, value);
        return set;
    }

    object? Value()
    {
        object? value = null;
        Message(field =>
        {
            switch (field)
            {
                case 1: value = input.ReadString(); break;
                case 2: value = input.ReadBool(); break;
                case 3: value = input.ReadInt64(); break;
                case 4: value = input.ReadDouble(); break;
                case 5: value = Values(); break;
                case 6: value = KeyValues(); break;
                case 7: value = input.ReadBytes().ToByteArray(); break;
                default: input.SkipLastField(); break;
            }
        });
        return value;
    }

    List<object?> Values()
    {
        var values = new List<object?>();
        Message(field =>
        {
            if (field == 1) values.Add(Value());
            else input.SkipLastField();
        });
        return values;
    }

    AttributeSet KeyValues()
    {
        var values = new AttributeSet();
        Message(field =>
        {
            if (field == 1) KeyValue(values);
            else input.SkipLastField();
        });
        return values;
    }

    string Hex() => Convert.ToHexStringLower(input.ReadBytes().Span);

    /// <summary>Reads one embedded message; every field must end within it.</summary>
    void Message(Field read)
    {
        if (++depth > MaxDepth) throw new BadOtlpException($"The message nests deeper than {MaxDepth} levels.");
        var end = input.ReadLength() + input.Position;
        while (input.Position < end)
        {
            var tag = input.ReadTag();
            if (tag == 0) break;
            read(WireFormat.GetTagFieldNumber(tag));
        }

        if (input.Position != end) throw new BadOtlpException("A message within the body is longer than it says.");
        depth--;
    }
}
