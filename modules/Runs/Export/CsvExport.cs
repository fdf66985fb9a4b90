using System.Globalization;
using System.Text;
using CsvHelper;
using RunHub.Http;
using RunHub.Json;
using RunHub.Model;
using RunHub.Runs.Columns;
using RunHub.Store;

namespace RunHub.Runs.Export;

/// <summary>A column of the CSV.</summary>
/// <param name="Name">Its head, as the API calls it.</param>
/// <param name="Text">A cell that is text; null where it is a number.</param>
/// <param name="Number">A cell that is a number, a time or a word of ours: written as it is.</param>
/// <param name="Part">A cell from what lies beside the row.</param>
sealed record CsvColumn(string Name, Func<RunRow, string?>? Text = null, Func<RunRow, string?>? Number = null, Func<RunParts, string?>? Part = null)
{
    /// <summary>A place in input or output: a number is written as it is.</summary>
    public Func<RunParts, PathValue>? Value { get; init; }
}

/// <summary>
/// CSV by RFC 4180: CRLF, quotes where they are needed. A text that a spreadsheet would take for a formula gets a
/// leading apostrophe, unless exact output is asked for.
/// </summary>
sealed class CsvExport(ExportTarget target, IReadOnlyList<CsvColumn> columns, bool exact, bool bom) : IExportWriter, IAsyncDisposable
{
    /// <summary>All columns; those of the default stand first, what lies beside the row last.</summary>
    public static IReadOnlyList<CsvColumn> All { get; } =
    [
        Text("id", r => r.Id), Text("name", r => r.Name), Text("type", r => r.Type), Text("workflow_name", r => r.WorkflowName), Text("workflow_version", r => r.WorkflowVersion),
        Text("environment", r => r.Environment), Plain("status", r => r.Status.ToName()), Time("started_at", r => r.StartedAt), Time("completed_at", r => r.CompletedAt),
        Plain("duration_ms", r => Of(r.DurationMs)), Text("actor", r => r.Actor), Plain("hitl", r => r.Hitl), Plain("trigger", r => r.Trigger), Text("started_by", r => r.StartedBy),
        Text("owner", r => r.Owner), Text("business_event_id", r => r.BusinessEventId), Text("lead_id", r => r.LeadId), Text("batch_id", r => r.BatchId),
        Text("thread_id", r => r.ThreadId), Text("agent_id", r => r.AgentId), Text("trace_id", r => r.TraceId), Text("parent_run_id", r => r.ParentRunId),
        Text("root_run_id", r => r.RootRunId), Plain("attempt", r => Of(r.Attempt)), Plain("progress", r => Of(r.Progress)), Plain("tokens", r => Of(r.Tokens)),
        Plain("compute_ms", r => Of(r.ComputeMs)), Plain("cost_usd", r => r.CostNano is { } nano ? Money.FromNano(nano).ToString(CultureInfo.InvariantCulture) : null),
        Text("error_code", r => r.ErrorCode), Plain("error_class", r => r.ErrorClass), Text("error_message", r => r.ErrorMessage), Text("error_step_id", r => r.ErrorStepId),
        Text("tags", r => r.TagsText is { } tags ? string.Join("; ", TextList.Split(tags)) : null),
        Plain("first_pass_success", r => Of(r.FirstPassSuccess)), Plain("accuracy", r => Of(r.Accuracy)), Plain("throughput_delta", r => Of(r.ThroughputDelta)),
        Plain("customer_experience_index", r => Of(r.CustomerExperienceIndex)), Plain("time_to_feature", r => Of(r.TimeToFeature)), Text("resolved", r => r.Resolved),
        Plain("step_count", r => Of(r.StepCount)), Plain("failed_steps", r => Of(r.FailedSteps)), Plain("retries", r => Of(r.Retries)),
        Time("created_at", r => r.CreatedAt), Time("updated_at", r => r.UpdatedAt),
        Beside("inputs_summary", p => Json(p.Inputs)), Beside("outputs_summary", p => Json(p.Outputs)), Beside("error_stack", p => p.ErrorStack), Beside("experience_notes", p => p.ExperienceNotes),
        Beside("annotations", p => p.Annotations.Count == 0 ? null : string.Join("\n", p.Annotations.Select(n => $"{Times.ToIso(n.At)} {n.Author}: {n.Note}"))),
    ];

    readonly CsvWriter csv = CsvWriter.Create(target.Pipe.AsStream(leaveOpen: true), new CsvWriterOptions { WriteByteOrderMark = bom, BufferSize = ExportTarget.FlushAt }, leaveOpen: false);
    readonly bool isNarrow = columns.All(c => c.Part is null && c.Value is null);
    int rows;

