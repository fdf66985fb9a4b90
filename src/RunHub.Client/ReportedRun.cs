using System.Diagnostics;
using System.Text.Json;
using RunHub.Client.Reporting;

namespace RunHub.Client;

/// <summary>
/// A run at work. Whatever is set reaches the hub with the next batch; setting never blocks and never throws because of the
/// hub. Dispose it to end it. Thread-safe, so that steps may run side by side.
/// </summary>
public sealed class ReportedRun : IAsyncDisposable
{
    /// <summary>Characters of a line that the hub keeps, and bytes of its attributes.</summary>
    const int MaxMessage = 16_384, MaxAttributes = 32_768;
    readonly RunHubClient hub;
    readonly RunState state;
    readonly ActivitySpanId spanId;
    readonly Lock gate = new();
    readonly List<string> tags = [];
    bool hasEnded;
    DateTimeOffset lastLine;

    internal ReportedRun(RunHubClient hub, RunState state, ActivitySpanId spanId) => (this.hub, this.state, this.spanId) = (hub, state, spanId);

    /// <summary>Public id: its page is <c>/runs/{id}</c>.</summary>
    public string Id => state.Id;

    internal RunState State => state;

    internal RunHubClient Hub => hub;

    /// <summary>Starts a step; dispose it to end it.</summary>
    /// <param name="name">What it is called, up to 256 characters.</param>
    /// <param name="start">What else is known.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public ReportedStep StartStep(string name, StepStart? start = null) => ReportedStep.Start(this, parent: null, spanId, name, start);

    /// <summary>
    /// Runs <paramref name="work"/> as a step: completed when it returns, canceled when it throws
    /// <see cref="OperationCanceledException"/>, failed with whatever else it throws; the exception flies on.
    /// </summary>
    /// <param name="name">What the step is called.</param>
    /// <param name="work">What to do; gets the step.</param>
    /// <param name="start">What else is known.</param>
    public async Task<T> RunAsync<T>(string name, Func<ReportedStep, Task<T>> work, StepStart? start = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        var step = StartStep(name, start);
        await using (step.ConfigureAwait(false)) return await step.GuardAsync(work).ConfigureAwait(false);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(string name, Func<ReportedStep, Task> work, StepStart? start = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync<object?>(name, async step =>
        {
            await work(step).ConfigureAwait(false);
            return null;
        }, start);
    }

    /// <summary>What goes in: any value; it becomes JSON at once.</summary>
    public void SetInput(object? value) => SetJson("inputs_summary", value);

    /// <summary>What comes out: any value; it becomes JSON at once.</summary>
    public void SetOutput(object? value) => SetJson("outputs_summary", value);

    /// <summary>Tokens in and out together; where nothing is set, the sum over the steps.</summary>
    public void SetTokens(long tokens) => SetJson("diagnostics.resource_usage.tokens", tokens);

    /// <summary>Cost in US dollars; where nothing is set, the sum over the steps.</summary>
    public void SetCost(decimal usd) => SetJson("cost_usd", usd);

    /// <summary>How far it is, 0 to 100.</summary>
    public void SetProgress(double percent) => SetJson("progress", Math.Clamp(double.IsNaN(percent) ? 0 : percent, 0, 100));

    /// <summary>A person has to decide before it goes on; <see cref="Resume"/> when that was done.</summary>
    public void WaitForHuman()
    {
        Set("hitl", "requested");
        SetJson("status", "waiting_human");
    }

    /// <summary>It goes on after <see cref="WaitForHuman"/>.</summary>
    /// <param name="approved">How the person decided; null: not said.</param>
    public void Resume(bool? approved = null)
    {
        if (approved is { } yes) Set("hitl", yes ? "approved" : "rejected");
        SetJson("status", "running");
    }

    /// <summary>Adds tags; a run has 64 at most.</summary>
    public void AddTags(params IReadOnlyList<string> more)
    {
        ArgumentNullException.ThrowIfNull(more);
        lock (gate)
        {
            foreach (var tag in more)
                if (Fields.Name(tag, 128) is { } name && tags.Count < 64 && !tags.Contains(name, StringComparer.Ordinal)) tags.Add(name);
            if (tags.Count > 0) state.Set("tags", Fields.Value(tags, JsonSerializerOptions.Web));
        }
    }

    /// <summary>Adds a note.</summary>
    /// <param name="note">Its text, up to 10,000 characters.</param>
    /// <param name="author">Who says so; null: the key's name.</param>
    public void Annotate(string note, string? author = null)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (note.Length == 0) return;
        var text = Fields.Whole(note.Length > 10_000 ? note[..10_000] : note);
        state.Note(Fields.Write(json =>
        {
            json.WriteStartObject();
            if (Fields.Name(author) is { } name) json.WriteString("author", name);
            json.WriteString("note", text);
            // With the time it is one note however often it is sent.
            json.WriteString("at", Words.Of(hub.Time.GetUtcNow()));
            json.WriteEndObject();
        }));
    }

    /// <summary>Adds a line to the run's log. Lines of one run have times of their own, however fast they come.</summary>
    /// <param name="kind">How grave it is.</param>
    /// <param name="message">Its text; of more than 16,384 characters the beginning and how many there were.</param>
    /// <param name="attributes">What else is known: an object, at most 32 KiB as JSON; becomes JSON at once.</param>
    public void Log(LogKind kind, string message, object? attributes = null) => Log(kind, message, attributes, stepId: null);

