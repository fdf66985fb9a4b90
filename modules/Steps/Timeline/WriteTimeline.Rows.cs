using RunHub.Model;
using RunHub.Steps.View;
using RunHub.Ui;

namespace RunHub.Steps.Timeline;

// The rows of the waterfall.
public sealed partial class WriteTimeline
{
    const int DeepestIndent = 12, LongestError = 160;

    void Rows(HtmlBuffer html, IReadOnlyList<TimelineRow> rows)
    {
        var shown = rows.Where(r => r.Count == 0).Select(r => r.Node).ToHashSet();
        var stretches = (path?.Stretches ?? []).Where(s => s.Node is not null && shown.Contains(s.Node)).ToLookup(s => s.Node!);
        foreach (var row in rows)
            if (row.Count > 0) Several(html, row);
            else One(html, row, stretches[row.Node]);
    }

    void One(HtmlBuffer html, TimelineRow row, IEnumerable<CriticalStretch> stretches)
    {
        var node = row.Node;
        var step = node.Step;
        var name = step.NodeId ?? step.Name;
        Begin(html, row.Depth);
        html.Raw(step.Status == RunStatus.Failed ? " failed"u8 : step.Status == RunStatus.Running ? " running"u8 : ""u8).Raw(node.IsCritical ? " critical\""u8 : "\""u8);
        html.Raw(" id=\"wf-"u8).Text(Uri.EscapeDataString(step.Id)).Raw("\" data-depth=\""u8).Number(row.Depth).Raw("\" data-row=\""u8).Text(step.Id).Raw("\">"u8);
        if (node.Children.Count > 0)
        {
            html.Raw("<button class=\"wf-toggle\" aria-expanded=\""u8).Raw(row.IsOpen ? "true\""u8 : "false\""u8);
            if (!row.IsOpen) html.Raw(" data-parts=\""u8).Text(url).Raw("/steps/timeline?from=0&amp;under="u8).Text(Uri.EscapeDataString(step.Id)).Raw("\""u8);
            html.Raw(" tabindex=\"-1\" aria-label=\""u8).Text(texts.Put("StepsBeneath", name, format.Number(node.Beneath))).Raw("\">"u8).Raw(shell.Icon("chevron-right").Value).Raw("</button>"u8);
        }

        var times = all.TimesUsual(step);
        html.Raw("<a class=\"wf-step\" href=\""u8).Text(url).Raw("#step-"u8).Text(Uri.EscapeDataString(step.Id)).Raw("\" data-node=\""u8).Text(step.Id).Raw("\" data-tip=\""u8).Text(Tip(node, times)).Raw("\">"u8);
        html.Raw("<span class=\"wf-name\"><span class=\"wf-icon "u8).Raw(step.Type.ToName()).Raw("\">"u8).Raw(shell.Icon(StepIcons.Of(step.Type)).Value).Raw("</span><span class=\"truncate\">"u8).Text(name);
        if (step.Label is { } label && label != name) html.Raw(" <span class=\"muted\">"u8).Text(label).Raw("</span>"u8);
        html.Raw("</span>"u8);
        if (step.Retries > 0) html.Raw("<span class=\"badge yellow\">"u8).Text(texts.Put("AttemptsN", format.Number(step.Retries + 1))).Raw("</span>"u8);
        if (node.Children.Count > 0 && !row.IsOpen) html.Raw("<span class=\"muted num\">"u8).Raw(format.Number(node.Beneath)).Raw("</span>"u8);
        html.Raw("</span>"u8);
        Bar(html, node, stretches);
        html.Raw("<span class=\"wf-time num\">"u8);
        if (times is { } t) html.Raw("<em>"u8).Text(texts.Put("Times", format.Decimal(Math.Round(t, 1)))).Raw("</em> "u8);
        html.Raw(Taken(node)).Raw("</span><span class=\"sr-only\">, "u8).Text(StatusBadge.Text(step.Status));
        if (node.IsCritical) html.Raw(", "u8).Text(texts["CriticalPath"]);
        html.Raw("</span></a></li>\n"u8);
    }

    string Taken(StepNode node) => node.Step.DurationMs is { } ms ? format.Duration(ms)
        : node is { IsFromParts: false, HasNoEnd: false, From: { } from, To: { } to } ? format.Duration((to - from) / 1000)
        : format.Duration(null);

    static void Begin(HtmlBuffer html, int depth) => html.Raw("<li class=\"wf-row d"u8).Number(Math.Min(depth, DeepestIndent));

    void Bar(HtmlBuffer html, StepNode node, IEnumerable<CriticalStretch> stretches)
    {
        html.Raw("<svg class=\"wf-bar\" viewBox=\"0 0 1000000 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"u8);
        if (path is not null && node.From is { } from && node.To is { } to)
        {
            if (node.Waited > 0) Line(html, "w"u8, from - node.Waited, from);
            html.Raw("<rect class=\""u8).Raw(node.IsFromParts ? "parts"u8 : node.Step.Status is RunStatus.WaitingHuman or RunStatus.Queued ? "wait"u8 : ""u8).Raw(" "u8).Raw(node.Step.Type.ToName()).Raw("\""u8);
            Place(html, from, to);
            html.Raw(" y=\"4\" height=\"10\"/>"u8);
            var drawn = 0;
            foreach (var stretch in stretches)
            {
                if (drawn++ == MaxStretches) break;
                html.Raw("<rect class=\"c\""u8);
                Place(html, stretch.From, stretch.To);
                html.Raw(" y=\"16\" height=\"2\"/>"u8);
            }
        }

        html.Raw("</svg>"u8);
    }

