using System.Globalization;
using RunHub.Model;
using RunHub.Steps.View;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Steps.Table;

/// <summary>A run's steps as a table: a row each, sorted and filtered by the address, a hundred at a time.</summary>
public sealed class WriteTable(Shell shell, SqlSession sql, RunRow run, TableAsk ask)
{
    readonly TextTable texts = TextTable.Of(typeof(StepsTexts));
    readonly Format format = shell.Format;
    readonly string url = StepsView.UrlOf(run.Id);

    /// <summary>The view.</summary>
    public async Task WholeAsync(HtmlBuffer html, CancellationToken cancellationToken)
    {
        var all = await AllSteps.ReadAsync(sql, run, cancellationToken);
        var chosen = ask.Choose(all);
        if (all.Steps.Count == 0)
        {
            html.Html("<p class=\"muted nodes-empty\">"u8).Said(texts["NoSteps"].Replace("{id}", run.Id, StringComparison.Ordinal)).Html("</p>\n"u8);
            return;
        }

        Tools(html, all, chosen.Count);
        if (chosen.Count == 0)
        {
            html.Html("<p class=\"muted nodes-empty\">"u8).Said(texts["NoSuchSteps"]).Html("</p>\n"u8);
            return;
        }

        html.Html("<div class=\"table-wrap\"><table class=\"table table-stack steps-table\" id=\"steps-table\"><caption class=\"sr-only\">"u8).Said(texts["Nodes"]).Html("</caption><thead><tr>"u8);
        foreach (var column in TableAsk.Columns) Head(html, column);
        html.Html("</tr></thead>\n<tbody id=\"step-rows\">\n"u8);
        Rows(html, all, chosen);
        html.Html("</tbody>"u8);
        Total(html, chosen);
        html.Html("</table></div>\n"u8);
        More(html, chosen.Count, default);
    }

    /// <summary>More rows, and in place of the link that asked for them the next one.</summary>
    public async Task RowsAsync(HtmlBuffer html, CancellationToken cancellationToken)
    {
        var all = await AllSteps.ReadAsync(sql, run, cancellationToken);
        var chosen = ask.Choose(all);
        Rows(html, all, chosen);
        More(html, chosen.Count, " hx-swap-oob=\"true\""u8);
    }

    void Tools(HtmlBuffer html, AllSteps all, int count)
    {
        html.Html("<div class=\"steps-tools\"><form class=\"steps-find\" action=\""u8).Said(url).Html("\" hx-get=\""u8).Said(url)
            .Html("/steps/table\" hx-target=\"#steps-view\" hx-trigger=\"submit, input delay:250ms\" hx-sync=\"this:replace\"><input type=\"hidden\" name=\"view\" value=\"table\">"u8);
        if (ask.Sort.Length > 0) html.Html("<input type=\"hidden\" name=\"sort\" value=\""u8).Html(ask.Descending ? "-"u8 : ""u8).Said(ask.Sort).Html("\">"u8);
        if (ask.FailedOnly) html.Html("<input type=\"hidden\" name=\"failed\" value=\"true\">"u8);
        html.Html("<input type=\"search\" class=\"form-control\" id=\"steps-find\" name=\"find\" maxlength=\"100\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\""u8).Said(texts["FindStep"]).Html("\" aria-label=\""u8)
            .Said(texts["FindStep"]).Html("\" value=\""u8).Said(ask.Find).Html("\"></form>"u8);
        var failed = all.Steps.Count(s => s.Status == RunStatus.Failed);
        if (failed > 0 || ask.FailedOnly)
        {
            html.Html("<a class=\"btn btn-sm\" id=\"steps-failed\""u8).Html(ask.FailedOnly ? " aria-current=\"true\""u8 : ""u8);
            Link(html, ask with { FailedOnly = !ask.FailedOnly, From = 0 });
            html.Html(">"u8).Html(shell.Icon(ask.FailedOnly ? "check" : "filter").Value).Said(texts["FailedOnly"]).Html("<span class=\"muted num\">"u8).Html(format.Number(failed)).Html("</span></a>"u8);
        }

        html.Html("<p class=\"muted num\" id=\"steps-count\" role=\"status\">"u8).Said(texts.Put("StepsN", format.Number(count)));
        if (ask.Sort.Length == 0 && !ask.FailedOnly && failed > 0 && all.Steps.Count > TableAsk.Size) html.Html(" · "u8).Said(texts["FailedFirst"]);
        if (all.IsPart) html.Html(" · "u8).Said(texts.Put("OnlyFirst", format.Number(AllSteps.Most), format.Number(run.StepCount)));
        html.Html("</p></div>\n"u8);
    }

