using System.Buffers;
using System.Text.Json;
using RunHub.Plugins;

namespace RunHub.RunDetail;

/// <summary>
/// Reads a document into a run, and writes its shape on the way: the document itself with <c>"$"</c> in place of each
/// value that has a field of its own and can be large. Small values stay in the shape too, as they were spelled.
/// </summary>
internal sealed class RunDetailReader
{
    const int MaxDepth = 1024;
    const int MaxId = 128;
    const int MaxName = 256;
    const int MaxVersion = 64;
    static readonly DateTimeOffset Earliest = new(1970, 1, 2, 0, 0, 0, TimeSpan.Zero);
    readonly ArrayBufferWriter<byte> buffer = new();
    readonly Utf8JsonWriter shape;
    readonly RunWrite run;
    readonly List<(StepWrite Step, bool HasOutput)> steps = [];
    JsonPart end;

    RunDetailReader(string type, string workflowName)
    {
        shape = new Utf8JsonWriter(buffer, RunDetailWriter.Options);
        run = new RunWrite { Type = type, WorkflowName = workflowName };
    }

    public static RunWrite Read(JsonPayload json, string type, string workflowName)
    {
        using var document = JsonDocument.Parse(json.Utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
        var reader = new RunDetailReader(type, workflowName);
        reader.Run(new JsonPart(document.RootElement, "$"));
        return reader.run;
    }

    void Run(JsonPart root)
    {
        var members = root.Members();
        foreach (var name in (ReadOnlySpan<string>)["id", "status", "type"])
        {
            if (!members.Exists(m => string.Equals(m.Name, name, StringComparison.Ordinal))) throw root.Wrong($"A RunDetail document has a member \"{name}\"; this one has none.");
        }

        shape.WriteStartObject();
        shape.WriteStartObject(RunDetailFormat.Shape);
        foreach (var (name, part) in members) Member(name, part);
        shape.WriteEndObject();
        shape.WriteEndObject();
        shape.Dispose();
        if (run.CompletedAt < run.StartedAt) throw end.Wrong("The run ended before it started.");
        run.AdapterData = new JsonPayload(buffer.WrittenMemory);
        run.Steps = steps.ConvertAll(s =>
        {
            s.Step.Status = StatusOf(s.Step, s.HasOutput);
            if (s.Step.Status == RunStatus.Failed && s.Step.Id == run.ErrorStepId) s.Step.ErrorMessage = run.ErrorMessage;
            return s.Step;
        });
    }

    void Member(string name, JsonPart part)
    {
        switch (name)
        {
            case "id":
                run.Id = Id(part, part.Text() ?? throw part.Wrong("The id must not be empty."));
                break;
            case "status":
                run.Status = part.Status();
                break;
            case "type":
                if (!string.Equals(part.Text(), run.Type, StringComparison.OrdinalIgnoreCase)) throw part.Wrong($"This must be \"{run.Type}\", the type the document was posted as.");
                break;
            case "workflow_version":
                run.WorkflowVersion = part.Name(MaxVersion);
                run.WorkflowVersionIsNumber = run.WorkflowVersion is null ? null : part.Element.ValueKind == JsonValueKind.Number;
                break;
            case "workflow_name" or "workflowName":
                run.WorkflowName = part.UsableName(MaxName) ?? run.WorkflowName;
                break;
            case "start_time":
                run.StartedAt = Time(part);
                break;
            case "end_time":
                end = part;
                run.CompletedAt = Time(part);
                break;
            case "duration_ms":
                run.DurationMs = part.Whole();
                break;
            case "leadId":
                run.LeadId = part.Name(MaxName);
                break;
            case "batchId":
                run.BatchId = part.Name(MaxName);
                break;
            case "inputData" when !part.IsNull:
                run.InputsSummary = part.ToPayload();
                shape.WriteString(name, RunDetailFormat.Stored);
                return;
            case "results" when !part.IsNull:
                shape.WriteStartObject(name);
                foreach (var (node, result) in part.Members()) Node(node, result);
                shape.WriteEndObject();
                return;
            case "error" when !part.IsNull:
                Error(name, part);
                return;
        }

        Keep(name, part);
    }

    void Node(string node, JsonPart part)
    {
        var step = new StepWrite { Id = Id(part, node), NodeId = node, Type = StepType.Io };
        var output = false;
        shape.WriteStartObject(node);
        foreach (var (name, member) in part.Members())
        {
            switch (name)
            {
                case "input" when !member.IsNull:
                    step.Input = member.ToPayload();
                    Prompt(step, member);
                    shape.WriteString(name, RunDetailFormat.Stored);
                    continue;
                case "output":
                    output = !member.IsNull;
                    if (!output) break;
                    step.Output = member.ToPayload();
                    shape.WriteString(name, RunDetailFormat.Stored);
                    continue;
                case "duration_ms":
                    step.DurationMs = member.Whole();
                    break;
                case "tokens_used":
                    step.Tokens = member.Whole();
                    break;
                case "label" or "nodeLabel" or "name":
                    step.Label ??= member.UsableName(MaxName);
                    break;
            }

            Keep(name, member);
        }

        shape.WriteEndObject();
        step.Name = step.Label ?? node;
        steps.Add((step, output));
    }

    void Error(string name, JsonPart part)
    {
        shape.WriteStartObject(name);
        foreach (var (member, value) in part.Members())
        {
            switch (member)
            {
                case "nodeId":
                    run.ErrorStepId = value.IsNull ? null : value.Name(MaxName);
                    break;
                case "message" when value.FreeText() is { } message:
                    run.ErrorMessage = message;
                    shape.WriteString(member, RunDetailFormat.Stored);
                    continue;
                case "stack" when value.FreeText() is { } stack:
                    run.ErrorStack = stack;
                    shape.WriteString(member, RunDetailFormat.Stored);
                    continue;
            }

            Keep(member, value);
        }

        shape.WriteEndObject();
    }

    /// <summary>What the input says about a model call; the input itself is kept whole.</summary>
    static void Prompt(StepWrite step, JsonPart input)
    {
        if (input.Element.ValueKind != JsonValueKind.Object) return;
        foreach (var (name, member) in input.Members())
        {
            switch (name)
            {
                case "model":
                    step.Model = member.UsableName(MaxName);
                    break;
                case "temperature" when member.Element.ValueKind == JsonValueKind.Number:
                    step.Parameters = JsonPayload.Parse($$"""{"temperature":{{member.Element.GetRawText()}}}""");
                    break;
                case "systemPrompt" or "userPrompt" when !member.IsNull:
                    step.Type = StepType.Model;
                    break;
            }
        }

        if (step.Model is not null) step.Type = StepType.Model;
    }

    /// <summary>
    /// The document has no status per node: the node the error names failed, one with an output is done. While the run goes
    /// on an output may still grow, so a node is done when its duration is known.
    /// </summary>
    RunStatus StatusOf(StepWrite step, bool hasOutput)
    {
        var status = run.Status!.Value;
        if (status == RunStatus.Failed && step.Id == run.ErrorStepId) return RunStatus.Failed;
        if (hasOutput && (status.IsFinal() || step.DurationMs is not null) || status == RunStatus.Completed) return RunStatus.Completed;
        // The node the error names is another one, so this one was stopped with the run.
        return status == RunStatus.Failed && run.ErrorStepId is not null ? RunStatus.Canceled : status;
    }

    void Keep(string name, JsonPart part)
    {
        shape.WritePropertyName(name);
        shape.WriteRawValue(part.Raw, skipInputValidation: true);
    }

    static DateTimeOffset? Time(JsonPart part) => part.Time() is { } time && time < Earliest ? throw part.Wrong("A time before 1970-01-02 cannot be right.") : part.Time();

    static string Id(JsonPart part, string id)
    {
        if (id.Length is 0 or > MaxId) throw part.Wrong($"An id has 1 to {MaxId} characters, this one has {id.Length}.");
        if (id.Contains('/', StringComparison.Ordinal)) throw part.Wrong("An id cannot contain \"/\".");
        foreach (var c in id)
        {
            if (char.IsControl(c)) throw part.Wrong($"An id has printable characters only, this one has U+{(int)c:X4}.");
        }

        return id;
    }
}
