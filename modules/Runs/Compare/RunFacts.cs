using System.Globalization;
using Microsoft.AspNetCore.Html;
using RunHub.Model;
using RunHub.Ui;

namespace RunHub.Runs.Compare;

/// <summary>A field of two runs.</summary>
/// <param name="Name">As in JSON.</param>
/// <param name="Label">Key of its word.</param>
/// <param name="Run">Of the run, as in JSON; null: it has none.</param>
/// <param name="Other">Of the other.</param>
/// <param name="Shown">How a value looks to people; null: as it is.</param>
public sealed record RunFact(string Name, string Label, string? Run, string? Other, Func<Format, string, IHtmlContent>? Shown = null)
{
    /// <summary>Both have the same.</summary>
    public bool Same => string.Equals(Run, Other, StringComparison.Ordinal);

    /// <summary>A time.</summary>
    public bool IsTime => Name is "started_at" or "completed_at";

    /// <summary>A value for people.</summary>
    public IHtmlContent Of(Format format, string? value) => value is null ? Text("–") : Shown is null ? Text(value) : Shown(format, value);

    internal static HtmlString Text(string text) => new(HtmlBuffer.Encode(text));
}

/// <summary>What two runs say of themselves: what differs first.</summary>
public static class RunFacts
{
    /// <summary>The fields that at least one of them has; duration, tokens and cost stand elsewhere.</summary>
    public static IReadOnlyList<RunFact> Of(RunComparison comparison)
    {
        var (a, b) = (comparison.Run, comparison.Other);
        RunFact[] all =
        [
            new("status", "Field_status", a.Status.ToName(), b.Status.ToName(), static (_, v) => RunFact.Text(TextTable.Of(typeof(UiTexts))["Status_" + v])),
            new("workflow_name", "Field_workflow", a.WorkflowName, b.WorkflowName),
            new("workflow_version", "Field_version", a.WorkflowVersion, b.WorkflowVersion),
            new("environment", "Field_env", a.Environment, b.Environment),
            new("type", "Field_type", a.Type, b.Type),
            new("trigger", "Field_trigger", a.Trigger, b.Trigger),
            new("actor", "Field_actor", a.Actor, b.Actor),
            new("attempt", "Attempt", Text(a.Attempt), Text(b.Attempt)),
            new("models", "Field_model", List(a.Models), List(b.Models)),
            new("tags", "Tags", List(a.TagsText), List(b.TagsText)),
            new("error_class", "Field_error_class", a.ErrorClass, b.ErrorClass),
            new("error_code", "Field_error_code", a.ErrorCode, b.ErrorCode),
            new("failed_node", "Field_node", a.FailedNode, b.FailedNode),
            new("retries", "Retries", Text(a.Retries), Text(b.Retries)),
            new("step_count", "StepCount", Text(a.StepCount), Text(b.StepCount)),
            new("business_event_id", "Field_business_event", a.BusinessEventId, b.BusinessEventId),
            new("lead_id", "Field_lead", a.LeadId, b.LeadId),
            new("owner", "Owner", a.Owner, b.Owner),
            new("started_at", "Started", Time(a.StartedAt), Time(b.StartedAt), Moment),
            new("completed_at", "Ended", Time(a.CompletedAt), Time(b.CompletedAt), Moment),
        ];
        // Two runs never began at the same time: what goes without saying is not first.
        return [.. all.Where(f => f.Run is not null || f.Other is not null).OrderBy(f => f.Same ? 2 : f.IsTime ? 1 : 0)];
    }

    static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    static string? Time(long? at) => at is { } micros ? Times.ToIso(micros) : null;

    static string? List(string? lines) => lines is null ? null : string.Join(", ", TextList.Split(lines).Order(StringComparer.Ordinal));

    static HtmlString Moment(Format format, string iso) => TimeHtml.Exact(format, DateTimeOffset.Parse(iso, CultureInfo.InvariantCulture).ToMicros());
}
