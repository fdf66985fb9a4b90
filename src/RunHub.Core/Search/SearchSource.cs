using System.Text;
using System.Text.Json;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Logs;
using RunHub.Store.Payloads;

namespace RunHub.Search;

/// <summary>
/// Reads what of a run is searched: names, tags, errors, steps, notes, then log lines of warnings and worse, the heads of inputs and
/// outputs, the run's before its steps', and the other log lines, until <see cref="SearchDocument.MaxLength"/> is reached. Everything it reads has been through redaction.
/// </summary>
static class SearchSource
{
    /// <summary>Bytes of one payload that are looked at.</summary>
    public const int PayloadHead = 16 * 1024;

    /// <summary>Steps of a run that are looked at.</summary>
    public const int MaxSteps = 500;

    /// <summary>Characters of one log line that are looked at.</summary>
    public const int LineHead = 4 * 1024;

    /// <summary>Characters of all log lines of warnings and worse that are looked at: a run that warns without end keeps room for the rest.</summary>
    public const int GraveLogs = 16 * 1024;

    const int StackHead = 4 * 1024;

    /// <summary>Log lines of a run that are looked at, of either kind.</summary>
    public const int MaxLines = 2_000;

    static readonly RowProjection<RunRow> RunColumns = RunRow.Table.Project(
        "run_no", "tenant_no", "sort_at", "name", "workflow_name", "tags", "error_code", "error_message", "failed_node", "inputs_at", "inputs_len", "outputs_at", "outputs_len", "extra_at", "extra_len");

    static readonly RowProjection<StepRow> StepColumns = StepRow.Table.Project(
        "name", "label", "tool", "error_code", "error_message", "input_at", "input_len", "output_at", "output_len");

    // Most runs have neither steps nor notes nor log lines, and each question is a way to the server and back.
    static readonly string RunSql = $"""
        SELECT {RunColumns.Sql},
          CASE WHEN EXISTS (SELECT 1 FROM steps WHERE run_no = @run_no) THEN 1 ELSE 0 END, CASE WHEN EXISTS (SELECT 1 FROM annotations WHERE run_no = @run_no) THEN 1 ELSE 0 END,
          CASE WHEN EXISTS (SELECT 1 FROM log_totals WHERE run_no = @run_no) THEN 1 ELSE 0 END
        FROM runs WHERE run_no = @run_no
        """;
    static readonly string StepsSql = $"SELECT {StepColumns.Sql} FROM steps WHERE run_no = @run_no LIMIT {MaxSteps}";

    static readonly string GraveSql = $"SELECT substr(message, 1, {LineHead}) FROM logs WHERE run_no = @run_no AND level >= 3 ORDER BY at, seq LIMIT {MaxLines}";

    // Of a million warnings with one line of another kind at the end, not all are walked.
    static readonly string OtherSql = $"SELECT substr(message, 1, {LineHead}) FROM (SELECT message, level FROM logs WHERE run_no = @run_no ORDER BY at, seq LIMIT {MaxLines}) l WHERE level < 3";

    /// <summary>The run's text; null: the run is gone.</summary>
    public static async Task<SearchEntry?> ReadAsync(SqlSession sql, long runNo, CancellationToken cancellationToken)
    {
        var found = await sql.Prepare(RunSql).With(runNo).FirstAsync(r => (Run: RunColumns.Read(r), HasSteps: r.Bool(RunColumns.Count) == true, HasNotes: r.Bool(RunColumns.Count + 1) == true, HasLogs: r.Bool(RunColumns.Count + 2) == true), cancellationToken);
        if (found.Run is not { } run) return null;
        var steps = found.HasSteps ? await sql.Prepare(StepsSql).With(runNo).ListAsync(r => StepColumns.Read(r), cancellationToken) : [];
        var notes = found.HasNotes ? await RunReader.AnnotationsAsync(sql, runNo, cancellationToken) : [];
        var text = new SearchDocumentBuilder();
        text.Add(SearchKind.Name, run.WorkflowName);
        text.Add(SearchKind.Name, run.Name);
        foreach (var tag in TextList.Split(run.TagsText)) text.Add(SearchKind.Tag, tag);
        text.Add(SearchKind.Error, run.ErrorCode);
        text.Add(SearchKind.Error, run.ErrorMessage);
        text.Add(SearchKind.Error, run.FailedNode);
        foreach (var name in steps.SelectMany(s => new[] { s.Name, s.Label, s.Tool }).OfType<string>().Distinct(StringComparer.Ordinal)) text.Add(SearchKind.Step, name);
        foreach (var error in steps.SelectMany(s => new[] { s.ErrorCode, s.ErrorMessage }).OfType<string>().Distinct(StringComparer.Ordinal).Where(e => e != run.ErrorMessage)) text.Add(SearchKind.Error, error);
        foreach (var note in notes) text.Add(SearchKind.Note, note.Note);
        var totals = found.HasLogs ? await LogReader.TotalsAsync(sql, runNo, cancellationToken) : LogTotals.None;
        if (totals.Levels.Skip((int)Severity.Warn).Any(n => n > 0)) await LinesAsync(sql, runNo, GraveSql, text, GraveLogs, cancellationToken);
        await PayloadsAsync(sql, run, steps, text, cancellationToken);
        if (totals.Levels.Take((int)Severity.Warn).Any(n => n > 0) && !text.IsFull) await LinesAsync(sql, runNo, OtherSql, text, text.Left, cancellationToken);
        return new SearchEntry(run.RunNo, run.TenantNo, run.SortAt, text.Build());
    }

