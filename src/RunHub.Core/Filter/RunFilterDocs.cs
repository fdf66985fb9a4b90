using System.Text.Json;
using RunHub.Http;

namespace RunHub.Filter;

/// <summary>The parameters of a <see cref="RunFilter"/> as the OpenAPI document tells them.</summary>
public static class RunFilterDocs
{
    static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["q"] = "Words in the run's text (docs/search.md), or an id it carries: run, trace, business event, lead, batch, thread; or the beginning of one.",
        ["status"] = "`queued`, `running`, `waiting_human`, `completed`, `failed`, `canceled`; other documents' words for them too.",
        ["workflow"] = "Workflow name.",
        ["type"] = "Workflow type, such as `precrafter`.",
        ["env"] = "Environment.",
        ["version"] = "Workflow version.",
        ["from"] = "Started (or received) at or after: ISO 8601, or so long ago: `30m`, `24h`, `7d`, `4w`, `today`, `yesterday`.",
        ["to"] = "Started (or received) before; a bare date includes that day.",
        ["tag"] = "A tag, or a regular expression between slashes.",
        ["error_code"] = "The source's own error code.",
        ["error_class"] = "`transient`, `validation_failed`, `external_api`, `policy_denied`, `bug`.",
        ["fingerprint"] = "Failures with the same error (`GET /api/errors` tells them); looks at all lanes.",
        ["hitl"] = "`requested`, `approved`, `rejected`, `none`.",
        ["node"] = "Node, or name, of the step that failed.",
        ["trigger"] = "`manual`, `schedule`, `api`.",
        ["owner"] = "Who looks after it.",
        ["actor"] = "Who acted.",
        ["agent"] = "Agent id.",
        ["model"] = "A model one of its steps called.",
        ["lead"] = "Lead id.",
        ["batch"] = "Batch id; looks at all lanes.",
        ["thread"] = "Thread id.",
        ["business_event"] = "Business event id.",
        ["trace"] = "Trace id; looks at all lanes.",
        ["parent"] = "Id of the parent run; looks at all lanes.",
        ["resolved"] = "`true` or `false`.",
        ["duration"] = "Duration: `>2s`, `>=500ms`, `<1m`, `1s..5s`, `2s`; units `ms`, `s`, `m`, `h`, `d`.",
        ["cost"] = "Cost in US dollars: `>0.05`, `0.01..0.1`.",
        ["tokens"] = "Tokens used: `>1000`, `1k..5k`.",
        ["lane"] = "`production` (default), `backfill`, `all`.",
    };

    /// <summary>One parameter per field, then order and paging.</summary>
    public static IReadOnlyList<ApiParameter> Parameters { get; } =
    [
        .. FilterFields.All.Select(field => new ApiParameter(field.Key, Text(field))),
        new("query", "The same in one line: `status:failed workflow:invoice* -env:dev duration:>2s \"text\"` (docs/search.md)."),
        new("sort", "`started_at`, `status`, `duration`; a leading `-` puts the largest first.", """{"type":"string","default":"-started_at"}"""),
        new("limit", "Runs on a page.", JsonSerializer.Serialize(new { type = "integer", minimum = 1, maximum = RunFilter.MaxLimit, @default = RunFilter.DefaultLimit })),
        new("next_token", "From the page before, with the same filter."),
        new("page", "Another name of `next_token`."),
        new("columns", "What the pages of lists show (docs/filters.md); of no effect here, so that the address of a page can be used as it is."),
        new("tenant", "The caller's own tenant; another one is read under `/t/{tenant}/api/runs`."),
    ];

    static string Text(FilterField field)
    {
        var text = Texts.TryGetValue(field.Key, out var known) ? known : throw new InvalidOperationException($"The filter {field.Key} has no description.");
        if (field.IsMulti) text += " Several values: comma between them, or the parameter several times.";
        if (field.CanExclude) text += $" `-{field.Key}=…` leaves them out.";
        return field.TakesPrefixes ? text + " A value ending in `*` is a prefix." : text;
    }
}
