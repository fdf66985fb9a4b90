using System.Text.Json;

namespace RunHub.Client;

/// <summary>What a <see cref="RunHubClient"/> needs to know. Only <see cref="Url"/> and <see cref="ApiKey"/> must be set.</summary>
public sealed record RunHubClientOptions
{
    /// <summary>Where the hub is, such as <c>https://runhub.example.com</c>; a path before <c>/api</c> is kept.</summary>
    public required string Url { get; init; }

    /// <summary>An API key with the scope <c>ingest</c>; <c>read</c> as well for the reading helpers.</summary>
    public required string ApiKey { get; init; }

    /// <summary>Environment of runs that name none; null: the hub's default, <c>prod</c>.</summary>
    public string? Environment { get; init; }

    /// <summary>Workflow type of runs that name none; null: the hub's default.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// Changes that may wait to be sent: a run, a step, a line of its log count one each. Default 10,000. What happens beyond is
    /// said by <see cref="WhenFull"/>.
    /// </summary>
    public int MaxQueued { get; init; } = 10_000;

    /// <summary>Bytes that may wait to be sent, likewise. Default 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64L << 20;

    /// <summary>What a full queue does to who reports. Default: they wait.</summary>
    public WhenFull WhenFull { get; init; } = WhenFull.Wait;

    /// <summary>Runs of one request at most. Default 500.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>Bytes of one request at most, before compression; a single larger run goes alone. Default 4 MiB.</summary>
    public int BatchBytes { get; init; } = 4 << 20;

    /// <summary>
    /// How long the first change waits for others that go with it; changes of one run within it are one. Default 200 ms.
    /// A flush does not wait.
    /// </summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Folder for what cannot be sent while the hub is away; null: none, it stays in the queue. One folder per hub and key;
    /// processes may share it, each takes a part of its own, and a later one sends what an earlier one left.
    /// </summary>
    public string? SpillFolder { get; init; }

    /// <summary>Bytes on disk at most; beyond, the queue fills up. Default 256 MiB.</summary>
    public long MaxSpillBytes { get; init; } = 256L << 20;

    /// <summary>Time for one request. Default 60 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>First pause after a failure; it doubles up to <see cref="MaxRetryDelay"/>, with chance mixed in. Default 0.5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest pause the client chooses itself; a <c>Retry-After</c> of the hub may be longer. Default 30 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long disposing may take to deliver what is waiting. Default 10 s. The rest goes to the spill folder.</summary>
    public TimeSpan DisposeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Called for each run the hub refused for good, and for what was lost; the others of its batch were taken. Called from the
    /// sender: be quick. What it throws is swallowed.
    /// </summary>
    public Action<RejectedRun>? OnRejected { get; init; }

    /// <summary>
    /// Called when the hub goes out of reach or throttles, with the reason, and with null when it is back. What it throws is
    /// swallowed.
    /// </summary>
    public Action<string?>? OnUnreachable { get; init; }

    /// <summary>How inputs and outputs become JSON; null: as <see cref="JsonSerializerDefaults.Web"/>.</summary>
    public JsonSerializerOptions? Json { get; init; }

    /// <summary>What sends requests, for proxies, certificates and tests; null: the client makes one. Not disposed by the client.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What is wrong with these; null: nothing.</summary>
    internal string? WhatIsWrong()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) return $"Url must be an http(s) address, not \"{Url}\".";
        if (string.IsNullOrWhiteSpace(ApiKey) || ApiKey.Any(c => c is <= ' ' or > '~')) return "ApiKey is missing, or holds characters no key has.";
        (string Name, long Value)[] positive =
        [
            (nameof(MaxQueued), MaxQueued), (nameof(MaxQueuedBytes), MaxQueuedBytes), (nameof(BatchSize), BatchSize), (nameof(BatchBytes), BatchBytes),
            (nameof(MaxSpillBytes), MaxSpillBytes), (nameof(RequestTimeout), RequestTimeout.Ticks), (nameof(RetryDelay), RetryDelay.Ticks), (nameof(MaxRetryDelay), MaxRetryDelay.Ticks),
        ];
        if (Array.Find(positive, p => p.Value <= 0) is { Name: { } name }) return $"{name} must be more than nothing.";
        return BatchDelay < TimeSpan.Zero || DisposeTimeout < TimeSpan.Zero ? "BatchDelay and DisposeTimeout cannot be negative." : null;
    }
}

/// <summary>What a full queue does to who reports.</summary>
public enum WhenFull
{
    /// <summary>
    /// Who ends a run or a step waits for room; nothing is lost. Starting and setting never wait, so the bound may be exceeded by
    /// what one does between two such ends.
    /// </summary>
    Wait,

    /// <summary>
    /// Runs and steps that start meanwhile are left out as a whole, and lines of logs one by one; they are counted. What had
    /// started is reported to its end.
    /// </summary>
    Drop,
}

/// <summary>A run that was not taken.</summary>
/// <param name="RunId">Its id; null: unreadable.</param>
/// <param name="Status">HTTP status; 0: it never got an answer (deadline, spill file damaged).</param>
/// <param name="Path">Where the fault is, a JSON path below the run such as <c>$.status</c>.</param>
/// <param name="Reason">What is wrong, one sentence.</param>
/// <param name="Json">What was sent.</param>
public sealed record RejectedRun(string? RunId, int Status, string Path, string Reason, ReadOnlyMemory<byte> Json);

/// <summary>What a client has done so far.</summary>
public sealed record RunHubCounters
{
    /// <summary>Updates of runs the hub took.</summary>
    public long Delivered { get; init; }

    /// <summary>Updates the hub refused for good, see <see cref="RunHubClientOptions.OnRejected"/>.</summary>
    public long Rejected { get; init; }

    /// <summary>Updates that were given up at the deadline of disposing, or were unreadable in the spill folder.</summary>
    public long Lost { get; init; }

    /// <summary>Runs, steps and lines left out because the queue was full (<see cref="WhenFull.Drop"/>), and lines beyond a run's bound.</summary>
    public long Dropped { get; init; }

    /// <summary>Requests sent.</summary>
    public long Requests { get; init; }

    /// <summary>Requests among them that failed and were, or will be, sent again.</summary>
    public long Retries { get; init; }

    /// <summary>Updates written to the spill folder.</summary>
    public long Spilled { get; init; }

    /// <summary>Bytes in the spill folder now.</summary>
    public long SpillBytes { get; init; }

    /// <summary>Changes waiting now.</summary>
    public long Queued { get; init; }

    /// <summary>Bytes waiting now.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Why the last request failed; null: it did not.</summary>
    public string? LastFailure { get; init; }
}
