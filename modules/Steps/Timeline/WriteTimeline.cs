using RunHub.Http;
using RunHub.Model;
using RunHub.Steps.View;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Steps.Timeline;

/// <summary>
/// A run's steps on its time axis: states, critical path, tokens and cost, then the waterfall. The axis is a thousand parts of a thousand; its script
/// zooms by changing the box that is seen of it. Nothing needs the script to be read.
/// </summary>
public sealed partial class WriteTimeline(Shell shell, SqlSession sql, RunRow run)
{
    const int Axis = 1_000_000, Ticks = 4, MaxStretches = 40;

    readonly TextTable texts = TextTable.Of(typeof(StepsTexts));
    readonly Format format = shell.Format;
    readonly string url = StepsView.UrlOf(run.Id);
    readonly long now = shell.Now;
    AllSteps all = new([], new Dictionary<string, Store.Rollups.Usual>(StringComparer.Ordinal), false);
    StepTree tree = StepTree.Build([], 0);
    CriticalPath? path;

    /// <summary>The view.</summary>
    /// <param name="html">Written to.</param>
    /// <param name="sought">Id of a step that has a row whatever the others need; empty: none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WholeAsync(HtmlBuffer html, string sought, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        var states = await RunStates.ReadAsync(sql, run, now, cancellationToken);
        html.Raw("<div class=\"wf\" id=\"timeline\" data-timeline data-total=\""u8).Number(path?.Total ?? 0).Raw("\">\n"u8);
        States(html, states);
        if (all.Steps.Count == 0)
        {
            html.Raw("<p class=\"muted nodes-empty\">"u8).Text(texts["NoSteps"].Replace("{id}", run.Id, StringComparison.Ordinal)).Raw("</p>\n</div>\n"u8);
            return;
        }

        Summary(html);
        Usage(html);
        Tools(html);
        html.Raw("<div class=\"wf-box\"><div class=\"wf-axis\" aria-hidden=\"true\">"u8);
        for (var i = 0; i < Ticks; i++)
        {
            html.Raw("<span>"u8).Raw(path is null ? "" : format.Duration(path.Total * i / Ticks / 1000));
            if (i == Ticks - 1 && path is not null) html.Raw("<b>"u8).Raw(format.Duration(path.Total / 1000)).Raw("</b>"u8);
            html.Raw("</span>"u8);
        }

