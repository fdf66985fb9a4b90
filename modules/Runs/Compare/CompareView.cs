using System.Globalization;
using RunHub.Model;
using RunHub.Ui;

namespace RunHub.Runs.Compare;

/// <summary>A difference of figures as people see it.</summary>
/// <param name="Text">Such as <c>+1.2s (+40%)</c>; empty: none, or one side does not say.</param>
/// <param name="Kind"><c>more</c>, <c>less</c> or empty: the colour.</param>
public readonly record struct Delta(string Text, string Kind);

/// <summary>Words and figures of the page that compares runs.</summary>
public sealed class CompareView(Format format, TextTable texts)
{
    /// <summary>A step's name, with its node where that is another.</summary>
    public static string Title(StepRow step) => (step.Label ?? step.Name) is var name && step.NodeId is { } node && node != name ? $"{node} ({name})" : name;

    /// <summary>In what a step differs, in words.</summary>
    public string Ways(ComparedStep step) => string.Join(", ", step.Differs.Select(w => texts["Differs_" + w]));

    /// <summary>Duration, tokens and cost of both runs.</summary>
    public IEnumerable<(string Label, string Before, string Now, Delta Delta)> Figures(RunComparison c)
    {
        yield return ("Duration", format.Duration(c.Other.DurationMs), format.Duration(c.Run.DurationMs), Of(c.Run.DurationMs, c.Other.DurationMs, ms => format.Duration(ms)));
        yield return ("Tokens", format.Number(c.Other.Tokens), format.Number(c.Run.Tokens), Of(c.Run.Tokens, c.Other.Tokens, n => format.Number(n)));
        yield return ("Cost", format.Cost(c.Other.CostNano), format.Cost(c.Run.CostNano), Of(c.Run.CostNano, c.Other.CostNano, n => format.Cost(n)));
    }

    /// <summary>What changed in a step's figures; nothing where it is in one run only.</summary>
    public IEnumerable<(string Label, Delta Delta)> Deltas(ComparedStep s)
    {
        if (s.Run is not { } run || s.Other is not { } other) yield break;
        if (Of(run.DurationMs, other.DurationMs, ms => format.Duration(ms)) is { Text.Length: > 0 } duration) yield return ("Duration", duration);
        if (Of(run.Tokens, other.Tokens, n => format.Number(n)) is { Text.Length: > 0 } tokens) yield return ("Tokens", tokens with { Text = tokens.Text + " " + texts["TokensShort"] });
        if (Of(run.CostNano, other.CostNano, n => format.Cost(n)) is { Text.Length: > 0 } cost) yield return ("Cost", cost);
    }

    /// <summary>A step's fields in both runs.</summary>
    public IEnumerable<(string Label, string Before, string Now)> Sides(ComparedStep s)
    {
        yield return ("Field_status", Status(s.Other), Status(s.Run));
        if ((s.Run?.Model ?? s.Other?.Model) is not null) yield return ("Field_model", s.Other?.Model ?? "–", s.Run?.Model ?? "–");
        yield return ("Duration", format.Duration(s.Other?.DurationMs), format.Duration(s.Run?.DurationMs));
        if ((s.Run?.Tokens ?? s.Other?.Tokens) is not null) yield return ("Tokens", format.Number(s.Other?.Tokens), format.Number(s.Run?.Tokens));
        if ((s.Run?.CostNano ?? s.Other?.CostNano) is not null) yield return ("Cost", format.Cost(s.Other?.CostNano), format.Cost(s.Run?.CostNano));
        if ((s.Run?.Retries ?? 0) + (s.Other?.Retries ?? 0) > 0) yield return ("Retries", format.Number(s.Other?.Retries), format.Number(s.Run?.Retries));
        if ((s.Run?.ErrorMessage ?? s.Other?.ErrorMessage) is not null) yield return ("CompareError", s.Other?.ErrorMessage ?? "–", s.Run?.ErrorMessage ?? "–");
    }

    string Status(StepRow? step) => step is null ? texts["CompareNone"] : StatusBadge.Text(step.Status);

    static Delta Of(long? now, long? before, Func<long, string> shown)
    {
        if (now is not { } n || before is not { } b || n == b) return default;
        var share = b > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({(n > b ? "+" : "−")}{Math.Round(Math.Abs(n - b) * 100d / b):0}%)") : "";
        return new((n > b ? "+" : "−") + shown(Math.Abs(n - b)) + share, n > b ? "more" : "less");
    }
}