    /// <summary>
    /// Sets any other member of the run as the API names it, dots for members of members: <c>owner</c>,
    /// <c>effectiveness.first_pass_success</c>, <c>customer_experience_index</c>.
    /// </summary>
    /// <param name="path">The member.</param>
    /// <param name="value">Any value; it becomes JSON at once. Null says nothing.</param>
    /// <exception cref="ArgumentException">The path is empty, or names the id.</exception>
    public void SetField(string path, object? value)
    {
        CheckPath(path);
        if (value is not null) SetJson(path, value);
    }

    /// <summary>Ends it now, completed. Later ends are ignored.</summary>
    /// <param name="output">What comes out; null: as it was set.</param>
    public void Complete(object? output = null)
    {
        if (output is not null) SetOutput(output);
        End("completed");
    }

    /// <summary>Ends it now, failed. Later ends are ignored.</summary>
    /// <param name="error">What went wrong: type, message and stack are reported.</param>
    /// <param name="kind">Whose fault it is; null: not said.</param>
    public void Fail(Exception error, ErrorKind? kind = null)
    {
        ArgumentNullException.ThrowIfNull(error);
        Fail(Errors.Message(error), Errors.Code(error), kind, Errors.Stack(error));
    }

    /// <summary>Ends it now, failed, without an exception.</summary>
    /// <param name="message">What went wrong, for people.</param>
    /// <param name="code">The workflow's own code.</param>
    /// <param name="kind">Whose fault it is.</param>
    /// <param name="stack">Stack trace.</param>
    public void Fail(string message, string? code = null, ErrorKind? kind = null, string? stack = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        lock (gate)
        {
            if (hasEnded) return;
            SetJson("diagnostics.error_message", Fields.Whole(message));
            Set("diagnostics.error_code", code);
            Set("error_class", kind is { } k ? Words.Of(k) : null);
            if (stack is not null) SetJson("error_stack", Fields.Whole(stack));
            End("failed");
        }
    }

    /// <summary>Ends it now, canceled. Later ends are ignored.</summary>
    public void Cancel() => End("canceled");

    /// <summary>Ends it, completed where nothing else was said; waits for room when the queue is full.</summary>
    public async ValueTask DisposeAsync()
    {
        End("completed");
        await hub.Queue.RoomAsync(CancellationToken.None).ConfigureAwait(false);
    }

    internal void Set(string path, string? text)
    {
        if (Fields.Name(text) is { } value) state.Set(path, Fields.Text(value));
    }

    internal async Task<T> GuardAsync<T>(Func<ReportedRun, Task<T>> work)
    {
        try
        {
            return await work(this).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Cancel();
            throw;
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    internal void Log(LogKind kind, string message, object? attributes, string? stepId)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Length == 0 && attributes is null) return;
        var at = LineTime();
        state.Log(Fields.Write(json =>
        {
            json.WriteStartObject();
            // With the time it is one line however often it is sent.
            json.WriteString("ts", Words.Of(at));
            json.WriteString("level", Words.Of(kind));
            json.WriteString("msg", Fields.Whole(message.Length > MaxMessage ? message[..(char.IsHighSurrogate(message[MaxMessage - 1]) ? MaxMessage - 1 : MaxMessage)] : message));
            if (message.Length > MaxMessage) json.WriteNumber("msg_length", message.Length);
            if (Fields.Name(stepId, 128) is { } id) json.WriteString("step_id", id);
            if (attributes is not null)
            {
                var value = Fields.Value(attributes, hub.Json);
                // The hub would drop them too.
                if (value.Length > MaxAttributes) value = Fields.Write(j =>
                {
                    j.WriteStartObject();
                    j.WriteNumber("runhub.dropped_bytes", value.Length);
                    j.WriteEndObject();
                });
                json.WritePropertyName("attributes");
                if (value[0] != '{') json.WriteStartObject();
                if (value[0] != '{') json.WritePropertyName("value");
                json.WriteRawValue(value, skipInputValidation: true);
                if (value[0] != '{') json.WriteEndObject();
            }

            json.WriteEndObject();
        }));
    }

    /// <summary>
    /// Now, to the microsecond, and later than the line before: the hub takes the same line at the same time for one line
    /// sent twice. A clock that is set back is followed.
    /// </summary>
    DateTimeOffset LineTime()
    {
        lock (gate)
        {
            var now = hub.Time.GetUtcNow();
            now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
            if (now <= lastLine && lastLine - now < TimeSpan.FromSeconds(1)) now = lastLine.AddMicroseconds(1);
            return lastLine = now;
        }
    }

    internal static void CheckPath(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (path is "id" or "run_id" or "steps" or "logs" or "annotations" || path.Split('.').Any(string.IsNullOrWhiteSpace))
            throw new ArgumentException($"\"{path}\" cannot be set this way.", nameof(path));
    }

    void SetJson(string path, object? value) => state.Set(path, Fields.Value(value, hub.Json));

    void End(string status)
    {
        lock (gate)
        {
            if (hasEnded) return;
            hasEnded = true;
            state.Set("completed_at", Fields.Text(Words.Of(hub.Time.GetUtcNow())));
            state.Set("status", Fields.Text(status));
        }
    }
}

/// <summary>What is said of an exception.</summary>
static class Errors
{
    const int MaxStack = 64 * 1024;

    public static string Message(Exception error) => string.IsNullOrWhiteSpace(error.Message) ? error.GetType().Name : error.Message;

    public static string Code(Exception error) => error.GetType().FullName ?? error.GetType().Name;

    public static string Stack(Exception error) => error.ToString() is { Length: > MaxStack } long_ ? long_[..MaxStack] : error.ToString();
}