    void Line(HtmlBuffer html, ReadOnlySpan<byte> kind, long from, long to) =>
        html.Raw("<line class=\""u8).Raw(kind).Raw("\" x1=\""u8).Number(Share(from - path!.From, Math.Max(1, path.Total))).Raw("\" x2=\""u8).Number(Share(to - path.From, Math.Max(1, path.Total))).Raw("\" y1=\"9\" y2=\"9\"/>"u8);

    void Place(HtmlBuffer html, long from, long to)
    {
        var total = Math.Max(1, path!.Total);
        html.Raw(" x=\""u8).Number(Share(from - path.From, total)).Raw("\" width=\""u8).Number(Math.Max(0, Share(to - from, total))).Raw("\""u8);
    }

    // Siblings that are not shown: from the earliest to the latest of them.
    void Several(HtmlBuffer html, TimelineRow row)
    {
        var siblings = (row.Node.Parent?.Children ?? tree.Roots).Skip(row.From).Take(row.Count).ToList();
        var failed = siblings.Sum(s => s.FailedBeneath + (s.HasFailed ? 1 : 0));
        Begin(html, row.Depth);
        html.Raw(" wf-several\" data-depth=\""u8).Number(row.Depth).Raw("\"><a class=\"wf-step\" href=\""u8).Text(url).Raw("?view=table\" data-several=\""u8).Text(url).Raw("/steps/timeline?from="u8).Number(row.From).Raw("&amp;count="u8).Number(row.Count).Raw("&amp;under="u8)
            .Text(Uri.EscapeDataString(row.Node.Parent?.Step.Id ?? "")).Raw("\"><span class=\"wf-name\"><span class=\"wf-icon\">"u8).Raw(shell.Icon("plus").Value).Raw("</span><span class=\"truncate\">"u8)
            .Text(texts.Put("MoreSteps", format.Number(row.Count))).Raw("</span>"u8);
        if (failed > 0) html.Raw("<span class=\"badge red\">"u8).Text(texts.Put("FailedN", format.Number(failed))).Raw("</span>"u8);
        html.Raw("</span><svg class=\"wf-bar\" viewBox=\"0 0 1000000 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"u8);
        if (path is not null && siblings.Min(s => s.First) is { } first && siblings.Max(s => s.Last) is { } last)
        {
            html.Raw("<rect class=\"several\""u8);
            Place(html, first, last);
            html.Raw(" y=\"6\" height=\"6\"/>"u8);
        }

        html.Raw("</svg><span class=\"wf-time num\"></span></a></li>\n"u8);
    }

    string Tip(StepNode node, double? times)
    {
        var step = node.Step;
        var lines = new List<string> { (step.Label ?? step.Name) + " · " + texts["Type_" + step.Type.ToName()] + " · " + StatusBadge.Text(step.Status) };
        if (path is null || node.From is not { } from) lines.Add(texts["NoTimesHere"]);
        else if (node.IsFromParts) lines.Add(texts.Put("TimesOfParts", format.Duration((from - path.From) / 1000), format.Duration((node.To!.Value - from) / 1000)));
        else if (node.HasNoEnd) lines.Add(texts.Put("BeginsNoEnd", format.Duration((from - path.From) / 1000)));
        else lines.Add(texts.Put("BeginsTakes", format.Duration((from - path.From) / 1000), Taken(node)));
        if (node.Waited > 0) lines.Add(texts.Put("WaitedBefore", format.Duration(node.Waited / 1000)));
        if (node.Critical > 0 && path is { Total: > 0 }) lines.Add(texts.Put("CriticalShare", format.Duration(node.Critical / 1000), format.Percent(Math.Round((double)node.Critical / path.Total, 3))));
        if (all.Usual.TryGetValue(step.Name, out var usual) && usual.P50 is not null)
            lines.Add(texts.Put("UsualTip", format.Duration(usual.P50), format.Duration(usual.P95)) + (times is { } t ? " · " + texts.Put("TimesUsual", format.Decimal(Math.Round(t, 1))) : ""));
        if (step.Retries > 0) lines.Add(step.Retries == 1 ? texts["RetriesOne"] : texts.Put("RetriesN", format.Number(step.Retries)));
        if (step.Tokens is > 0 || step.CostNano is > 0)
            lines.Add(string.Join(" · ", new[] { step.Tokens is > 0 ? format.Number(step.Tokens) + " " + texts["Tokens"] : null, step.CostNano is > 0 ? format.Cost(step.CostNano) : null }.OfType<string>()));
        if ((step.ErrorMessage ?? step.ErrorCode) is { } error) lines.Add(error.Length > LongestError ? error[..LongestError] + "…" : error);
        return string.Join('\n', lines);
    }
}
