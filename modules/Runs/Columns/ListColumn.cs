using System.Globalization;
using RunHub.Filter;
using RunHub.Model;

namespace RunHub.Runs.Columns;

/// <summary>How a cell of the list is written.</summary>
public enum CellKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number, to the right.</summary>
    Number,

    /// <summary>A time: how long ago, with the exact one behind it.</summary>
    Time,

    /// <summary>One that is written in a way of its own: status, id, workflow, version, start, duration, tags.</summary>
    Own,
}

/// <summary>A column the list can show.</summary>
/// <param name="Key">Its name in the address and in the API.</param>
/// <param name="TextKey">Key of its head in the module's texts.</param>
/// <param name="Kind">How its cells are written.</param>
/// <param name="Text">A cell's text.</param>
/// <param name="At">A cell's time, microseconds since 1970.</param>
/// <param name="Path">The place in input or output it shows; null: a field of the run.</param>
public sealed record ListColumn(string Key, string TextKey, CellKind Kind, Func<RunRow, Ui.Format, string?>? Text = null, Func<RunRow, long?>? At = null, PayloadPath? Path = null)
{
    /// <summary>The list can be sorted by it.</summary>
    public RunSortBy? Sort { get; init; }

    /// <summary>Every field, those of the usual list first and in its order.</summary>
    public static IReadOnlyList<ListColumn> All { get; } =
    [
        Own("status", "Status") with { Sort = RunSortBy.Status }, Own("id", "RunId"), Own("workflow_name", "Workflow"), Own("workflow_version", "Version"), Of("environment", "Env", r => r.Environment),
        Own("started_at", "Started") with { Sort = RunSortBy.StartedAt }, Own("duration_ms", "Duration") with { Sort = RunSortBy.Duration }, Own("hitl", "Hitl"), Own("tags", "Tags"), Of("owner", "Owner", r => r.Owner),
        Of("name", "Column_name", r => r.Name), Of("type", "WorkflowType", r => r.Type), Of("trigger", "Field_trigger", r => r.Trigger), Of("started_by", "Column_started_by", r => r.StartedBy), Of("actor", "Field_actor", r => r.Actor),
        Number("tokens", "Tokens", (r, f) => r.Tokens is { } n ? f.Number(n) : null), Number("cost_usd", "Cost", (r, f) => r.CostNano is { } n ? f.Cost(n) : null), Number("compute_ms", "Column_compute_ms", (r, f) => r.ComputeMs is { } n ? f.Duration(n) : null),
        Of("error_code", "Field_error_code", r => r.ErrorCode), Of("error_class", "Field_error_class", r => r.ErrorClass), Of("error_message", "Column_error_message", r => r.ErrorMessage), Of("failed_node", "Field_node", r => r.FailedNode),
        Of("models", "Field_model", r => r.Models is { } models ? string.Join(", ", TextList.Split(models)) : null), Number("attempt", "Attempt", (r, f) => r.Attempt is { } n ? f.Number(n) : null),
        Number("retries", "Retries", (r, f) => f.Number(r.Retries)), Number("step_count", "StepCount", (r, f) => f.Number(r.StepCount)), Number("failed_steps", "Column_failed_steps", (r, f) => f.Number(r.FailedSteps)),
        Number("progress", "Column_progress", (r, f) => r.Progress is { } n ? f.Decimal(n) : null), Own("resolved", "Field_resolved"),
        Of("lead_id", "Field_lead", r => r.LeadId), Of("batch_id", "Field_batch", r => r.BatchId), Of("thread_id", "Field_thread", r => r.ThreadId), Of("agent_id", "Field_agent", r => r.AgentId),
        Of("business_event_id", "Field_business_event", r => r.BusinessEventId), Of("trace_id", "Field_trace", r => r.TraceId), Of("parent_run_id", "Field_parent", r => r.ParentRunId), Of("root_run_id", "Column_root_run_id", r => r.RootRunId),
        Of("first_pass_success", "Column_first_pass_success", r => r.FirstPassSuccess is { } yes ? yes ? "true" : "false" : null), Number("accuracy", "Column_accuracy", (r, f) => r.Accuracy is { } n ? f.Decimal(n) : null),
        Number("throughput_delta", "Column_throughput_delta", (r, f) => r.ThroughputDelta is { } n ? f.Decimal(n) : null),
        Number("customer_experience_index", "Column_customer_experience_index", (r, f) => r.CustomerExperienceIndex is { } n ? f.Decimal(n) : null),
        Number("time_to_feature", "Column_time_to_feature", (r, f) => r.TimeToFeature is { } n ? f.Duration(n) : null),
        Time("created_at", "Created", r => r.CreatedAt), Time("updated_at", "Column_updated_at", r => r.UpdatedAt), Time("completed_at", "Ended", r => r.CompletedAt),
    ];

