using System.CommandLine;
using System.Globalization;
using RunHub.Client;

namespace RunHub.Cli;

/// <summary>
/// <c>runhub import</c>: sends the runs of a file to a hub. Ends with 0 when all were taken, 2 when some were not (they stand in
/// <c>{file}.rejected.ndjson</c>), 1 when it broke off; then the same command goes on where it stopped.
/// </summary>
sealed class Import
{
    const int BatchRuns = 500;
    const int BatchBytes = 4 << 20;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    readonly RunHubClientOptions options;
    readonly string file;
    readonly bool keepTenant;
    readonly Progress progress;
    readonly List<(long Line, PieceKind Kind, ReadOnlyMemory<byte> Json)> batch = [];
    readonly bool isStandardInput;
    RejectedFile rejects = null!;
    long batchBytes, taken, rejected;

    Import(RunHubClientOptions options, string file, bool keepTenant, TextWriter output)
    {
        (this.options, this.file, this.keepTenant) = (options, file, keepTenant);
        progress = new Progress(output, options.Time);
        isStandardInput = file == "-";
    }

    /// <summary>The command.</summary>
    public static Command Command()
    {
        var (hub, file) = (new HubOptions(), new Argument<string>("file") { Description = "One run per line (NDJSON) or a JSON array of runs, packed with gzip or not; - reads standard input." });
        var restart = new Option<bool>("--restart") { Description = "Begin at the first run again, although an earlier import got further." };
        var strictTenant = new Option<bool>("--keep-tenant") { Description = "Refuse runs whose tenant_id is another than the key's; usually the runs become the key's tenant's." };
        var command = new Command("import", "Sends the runs of a file to a hub; started again, it goes on where it stopped.") { file, hub.Url, hub.Key, restart, strictTenant };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Console.CancelKeyPress += (_, pressed) =>
            {
                pressed.Cancel = true;
                stop.Cancel();
            };
            return await new Import(hub.Of(parsed), parsed.GetValue(file)!, parsed.GetValue(strictTenant), Console.Error).RunAsync(parsed.GetValue(restart), stop.Token);
        });
        return command;
    }

    async Task<int> RunAsync(bool restart, CancellationToken cancellationToken)
    {
        try
        {
            await using var client = new RunHubClient(options);
            await using Stream raw = isStandardInput ? Console.OpenStandardInput() : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
            var position = isStandardInput || restart ? null : ImportPosition.Read(file, options.Url);
            if (position is not null)
            {
                progress.Line($"Going on at line {N(position.Line)}, after {N(position.Taken + position.Rejected)} runs.");
                (taken, rejected) = (position.Taken, position.Rejected);
            }

            using (rejects = new RejectedFile((isStandardInput ? "import" : file) + ".rejected.ndjson", position?.RejectedBytes ?? 0)) await SendAsync(client, raw, position, cancellationToken);
            if (!isStandardInput) ImportPosition.Delete(file);
            progress.Line(rejected == 0 ? $"{N(taken)} runs taken in {progress.Elapsed.TotalSeconds:0.0} s." : $"{N(taken)} runs taken, {N(rejected)} rejected: see {rejects.Path}");
            return rejected == 0 ? 0 : 2;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            progress.Line($"Stopped after {N(taken + rejected)} runs. " + GoOn());
            return 1;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or RunHubException)
        {
            progress.Line("runhub: " + (e is ArgumentException ? e.Message.Split(" (Parameter", 2)[0] : e.Message));
            if (taken + rejected > 0) progress.Line(GoOn());
            return 1;
        }
    }

    async Task SendAsync(RunHubClient client, Stream raw, ImportPosition? from, CancellationToken cancellationToken)
    {
        await using var plain = await RunFileReader.OpenAsync(raw, cancellationToken);
        var (offset, line) = (0L, 1L);
        // The same each time this file is sent.
        var written = isStandardInput ? options.Time.GetUtcNow() : new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero);
        await foreach (var run in new RunFileReader(plain).ReadAsync(from?.Offset ?? 0, from?.Line ?? 1, cancellationToken))
        {
            (offset, line) = (run.End, run.NextLine);
            if (run.Json is null)
            {
                Reject(run.Line, null, 413, "$", "It is longer than 512 MiB.", default);
                continue;
            }

            var (pieces, addsLogs, wrong) = RunToSend.Of(run.Json, run.Line, written, keepTenant);
            if (wrong is not null) Reject(run.Line, null, 400, "$", wrong, run.Json);
            for (var i = 0; i < pieces.Count; i++)
            {
                if (batch.Count > 0 && batchBytes + pieces[i].Length > BatchBytes) await PostAsync(client, cancellationToken);
                // Only the first piece of a run is counted as a run.
                batch.Add((run.Line, addsLogs ? PieceKind.MoreLogs : i == 0 ? PieceKind.Run : PieceKind.Rest, pieces[i]));
                batchBytes += pieces[i].Length;
            }

            if (batch.Count < BatchRuns && batchBytes < BatchBytes) continue;
            await PostAsync(client, cancellationToken);
            Note(offset, line);
            progress.Say(() => $"{N(taken + rejected)} runs, {N(rejected)} rejected, line {N(line)}{Percent(raw)}, {N((long)((taken + rejected - (from?.Taken ?? 0) - (from?.Rejected ?? 0)) / Math.Max(0.001, progress.Elapsed.TotalSeconds)))} runs/s");
        }

        await PostAsync(client, cancellationToken);
        if (offset > 0) Note(offset, line);
    }

    async Task PostAsync(RunHubClient client, CancellationToken cancellationToken)
    {
        if (batch.Count == 0) return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var failure = "";
        IReadOnlyList<(int Index, RejectedRun Run)> refused;
        try
        {
            refused = await client.PostAsync(batch.ConvertAll(b => b.Json), asIs: true, reason =>
            {
                failure = reason;
                progress.Say(() => "Waiting for the hub: " + reason);
            }, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RunHubException(0, $"The hub took nothing for {Patience.TotalMinutes:0} minutes: {failure}");
        }

        // A wrong key or address refuses every run there is: no reason to write them all down.
        if (refused.Count == batch.Count && refused.All(r => r.Run is { Status: 401 or 403 or 404 or 405 or 415 or < 400, Path: "$" })) throw new RunHubException(refused[0].Run.Status, refused[0].Run.Reason);
        var runs = batch.Count(b => b.Kind == PieceKind.Run);
        var lines = new HashSet<long>();
        foreach (var (index, run) in refused)
            if (lines.Add(batch[index].Line)) Reject(batch[index].Line, run.RunId, run.Status, run.Path, run.Reason, run.Json.Span);
        taken += runs - lines.Count(refusedLine => !batch.Exists(b => b.Line == refusedLine && b.Kind == PieceKind.MoreLogs));
        batch.Clear();
        batchBytes = 0;
    }

    void Reject(long line, string? id, int status, string path, string reason, ReadOnlySpan<byte> run)
    {
        rejected++;
        rejects.Add(line, id, status, path, reason, run);
        if (rejected <= 10) progress.Line($"line {N(line)}: {path}: {reason}");
        else if (rejected == 11) progress.Line($"More rejected runs are only written to {rejects.Path}.");
    }

    void Note(long offset, long line)
    {
        if (isStandardInput) return;
        rejects.Flush();
        new ImportPosition(options.Url, new FileInfo(file).Length, offset, line, taken, rejected, rejects.Length).Write(file);
    }

    string GoOn() => isStandardInput ? "Sent again, what was taken changes nothing." : "The same command goes on there.";

    string Percent(Stream raw) => raw is FileStream { Length: > 0 } known ? string.Create(CultureInfo.InvariantCulture, $" ({100.0 * known.Position / known.Length:0} %)") : "";

    static string N(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
