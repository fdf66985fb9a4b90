using System.Diagnostics;
using RunHub.Client.Reporting;

namespace RunHub.Client;

/// <summary>A step at work, in a run or in another step. Dispose it to end it. Thread-safe.</summary>
public sealed class ReportedStep : IAsyncDisposable
{
    readonly ReportedRun run;
    readonly StepState state;
    readonly ActivitySpanId spanId;
    readonly Lock gate = new();
    bool hasEnded;

    ReportedStep(ReportedRun run, StepState state, ActivitySpanId spanId) => (this.run, this.state, this.spanId) = (run, state, spanId);

    /// <summary>Public id, unique in the run.</summary>
    public string Id => state.Id;

    /// <summary>The run it belongs to.</summary>
    public ReportedRun Run => run;

    /// <summary>Starts a step within this one; dispose it to end it.</summary>
    /// <param name="name">What it is called, up to 256 characters.</param>
    /// <param name="start">What else is known.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public ReportedStep StartStep(string name, StepStart? start = null) => Start(run, this, spanId, name, start);

    /// <summary>
    /// Runs <paramref name="work"/> as a step within this one: completed when it returns, canceled when it throws
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
    public void SetInput(object? value) => SetJson("io.input_redacted", value);

    /// <summary>What comes out: any value; it becomes JSON at once.</summary>
    public void SetOutput(object? value) => SetJson("io.output_redacted", value);

    /// <summary>Parameters of the call, such as a temperature.</summary>
    public void SetParameters(object? value) => SetJson("details.parameters_redacted", value);

    /// <summary>The model that answered.</summary>
    public void SetModel(string model) => Set("details.model", model);

    /// <summary>Tokens of a model call.</summary>
    /// <param name="input">In.</param>
    /// <param name="output">Out.</param>
    public void SetTokens(long input, long output)
    {
        SetJson("tokens_in", input);
        SetJson("tokens_out", output);
    }

    /// <summary>Cost in US dollars.</summary>
    public void SetCost(decimal usd) => SetJson("cost_usd", usd);

    /// <summary>How often it was tried again.</summary>
    public void SetRetries(int retries) => SetJson("retries", Math.Max(0, retries));

    /// <summary>Whether the output passed its validation.</summary>
    /// <param name="passed">It did.</param>
    /// <param name="score">How well.</param>
    /// <param name="reasons">Why not.</param>
    public void SetValidation(bool passed, double? score = null, params IReadOnlyList<string> reasons)
    {
        SetJson("validation.passed", passed);
        if (score is { } value && double.IsFinite(value)) SetJson("validation.score", value);
        if (reasons is { Count: > 0 }) SetJson("validation.reasons", reasons);
    }

    /// <summary>Adds a line to the run's log, for this step.</summary>
    /// <param name="kind">How grave it is.</param>
    /// <param name="message">Its text; of more than 16,384 characters the beginning and how many there were.</param>
    /// <param name="attributes">What else is known: an object, at most 32 KiB as JSON; becomes JSON at once.</param>
    public void Log(LogKind kind, string message, object? attributes = null) => run.Log(kind, message, attributes, state.IsMuted ? null : Id);

    /// <summary>Sets any other member of the step as the API names it, dots for members of members: <c>details.endpoint</c>.</summary>
    /// <param name="path">The member.</param>
    /// <param name="value">Any value; it becomes JSON at once. Null says nothing.</param>
    /// <exception cref="ArgumentException">The path is empty, or names the id.</exception>
    public void SetField(string path, object? value)
    {
        ReportedRun.CheckPath(path);
        if (value is not null) SetJson(path, value);
    }

    /// <summary>Ends it now, completed. Later ends are ignored.</summary>
    /// <param name="output">What comes out; null: as it was set.</param>
    public void Complete(object? output = null)
    {
        if (output is not null) SetOutput(output);
        End("completed");
    }

    /// <summary>Ends it now, failed; the run goes on unless it is failed too. Later ends are ignored.</summary>
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
        await run.Hub.Queue.RoomAsync(CancellationToken.None).ConfigureAwait(false);
    }

    internal static ReportedStep Start(ReportedRun run, ReportedStep? parent, ActivitySpanId around, string name, StepStart? start)
    {
        var called = Fields.Name(name) ?? throw new ArgumentException("A step needs a name.", nameof(name));
        start ??= new StepStart();
        var (hub, now) = (run.Hub, run.Hub.Time.GetUtcNow());
        var isMuted = run.State.IsMuted || parent?.state.IsMuted == true || hub.Queue.DropsNow;
        if (isMuted && !run.State.IsMuted) hub.Queue.Dropped();
        var made = new StepState { Id = start.Id ?? Words.NewId("step_", now), IsMuted = isMuted };
        var ambient = Activity.Current?.SpanId ?? default;
        // One span, one step: steps within the same activity are not all that span.
        var span = start.SpanId ?? (ambient != default && ambient != around ? ambient.ToHexString() : null);
        Always("id", made.Id, 128);
        Always("name", called);
        Always("type", Words.Of(start.Kind));
        Always("parent_step_id", parent?.Id, 128);
        Always("node_id", start.NodeId);
        Always("started_at", Words.Of(start.StartedAt ?? now));
        Always("diagnostics.span_id", span);

        var step = new ReportedStep(run, made, ambient == default ? around : ambient);
        run.State.Begin(made);
        step.Set("label", start.Label);
        step.Set("details.model", start.Model);
        step.Set("details.tool", start.Tool);
        step.Set("details.endpoint", start.Endpoint, 2048);
        if (start.Parameters is { } parameters) step.SetParameters(parameters);
        if (start.Input is { } input) step.SetInput(input);
        step.SetJson("status", "running");
        return step;

        void Always(string path, string? text, int length = 256)
        {
            if (Fields.Name(text, length) is { } value) made.Always.Set(path, Fields.Text(value));
        }
    }

    internal async Task<T> GuardAsync<T>(Func<ReportedStep, Task<T>> work)
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

    void Set(string path, string? text, int length = 256)
    {
        if (Fields.Name(text, length) is { } value) run.State.Set(state, path, Fields.Text(value));
    }

    void SetJson(string path, object? value) => run.State.Set(state, path, Fields.Value(value, run.Hub.Json));

    void End(string status)
    {
        lock (gate)
        {
            if (hasEnded) return;
            hasEnded = true;
            SetJson("completed_at", Words.Of(run.Hub.Time.GetUtcNow()));
            SetJson("status", status);
        }
    }
}