    /// <summary>Those of the usual list.</summary>
    public static IReadOnlyList<ListColumn> Usual { get; } = [.. All.Take(10)];

    /// <summary>A place in input or output as a column.</summary>
    public static ListColumn Of(PayloadPath path) => new(path.Text, "", CellKind.Text, Path: path);

    /// <summary>The head, as people read it.</summary>
    public string Head(Ui.TextTable texts) => Path is { } path ? path.Last : texts[TextKey];

    static ListColumn Own(string key, string text) => new(key, text, CellKind.Own);

    static ListColumn Of(string key, string textKey, Func<RunRow, string?> text) => new(key, textKey, CellKind.Text, (r, _) => text(r));

    static ListColumn Number(string key, string textKey, Func<RunRow, Ui.Format, string?> text) => new(key, textKey, CellKind.Number, text);

    static ListColumn Time(string key, string textKey, Func<RunRow, long?> at) => new(key, textKey, CellKind.Time, At: at);
}

/// <summary>The columns of a list, in order; the run's id is always among them.</summary>
/// <param name="List">In order.</param>
public sealed record ChosenColumns(IReadOnlyList<ListColumn> List)
{
    /// <summary>Columns of a list.</summary>
    public const int Most = 30;

    /// <summary>Columns out of inputs and outputs.</summary>
    public const int MostPaths = 12;

    /// <summary>The places in inputs and outputs among them.</summary>
    public IReadOnlyList<PayloadPath> Paths { get; } = [.. List.Select(c => c.Path).OfType<PayloadPath>()];

    /// <summary>As in the address; null: these are the usual ones.</summary>
    public string? Text { get; } = List.Select(c => c.Key).SequenceEqual(ListColumn.Usual.Select(c => c.Key), StringComparer.Ordinal) ? null : string.Join(',', List.Select(c => c.Key));

    /// <summary>Reads what stands in an address; null: the usual columns.</summary>
    /// <exception cref="Http.ProblemException">400: a column that there is not, or too many.</exception>
    public static ChosenColumns? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var list = new List<ListColumn>();
        foreach (var word in Split(text))
        {
            var column = Find(word, out var why) ?? throw Http.ProblemException.Invalid("query.columns", why);
            if (!list.Exists(c => c.Key == column.Key)) list.Add(column);
        }

        if (!list.Exists(c => c.Key == "id")) list.Insert(Math.Min(1, list.Count), ListColumn.All[1]);
        if (list.Count > Most) throw Http.ProblemException.Invalid("query.columns", string.Create(CultureInfo.InvariantCulture, $"A list has at most {Most} columns."));
        if (list.Count(c => c.Path is not null) > MostPaths) throw Http.ProblemException.Invalid("query.columns", string.Create(CultureInfo.InvariantCulture, $"At most {MostPaths} columns come from inputs and outputs."));
        var chosen = new ChosenColumns(list);
        if (Uri.EscapeDataString(chosen.Text ?? "").Length > RunFilter.MaxColumns) throw Http.ProblemException.Invalid("query.columns", string.Create(CultureInfo.InvariantCulture, $"The columns of a list have at most {RunFilter.MaxColumns} characters as they stand in an address; use fewer, or shorter paths."));
        return chosen.Text is null ? null : chosen;
    }

    /// <summary>What a person has kept: what can no longer be read is as if it were not there.</summary>
    public static ChosenColumns? Kept(string? text)
    {
        try
        {
            return Parse(text);
        }
        catch (Http.ProblemException)
        {
            return null;
        }
    }

    /// <summary>A column by its name or path.</summary>
    /// <param name="word">As in an address.</param>
    /// <param name="why">Why there is none.</param>
    public static ListColumn? Find(string word, out string why)
    {
        why = "";
        if (ListColumn.All.FirstOrDefault(c => c.Key == word) is { } field) return field;
        if (PayloadPath.Looks(word)) return PayloadPath.Parse(word, out why) is { } path ? ListColumn.Of(path) : null;
        why = $"There is no column \"{Ui.Format.Short(word, 60)}\"; these there are: {string.Join(", ", ListColumn.All.Select(c => c.Key))}, and places such as input.customer.name.";
        return null;
    }

    /// <summary>The words between the commas; a comma in quotes belongs to a name.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var (from, quoted) = (0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && quoted && text[i] == '\\') i++;
            else if (i < text.Length && text[i] == '"') quoted = !quoted;
            else if (i >= text.Length || text[i] == ',' && !quoted)
            {
                if (text[from..Math.Min(i, text.Length)].Trim() is { Length: > 0 } word) words.Add(word);
                from = i + 1;
            }
        }

        return words;
    }
}