        html.Raw("</div>\n<ol class=\"wf-rows\" id=\"wf-rows\" aria-label=\""u8).Text(texts["TimelineLabel"]).Raw("\">\n"u8);
        Rows(html, TimelineRows.Begin(tree, path?.Total ?? 0, tree.ById.GetValueOrDefault(sought)));
        html.Raw("</ol></div>\n"u8);
        if (tree.Timeless > 0) html.Raw("<p class=\"muted wf-note\" id=\"wf-timeless\">"u8).Text(texts.Put(tree.Timeless == tree.All.Count ? "AllTimeless" : "Timeless", format.Number(tree.Timeless))).Raw("</p>\n"u8);
        html.Raw("</div>\n"u8);
    }

    /// <summary>More rows: of the parts of a step (empty: of the run), so many from a place on.</summary>
    /// <exception cref="ProblemException">404: there is no such step.</exception>
    public async Task MoreAsync(HtmlBuffer html, string under, int from, int count, CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        var node = under.Length == 0 ? null : tree.ById.GetValueOrDefault(under) ?? throw ProblemException.NotFound("step", under);
        Rows(html, TimelineRows.More(tree, node, from, count));
    }

    async Task ReadAsync(CancellationToken cancellationToken)
    {
        all = await AllSteps.ReadAsync(sql, run, cancellationToken);
        tree = StepTree.Build(all.Steps, now);
        path = CriticalPath.Find(tree, run.StartedAt, run.CompletedAt ?? (run.Status.IsFinal() || run.StartedAt is null ? null : now));
    }

    void States(HtmlBuffer html, IReadOnlyList<StateStretch> states)
    {
        html.Raw("<div class=\"wf-states\" id=\"run-states\">"u8);
        if (states.Count > 0)
        {
            var (from, to) = (states[0].From, states[^1].To);
            var total = Math.Max(1, to - from);
            html.Raw("<svg class=\"states-bar\" viewBox=\"0 0 1000000 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"u8);
            foreach (var state in states)
                html.Raw("<rect class=\""u8).Raw(state.Status.ToName()).Raw("\" x=\""u8).Number(Share(state.From - from, total)).Raw("\" width=\""u8).Number(Math.Max(2000, Share(state.To - state.From, total))).Raw("\" y=\"0\" height=\"8\"/>"u8);
            html.Raw("</svg>"u8);
        }

        html.Raw("<ol aria-label=\""u8).Text(texts["States"]).Raw("\">"u8);
        foreach (var state in states)
            html.Raw("<li><span class=\"state-dot "u8).Raw(state.Status.ToName()).Raw("\"></span>"u8).Text(StatusBadge.Text(state.Status)).Raw(" <b class=\"num\">"u8).Raw(format.Duration((state.To - state.From) / 1000)).Raw("</b></li>"u8);
        if (run.Status.IsFinal() || states.Count == 0) html.Raw("<li>"u8).Raw(shell.Status(run.Status).Value).Raw("</li>"u8);
        html.Raw("</ol></div>\n"u8);
    }

    void Summary(HtmlBuffer html)
    {
        html.Raw("<p class=\"wf-sum\" id=\"critical-path\">"u8);
        if (path is null) html.Text(texts["NoTimes"]);
        else
        {
            html.Raw(shell.Icon("route").Value).Raw("<span><strong>"u8).Text(texts.Put("CriticalOf", format.Duration(path.Working / 1000), format.Duration(path.Total / 1000))).Raw("</strong>"u8);
            html.Raw(" · "u8).Text(texts.Put("WaitingFor", format.Duration(path.Waiting / 1000)));
            html.Raw(" · "u8).Text(texts.Put("OnPath", format.Number(tree.All.Count(n => n.IsCritical)), format.Number(tree.All.Count))).Raw("</span>"u8);
        }

        if (all.IsPart) html.Raw("<span class=\"muted\">"u8).Text(texts.Put("OnlyFirst", format.Number(AllSteps.Most), format.Number(run.StepCount))).Raw("</span>"u8);
        html.Raw("</p>\n"u8);
    }

    void Tools(HtmlBuffer html)
    {
        html.Raw("<div class=\"wf-tools\"><ul class=\"wf-legend\">"u8);
        foreach (var type in Enum.GetValues<StepType>())
            if (all.Steps.Any(s => s.Type == type)) html.Raw("<li><span class=\"wf-key "u8).Raw(type.ToName()).Raw("\"></span>"u8).Text(texts["Type_" + type.ToName()]).Raw("</li>"u8);
        if (tree.Failed > 0) html.Raw("<li><span class=\"wf-key failed\"></span>"u8).Text(StatusBadge.Text(RunStatus.Failed)).Raw("</li>"u8);
        if (path is not null) html.Raw("<li><span class=\"wf-key path\"></span>"u8).Text(texts["CriticalPath"]).Raw("</li><li><span class=\"wf-key wait\"></span>"u8).Text(texts["Waiting"]).Raw("</li>"u8);
        html.Raw("</ul><div class=\"wf-zoom\" role=\"group\" aria-label=\""u8).Text(texts["Zoom"]).Raw("\">"u8);
        foreach (var (name, icon) in new[] { ("out", "zoom-out"), ("in", "zoom-in"), ("fit", "arrows-horizontal") })
            html.Raw("<button class=\"btn btn-quiet btn-icon btn-sm\" id=\"zoom-"u8).Raw(name).Raw("\" data-zoom=\""u8).Raw(name).Raw("\" aria-label=\""u8).Text(texts["Zoom_" + name]).Raw("\" title=\""u8).Text(texts["Zoom_" + name]).Raw("\">"u8).Raw(shell.Icon(icon).Value).Raw("</button>"u8);
        html.Raw("</div></div>\n"u8);
    }

    // Two small pictures; the figures themselves stand in the table.
    void Usage(HtmlBuffer html)
    {
        var graphs = new[] { (Key: "Tokens", Of: (Func<StepRow, long?>)(s => s.Tokens), Said: (Func<long, string>)(n => format.Number(n))), ("Cost", s => s.CostNano, n => format.Cost(n)) };
        if (!graphs.Any(g => all.Steps.Any(s => g.Of(s) > 0))) return;
        html.Raw("<div class=\"wf-usage\">"u8);
        foreach (var (key, of, said) in graphs)
        {
            var sum = Sums.Of(all.Steps.Select(of));
            if (sum == 0) continue;
            var most = all.Steps.MaxBy(s => of(s) ?? 0)!;
            var bars = UsageBars.Of([.. tree.All.Select(n => of(n.Step) ?? 0)]);
            var text = texts.Put("Most" + key, said(sum), most.NodeId ?? most.Name, said(of(most)!.Value));
            html.Raw("<figure id=\"usage-"u8).Raw(key == "Tokens" ? "tokens"u8 : "cost"u8).Raw("\"><figcaption class=\"num\">"u8).Text(text);
            if (bars.Each > 1) html.Raw(" <span class=\"muted\">"u8).Text(texts.Put("EachBar", format.Number(bars.Each))).Raw("</span>"u8);
            html.Raw("</figcaption><svg viewBox=\"0 0 "u8).Number(bars.Heights.Count * 10).Raw(" 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"u8);
            for (var i = 0; i < bars.Heights.Count; i++)
                if (bars.Heights[i] > 0) html.Raw("<rect x=\""u8).Number(i * 10 + 1).Raw("\" y=\""u8).Number(100 - bars.Heights[i]).Raw("\" width=\"8\" height=\""u8).Number(bars.Heights[i]).Raw("\"/>"u8);
            html.Raw("</svg></figure>"u8);
        }

        html.Raw("</div>\n"u8);
    }

    static long Share(long part, long of) => (long)Math.Round((double)part / of * Axis);
}

/// <summary>Figures of steps as bars: one each, or of several together where there are many.</summary>
/// <param name="Heights">0–100.</param>
/// <param name="Each">How many steps a bar stands for.</param>
public readonly record struct UsageBars(IReadOnlyList<int> Heights, int Each)
{
    /// <summary>More bars nobody can tell apart.</summary>
    public const int Most = 120;

    /// <summary>Bars of figures in order.</summary>
    public static UsageBars Of(IReadOnlyList<long> figures)
    {
        var each = (figures.Count + Most - 1) / Most;
        var sums = figures.Chunk(Math.Max(1, each)).Select(c => Sums.Of(c.Select(f => (long?)f))).ToList();
        var top = Math.Max(1, sums.Max());
        return new([.. sums.Select(s => s <= 0 ? 0 : Math.Max(3, (int)((double)s / top * 100)))], Math.Max(1, each));
    }
}
