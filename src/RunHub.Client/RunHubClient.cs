using System.Diagnostics;
using System.Text.Json;
using RunHub.Client.Reporting;

namespace RunHub.Client;

/// <summary>
/// Reports runs to a RunHub: in batches, behind the caller, tried again while the hub is busy or away, and kept on disk
/// where <see cref="RunHubClientOptions.SpillFolder"/> is set. Make one per hub and key, keep it as long as the program runs,
/// and dispose it at the end. Thread-safe. Nothing here throws because of the hub; see <see cref="Counters"/> and the callbacks
/// of <see cref="RunHubClientOptions"/>.
/// </summary>
/// <example>
/// <code>
/// await using var hub = new RunHubClient(new RunHubClientOptions { Url = "https://runhub.example.com", ApiKey = key });
/// await hub.RunAsync("invoice_extraction", async run =>
/// {
///     await run.RunAsync("extract_fields", async step => step.SetOutput(await ExtractAsync()));
/// });
/// </code>
/// </example>
public sealed partial class RunHubClient : IAsyncDisposable
{
    readonly RunHubClientOptions options;
    readonly HubTransport transport;
    readonly ReportQueue queue;
    readonly Sender sender;
    int disposed;

    /// <summary>Makes a client; it opens no connection before there is something to send.</summary>
    /// <param name="options">Where to, and how.</param>
    /// <exception cref="ArgumentException">An option will not do.</exception>
    /// <exception cref="IOException">The spill folder cannot be written.</exception>
    public RunHubClient(RunHubClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.WhatIsWrong() is { } wrong) throw new ArgumentException(wrong, nameof(options));
        this.options = options;
        Json = options.Json ?? JsonSerializerOptions.Web;
        queue = new ReportQueue(options);
        transport = new HubTransport(options);
        try
        {
            sender = new Sender(options, queue, transport);
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <summary>What happened so far.</summary>
    public RunHubCounters Counters => sender.Counters;

    internal JsonSerializerOptions Json { get; }

    internal TimeProvider Time => options.Time;

    internal ReportQueue Queue => queue;

    /// <summary>
    /// Starts a run. Dispose it to end it: it is completed unless <see cref="ReportedRun.Fail(Exception, ErrorKind?)"/> or
    /// <see cref="ReportedRun.Cancel"/> was called. An exception that flies past a <c>using</c> cannot be seen from there; where
    /// it shall count as failure, use <see cref="RunAsync{T}"/>.
    /// </summary>
    /// <param name="workflow">Name of the workflow, up to 256 characters.</param>
    /// <param name="start">What else is known.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public ReportedRun StartRun(string workflow, RunStart? start = null)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        var name = Fields.Name(workflow) ?? throw new ArgumentException("A run needs the name of its workflow.", nameof(workflow));
        start ??= new RunStart();
        var isMuted = queue.DropsNow;
        if (isMuted) queue.Dropped();
        var now = Time.GetUtcNow();
        var startedAt = start.StartedAt ?? now;
        var state = new RunState(queue) { Id = start.Id ?? Words.NewId("run_", now), IsMuted = isMuted };
        Always("id", state.Id, 128);
        Always("workflow_name", name);
        Always("workflow_version", start.Version);
        Always("environment", start.Environment ?? options.Environment, 64);
        Always("type", start.Type ?? options.Type, 64);
        Always("business_event_id", start.BusinessEventId);
        Always("batch_id", start.BatchId);
        Always("parent_run_id", start.ParentRunId, 128);
        Always("started_at", Words.Of(startedAt));
        var activity = Activity.Current;
        Always("diagnostics.trace_id", start.TraceId ?? (activity?.TraceId is { } trace && trace != default ? trace.ToHexString() : null));
        if (start.Attempt is { } attempt) state.Always("attempt", Fields.Value(attempt, Json));

        var run = new ReportedRun(this, state, activity?.SpanId ?? default);
        run.Set("name", start.Name);
        run.Set("actor", start.Actor);
        run.Set("trigger", start.Trigger is { } trigger ? Words.Of(trigger) : null);
        run.Set("started_by", start.StartedBy);
        run.Set("lead_id", start.LeadId);
        run.Set("thread_id", start.ThreadId);
        run.Set("agent_id", start.AgentId);
        if (start.Tags is { Count: > 0 } tags) run.AddTags([.. tags]);
        if (start.Input is { } input) run.SetInput(input);
        state.Set("status", Fields.Text("running"));
        return run;

        void Always(string path, string? text, int length = 256)
        {
            if (Fields.Name(text, length) is { } value) state.Always(path, Fields.Text(value));
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> as a run: completed when it returns, canceled when it throws
    /// <see cref="OperationCanceledException"/>, failed with whatever else it throws; the exception flies on.
    /// </summary>
    /// <param name="workflow">Name of the workflow.</param>
    /// <param name="work">What to do; gets the run.</param>
    /// <param name="start">What else is known.</param>
    public async Task<T> RunAsync<T>(string workflow, Func<ReportedRun, Task<T>> work, RunStart? start = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        var run = StartRun(workflow, start);
        await using (run.ConfigureAwait(false)) return await run.GuardAsync(work).ConfigureAwait(false);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(string workflow, Func<ReportedRun, Task> work, RunStart? start = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync<object?>(workflow, async run =>
        {
            await work(run).ConfigureAwait(false);
            return null;
        }, start);
    }

    /// <summary>
    /// Completes when everything that was reported until now is safe: taken by the hub, refused for good, or on disk in the
    /// spill folder, from where it is sent even if this process dies. Without a spill folder it waits for the hub.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; nothing is taken back.</param>
    public Task FlushAsync(CancellationToken cancellationToken = default) => queue.FlushAsync(cancellationToken);

    /// <summary>
    /// Posts runs as they are, past queue and spill folder, and waits for the answer: for imports. Tries again on 408, 429, 502, 503,
    /// 504 and broken connections until <paramref name="cancellationToken"/> fires.
    /// </summary>
    /// <param name="runs">One JSON object each, as <c>POST /api/runs</c> takes it, without line breaks.</param>
    /// <param name="asIs">They were given out by a hub: nothing is added to them, and none is taken for a duplicate of another.</param>
    /// <param name="failed">Told of each failed try, before the pause.</param>
    /// <param name="cancellationToken">Gives up; some runs may have been taken.</param>
    /// <returns>The runs that were refused, by their place among <paramref name="runs"/>; the others are on the hub's disk.</returns>
    public async Task<IReadOnlyList<(int Index, RejectedRun Run)>> PostAsync(IReadOnlyList<ReadOnlyMemory<byte>> runs, bool asIs = false, Action<string>? failed = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var rejected = new List<(int, RejectedRun)>();
        var backoff = new Backoff(options);
        for (var done = 0; done < runs.Count;)
        {
            var result = await transport.SendAsync(done == 0 ? runs : [.. runs.Skip(done)], cancellationToken, asIs).ConfigureAwait(false);
            var before = done;
            rejected.AddRange(result.Rejected.Select(r => (r.Index + before, r.Run)));
            done += result.Settled;
            if (result.Settled > 0) backoff.Reset();
            if (result.Failure is null) continue;
            failed?.Invoke(result.Failure);
            await Task.Delay(backoff.Next(result.RetryAfter), Time, cancellationToken).ConfigureAwait(false);
        }

        return rejected;
    }

    /// <summary>Delivers what waits, for at most <see cref="RunHubClientOptions.DisposeTimeout"/>; the rest goes to the spill folder, or is told to <see cref="RunHubClientOptions.OnRejected"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        await sender.DisposeAsync().ConfigureAwait(false);
        transport.Dispose();
    }
}