    public RowProjection<RunRow> Columns => isNarrow ? ListApi.AllColumns : RunRow.Table.All;

    /// <summary>The columns asked for; without <c>columns=</c> those of the row, with <c>include=payloads</c> all.</summary>
    /// <exception cref="ProblemException">400: one of them is unknown.</exception>
    public static IReadOnlyList<CsvColumn> Choose(string? names, ExportParts include)
    {
        if (string.IsNullOrWhiteSpace(names)) return include.HasFlag(ExportParts.Payloads) ? All : [.. All.Where(c => c.Part is null)];
        var chosen = ChosenColumns.Split(names).Select(Find).DistinctBy(c => c.Name, StringComparer.Ordinal).ToList();
        return chosen.Count(c => c.Value is not null) <= ChosenColumns.MostPaths ? chosen
            : throw ProblemException.Invalid("query.columns", string.Create(CultureInfo.InvariantCulture, $"At most {ChosenColumns.MostPaths} columns come from inputs and outputs."));
    }

    // A column of the CSV, one that only the list has, or a place in input or output.
    static CsvColumn Find(string name)
    {
        if (All.FirstOrDefault(c => c.Name == name) is { } known) return known;
        if (name == "failed_node") return Text(name, r => r.FailedNode);
        if (name == "models") return Text(name, r => r.Models is { } models ? string.Join("; ", TextList.Split(models)) : null);
        if (!PayloadPath.Looks(name))
            throw ProblemException.Invalid("query.columns", $"There is no column \"{Ui.Format.Short(name, 60)}\"; these there are: {string.Join(", ", All.Select(c => c.Name))}, failed_node, models, and places such as input.customer.name.");
        var path = PayloadPath.Parse(name, out var why) ?? throw ProblemException.Invalid("query.columns", why);
        return new CsvColumn(path.Text) { Value = p => path.In((path.IsInput ? p.Inputs : p.Outputs).Span, whole: true) };
    }

    public Task BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var column in columns) csv.WriteField(column.Name);
        return csv.EndRecordAsync(cancellationToken).AsTask();
    }

    public async Task WriteAsync(RunRow run, CancellationToken cancellationToken)
    {
        var parts = isNarrow ? null : await PartsAsync(run, cancellationToken);
        foreach (var column in columns)
        {
            if (column.Number is { } number) csv.WriteField(number(run));
            else if (column.Value is { } value && value(parts!) is var found)
            {
                if (found.IsNumber) csv.WriteField(found.Text);
                else Cell(found.Text);
            }
            else Cell(column.Part is { } part ? part(parts!) : column.Text!(run));
        }

        await csv.EndRecordAsync(cancellationToken);
        if (++rows % 200 == 0 || !isNarrow) await HandOnAsync(cancellationToken);
    }

    public Task EndAsync(CancellationToken cancellationToken) => HandOnAsync(cancellationToken);

    public ValueTask DisposeAsync() => csv.DisposeAsync();

    async Task HandOnAsync(CancellationToken cancellationToken)
    {
        await csv.FlushAsync(cancellationToken);
        await target.FlushAsync(cancellationToken);
    }

    void Cell(string? value)
    {
        if (!exact && value is { Length: > 0 } && IsFormula(value[0])) csv.WriteField("'" + value, CsvQuoting.Always);
        else csv.WriteField(value);
    }

    /// <summary>What spreadsheets take for the beginning of a formula, full-width forms included.</summary>
    internal static bool IsFormula(char first) => first is '=' or '+' or '-' or '@' or '\t' or '\r' or '＝' or '＋' or '－' or '＠';

    async Task<RunParts> PartsAsync(RunRow run, CancellationToken cancellationToken)
    {
        await using var sql = await target.Database.ReadAsync(cancellationToken);
        await using var snapshot = await Snapshot.BeginAsync(sql, cancellationToken);
        return await RunReader.FindAsync(sql, run.RunNo, cancellationToken) is { } now ? await RunPartsReader.ReadAsync(sql, now, cancellationToken) : new RunParts();
    }

    static CsvColumn Text(string name, Func<RunRow, string?> text) => new(name, Text: text);

    static CsvColumn Plain(string name, Func<RunRow, string?> text) => new(name, Number: text);

    static CsvColumn Time(string name, Func<RunRow, long?> micros) => new(name, Number: r => micros(r) is { } at ? Times.ToIso(at) : null);

    static CsvColumn Beside(string name, Func<RunParts, string?> text) => new(name, Part: text);

    static string? Json(ReadOnlyMemory<byte> utf8) => utf8.Length == 0 ? null : Encoding.UTF8.GetString(utf8.Span);

    static string? Of(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    static string? Of(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    static string? Of(bool? flag) => flag is { } f ? f ? "true" : "false" : null;
}