    static async Task PayloadsAsync(SqlSession sql, RunRow run, List<StepRow> steps, SearchDocumentBuilder text, CancellationToken cancellationToken)
    {
        var wanted = new List<(SearchKind Kind, PayloadRef Ref)>();
        long bytes = 0;
        foreach (var (kind, payload) in steps.SelectMany(s => new[] { (SearchKind.Input, s.Input), (SearchKind.Output, s.Output) }).Prepend((SearchKind.Output, run.Outputs)).Prepend((SearchKind.Input, run.Inputs)))
        {
            if (payload is not { Length: > 0 } reference) continue;
            // A third of JSON is names and brackets.
            if (bytes > text.Left * 2L) break;
            var head = reference with { Length = Math.Min(reference.Length, PayloadHead) };
            wanted.Add((kind, head));
            bytes += head.Length;
        }

        var extra = run.Extra is { Length: <= PayloadRef.ChunkSize } small ? small : (PayloadRef?)null;
        var payloads = await RunReader.PayloadsAsync(sql, run.RunNo, wanted.Select(w => (PayloadRef?)w.Ref).Append(extra), cancellationToken);
        var more = RunExtra.Read(payloads[extra]);
        text.Add(SearchKind.Error, Head(more.ErrorMessage?[Math.Min(more.ErrorMessage.Length, Limits.ErrorMessageInRow)..]));
        text.Add(SearchKind.Error, Head(more.ErrorStack));
        text.Add(SearchKind.Note, Head(more.ExperienceNotes));
        foreach (var (kind, reference) in wanted)
        {
            if (text.IsFull) return;
            PayloadText.Append(text, kind, payloads[reference].Span);
        }
    }

    // The same line again and again says nothing more.
    static async Task LinesAsync(SqlSession sql, long runNo, string lines, SearchDocumentBuilder text, int most, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await sql.Prepare(lines).With(runNo).ReadAsync(cancellationToken);
        while (most > 0 && await reader.ReadAsync(cancellationToken))
        {
            var line = reader.GetString(0);
            if (!seen.Add(line)) continue;
            text.Add(SearchKind.Log, line.AsSpan(0, Math.Min(line.Length, most)));
            most -= line.Length;
        }
    }

    static string? Head(string? text) => text is { Length: > StackHead } ? text[..StackHead] : text;
}

/// <summary>A run's text with what the index knows beside it.</summary>
/// <param name="RunNo">The run.</param>
/// <param name="TenantNo">Its tenant.</param>
/// <param name="SortAt">Its place in lists.</param>
/// <param name="Document">The text.</param>
sealed record SearchEntry(long RunNo, long TenantNo, long SortAt, SearchDocument Document);

/// <summary>The values of JSON as text: strings and numbers, not names. The JSON may be cut off anywhere.</summary>
static class PayloadText
{
    public static void Append(SearchDocumentBuilder text, SearchKind kind, ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 1024 }));
        try
        {
            while (!text.IsFull && reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String) text.Add(kind, reader.GetString());
                else if (reader.TokenType == JsonTokenType.Number) text.Add(kind, Encoding.ASCII.GetString(reader.ValueSpan));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Lone surrogates as escapes, or no JSON after all: what came before is text enough.
            return;
        }

        Rest(text, kind, utf8[(int)reader.BytesConsumed..]);
    }

    // A string that was cut off: as much of it as is whole.
    static void Rest(SearchDocumentBuilder text, SearchKind kind, ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart(" \t\r\n,:"u8);
        if (rest is not [(byte)'"', ..]) return;
        Span<byte> closed = new byte[rest.Length + 1];
        for (var cut = 0; cut < 12 && rest.Length - cut > 1; cut++)
        {
            rest[..^cut].CopyTo(closed);
            closed[rest.Length - cut] = (byte)'"';
            var reader = new Utf8JsonReader(closed[..(rest.Length - cut + 1)]);
            try
            {
                if (reader.Read() && reader.BytesConsumed == rest.Length - cut + 1) text.Add(kind, reader.GetString());
                return;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // In the middle of an escape or of a character: a byte less.
            }
        }
    }
}