    void Link(HtmlBuffer html, TableAsk to)
    {
        var query = to.ToQuery();
        html.Html(" href=\""u8).Said(url).Html("?view=table"u8).Said(query).Html("\" hx-get=\""u8).Said(url).Html("/steps/table"u8).Said(query.Length == 0 ? "" : "?" + query[1..]).Html("\" hx-target=\"#steps-view\""u8);
    }

    void Head(HtmlBuffer html, string column)
    {
        var active = ask.Sort == column;
        html.Html(active ? ask.Descending ? "<th scope=\"col\" aria-sort=\"descending\" class=\"c-"u8 : "<th scope=\"col\" aria-sort=\"ascending\" class=\"c-"u8 : "<th scope=\"col\" class=\"c-"u8).Said(column)
            .Html("\"><a class=\"sort\" id=\"sort-"u8).Said(column).Html("\""u8);
        // Words from A, figures from the largest; pressed again, the other way round.
        Link(html, ask with { Sort = column, From = 0, Descending = active ? !ask.Descending : column is not ("name" or "type" or "error") });
        html.Html(">"u8).Said(texts["Column_" + column]).Html("</a></th>"u8);
    }

    void Rows(HtmlBuffer html, AllSteps all, IReadOnlyList<StepRow> chosen)
    {
        var labels = TableAsk.Columns.ToDictionary(c => c, c => HtmlBuffer.Encode(texts["Column_" + c]), StringComparer.Ordinal);
        for (var i = ask.From; i < Math.Min(chosen.Count, (long)ask.From + TableAsk.Size); i++) Row(html, chosen[i], all.TimesUsual(chosen[i]), labels);
    }

    void Row(HtmlBuffer html, StepRow step, double? times, Dictionary<string, string> labels)
    {
        html.Html("<tr id=\"row-"u8).Said(Uri.EscapeDataString(step.Id)).Html(step.Status == RunStatus.Failed ? "\" class=\"failed\">"u8 : "\">"u8).Html("<td class=\"c-name\"><a href=\""u8).Said(url).Html("#step-"u8).Said(Uri.EscapeDataString(step.Id)).Html("\" data-node=\""u8).Said(step.Id)
            .Html("\">"u8).Said(step.NodeId ?? step.Name).Html("</a>"u8);
        if ((step.Label ?? step.Name) is { } label && label != (step.NodeId ?? step.Name)) html.Html(" <span class=\"muted\">"u8).Said(label).Html("</span>"u8);
        html.Html("</td>"u8);
        Cell("type");
        html.Html("<span class=\"step-type "u8).Html(step.Type.ToName()).Html("\">"u8).Html(shell.Icon(StepIcons.Of(step.Type)).Value).Html("<span>"u8).Said(texts["Type_" + step.Type.ToName()]).Html("</span></span></td>"u8);
        Cell("status");
        html.Html(shell.Status(step.Status).Value).Html("</td>"u8);
        Cell("duration");
        if (step is { Status: RunStatus.Running, StartedAt: { } since }) html.Html("<span data-since=\""u8).Digits(since / 1000).Html("\">"u8).Html(format.Duration(Math.Max(0, (shell.Now - since) / 1000))).Html("</span>"u8);
        else html.Html(format.Duration(step.DurationMs));
        if (times is { } t) html.Html(" <span class=\"badge yellow\" title=\""u8).Said(texts["UsualHint"]).Html("\">"u8).Said(texts.Put("Times", format.Decimal(Math.Round(t, 1)))).Html("</span>"u8);
        html.Html("</td>"u8);
        Figure("retries", step.Retries > 0 ? format.Number(step.Retries) : "");
        Figure("tokens", step.Tokens is { } tokens ? format.Number(tokens) : "");
        Figure("compute", step.ComputeMs is { } ms ? format.Duration(ms) : "");
        Figure("cost", step.CostNano is { } cost ? format.Cost(cost) : "");
        Cell("validation");
        Validation(html, step);
        Cell("error");
        if ((step.ErrorMessage ?? step.ErrorCode) is { } error) html.Html("<span class=\"step-error\" title=\""u8).Said(error).Html("\">"u8).Said(error).Html("</span>"u8);
        html.Html("</td></tr>\n"u8);

        void Cell(string column) => html.Html("<td class=\"c-"u8).Said(column).Html("\" data-label=\""u8).Html(labels[column]).Html("\">"u8);
        void Figure(string column, string text)
        {
            Cell(column);
            html.Said(text).Html("</td>"u8);
        }
    }

