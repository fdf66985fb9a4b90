namespace RunHub.Plugins;

/// <summary>A document posted to <c>/api/ingest/{type}</c>.</summary>
/// <param name="Type">The workflow type it was posted to.</param>
/// <param name="Json">The body: one valid JSON value, at most as deep and as large as the host allows.</param>
/// <param name="ReceivedAt">When it arrived, UTC.</param>
public sealed record PayloadDocument(string Type, JsonPayload Json, DateTimeOffset ReceivedAt);

/// <summary>The document is not what the adapter reads.</summary>
/// <param name="path">Where, as a JSON path such as <c>$.results.node_1</c>.</param>
/// <param name="reason">What is wrong, one sentence.</param>
public sealed class PayloadException(string path, string reason) : Exception(path + ": " + reason)
{
    /// <summary>Where, as a JSON path.</summary>
    public string Path { get; } = path;

    /// <summary>What is wrong.</summary>
    public string Reason { get; } = reason;
}

/// <summary>A run as it is stored, with its steps in order and all payloads: what a download is made of.</summary>
/// <param name="Run">Every field known; <see cref="RunWrite.Steps"/> is null.</param>
/// <param name="Steps">In the order they arrived.</param>
public sealed record StoredRun(RunWrite Run, IReadOnlyList<StoredStep> Steps);

/// <summary>A step as it is stored.</summary>
/// <param name="Step">Every field known, payloads included.</param>
public sealed record StoredStep(StepWrite Step);

/// <summary>Who lays out the nodes of a workflow type.</summary>
public enum StepLayout
{
    /// <summary>The adapter, asked for each node: <see cref="IPresentSteps.Present"/>.</summary>
    Own,

    /// <summary>
    /// RunHub, as <see cref="RunDetail.PromptLayout"/> does: system prompt, user prompt, model and temperature, what else the
    /// input holds, output. <see cref="IPresentSteps.Present"/> is not called.
    /// </summary>
    Prompts,
}

/// <summary>How a node's card shows INPUT and OUTPUT, top to bottom.</summary>
/// <param name="Input">Blocks under INPUT.</param>
/// <param name="Output">Blocks under OUTPUT.</param>
public sealed record StepPresentation(IReadOnlyList<StepBlock> Input, IReadOnlyList<StepBlock> Output)
{
    /// <summary>Small labelled values beside INPUT, such as model and temperature.</summary>
    public IReadOnlyList<StepBadge> Badges { get; init; } = [];
}

/// <summary>Titles RunHub shows in the reader's language; any other title is shown as it is.</summary>
public static class StepTitles
{
    /// <summary>System prompt of a model call.</summary>
    public const string SystemPrompt = "system_prompt";

    /// <summary>User prompt of a model call.</summary>
    public const string UserPrompt = "user_prompt";

    /// <summary>Name of a model.</summary>
    public const string Model = "model";

    /// <summary>Temperature of a model call.</summary>
    public const string Temperature = "temperature";

    /// <summary>Name of a tool.</summary>
    public const string Tool = "tool";

    /// <summary>Address that was called.</summary>
    public const string Endpoint = "endpoint";

    /// <summary>Parameters of a call.</summary>
    public const string Parameters = "parameters";
}

/// <summary>One block of a node card.</summary>
/// <param name="Title">Shown above it, one of <see cref="StepTitles"/> or any text; null: no title.</param>
/// <param name="Kind">How the text is shown.</param>
/// <param name="Text">The text, JSON text for <see cref="StepBlockKind.Json"/>. Never treated as HTML.</param>
public sealed record StepBlock(string? Title, StepBlockKind Kind, string Text);

/// <summary>How a block's text is shown.</summary>
public enum StepBlockKind
{
    /// <summary>Wrapped text, such as a prompt.</summary>
    Text,

    /// <summary>Formatted and highlighted JSON.</summary>
    Json,
}

/// <summary>A small labelled value.</summary>
/// <param name="Label">What it is, one of <see cref="StepTitles"/> or any text.</param>
/// <param name="Value">Its value.</param>
public sealed record StepBadge(string Label, string Value);

/// <summary>What an executing adapter is asked to do.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Configuration">The workflow's configuration, JSON.</param>
/// <param name="Attempt">1 for the first.</param>
public sealed record ExecutionRequest(string RunId, JsonPayload Inputs, JsonPayload Configuration, int Attempt)
{
    /// <summary>The last checkpoint when a run is resumed.</summary>
    public JsonPayload? Checkpoint { get; init; }

    /// <summary>The decision when a waiting run goes on.</summary>
    public ApprovalDecision? Decision { get; init; }
}

/// <summary>Something an executing adapter reports.</summary>
public abstract record ExecutionMessage;

/// <summary>A step began, changed or ended; merged by its id.</summary>
/// <param name="Step">What is known now.</param>
public sealed record StepReported(StepWrite Step) : ExecutionMessage;

/// <summary>A line for the run's log.</summary>
/// <param name="Level"><c>trace, debug, info, warn, error, fatal</c>.</param>
/// <param name="Text">The line.</param>
/// <param name="StepId">The step it belongs to, if any.</param>
public sealed record LogWritten(string Level, string Text, string? StepId = null) : ExecutionMessage;

/// <summary>How far it is.</summary>
/// <param name="Percent">0–100.</param>
public sealed record ProgressMade(double Percent) : ExecutionMessage;

/// <summary>State from which the run can be resumed without repeating finished work.</summary>
/// <param name="State">Any JSON; handed back in <see cref="ExecutionRequest.Checkpoint"/>.</param>
public sealed record CheckpointReached(JsonPayload State) : ExecutionMessage;

/// <summary>The run waits for a person and ends this execution; it is called again with the decision.</summary>
/// <param name="Question">What is asked.</param>
/// <param name="Evidence">What to look at, any JSON.</param>
public sealed record ApprovalRequested(string Question, JsonPayload? Evidence = null) : ExecutionMessage;

/// <summary>The run ended.</summary>
/// <param name="Status">A final status.</param>
/// <param name="Outputs">Its outputs.</param>
public sealed record RunFinished(RunStatus Status, JsonPayload? Outputs = null) : ExecutionMessage
{
    /// <summary>What went wrong, when it failed.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>One of the five classes, when it failed.</summary>
    public string? ErrorClass { get; init; }
}

/// <summary>What a person decided.</summary>
/// <param name="Approved">Yes or no.</param>
/// <param name="By">Who.</param>
/// <param name="Note">Why.</param>
public sealed record ApprovalDecision(bool Approved, string By, string? Note);

/// <summary>A wish concerning a run of an external system.</summary>
/// <param name="Run">The run as stored.</param>
/// <param name="Reason">Why, as the person gave it.</param>
/// <param name="By">Who asks.</param>
public sealed record ControlRequest(StoredRun Run, string? Reason, string By);

/// <summary>What the external system said.</summary>
/// <param name="Accepted">It will be done.</param>
/// <param name="Message">Shown to the person.</param>
public sealed record ControlAnswer(bool Accepted, string? Message = null);