    void Validation(HtmlBuffer html, StepRow step)
    {
        var score = step.ValidationScore is { } number ? format.Decimal(number) : "";
        if (step.ValidationPassed is not { } passed)
        {
            html.Said(score).Html("</td>"u8);
            return;
        }

        var word = texts[passed ? "Passed" : "NotPassed"];
        html.Html(passed ? "<span class=\"badge green\""u8 : "<span class=\"badge red\""u8).Html(" title=\""u8).Said(word).Html("\">"u8).Html(shell.Icon(passed ? "check" : "x").Value).Html("<span class=\"sr-only\">"u8).Said(word)
            .Html(" </span>"u8).Said(score.Length > 0 ? score : word).Html("</span></td>"u8);
    }

    // The figures add up; durations do not, for steps run beside and within each other.
    void Total(HtmlBuffer html, IReadOnlyList<StepRow> steps)
    {
        if (steps.Count < 2) return;
        var (retries, tokens, compute, cost) = (steps.Sum(s => s.Retries), steps.Sum(s => s.Tokens ?? 0), steps.Sum(s => s.ComputeMs ?? 0), steps.Sum(s => s.CostNano ?? 0));
        if (retries + tokens + compute + cost == 0) return;
        html.Html("<tfoot><tr><th scope=\"row\" class=\"c-name\">"u8).Said(texts["Total"]).Html("</th><td></td><td></td><td></td>"u8);
        foreach (var (column, text) in new[] { ("retries", retries > 0 ? format.Number(retries) : ""), ("tokens", tokens > 0 ? format.Number(tokens) : ""), ("compute", compute > 0 ? format.Duration(compute) : ""), ("cost", cost > 0 ? format.Cost(cost) : "") })
            html.Html("<td class=\"c-"u8).Said(column).Html("\" data-label=\""u8).Said(texts["Column_" + column]).Html("\">"u8).Said(text).Html("</td>"u8);
        html.Html("<td></td><td></td></tr></tfoot>"u8);
    }

    void More(HtmlBuffer html, int count, ReadOnlySpan<byte> attributes)
    {
        var shown = (int)Math.Min(count, (long)ask.From + TableAsk.Size);
        html.Html("<p class=\"nodes-more\" id=\"rows-more\""u8).Html(attributes);
        if (shown >= count)
        {
            html.Html(" hidden></p>\n"u8);
            return;
        }

        var query = ask.ToQuery() + string.Create(CultureInfo.InvariantCulture, $"&from={shown}");
        html.Html("><a class=\"btn\" id=\"rows-more-link\" href=\""u8).Said(url).Html("?view=table"u8).Said(query).Html("\" hx-get=\""u8).Said(url).Html("/steps/table?part=rows"u8).Said(query)
            .Html("\" hx-target=\"#step-rows\" hx-swap=\"beforeend\">"u8).Said(texts["ShowMoreRows"]).Html("<span class=\"muted num\">"u8).Said(texts.Put("ShownOf", format.Number(shown), format.Number(count)))
            .Html("</span></a></p>\n"u8);
    }
}
