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
            html.Raw("<p class=\"muted nodes-empty\">"u8).Text(texts["NoSteps"].Replace("{id}", run.Id, StringComparison.Ordinal)).Raw("</p>\n"u8);
            return;
        }

        Tools(html, all, chosen.Count);
        if (chosen.Count == 0)
        {
            html.Raw("<p class=\"muted nodes-empty\">"u8).Text(texts["NoSuchSteps"]).Raw("</p>\n"u8);
            return;
        }

        html.Raw("<div class=\"table-wrap\"><table class=\"table table-stack steps-table\" id=\"steps-table\"><caption class=\"sr-only\">"u8).Text(texts["Nodes"]).Raw("</caption><thead><tr>"u8);
        foreach (var column in TableAsk.Columns) Head(html, column);
        html.Raw("</tr></thead>\n<tbody id=\"step-rows\">\n"u8);
        Rows(html, all, chosen);
        html.Raw("</tbody>"u8);
        Total(html, chosen);
        html.Raw("</table></div>\n"u8);
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
        html.Raw("<div class=\"steps-tools\"><form class=\"steps-find\" action=\""u8).Text(url).Raw("\" hx-get=\""u8).Text(url)
            .Raw("/steps/table\" hx-target=\"#steps-view\" hx-trigger=\"submit, input delay:250ms\" hx-sync=\"this:replace\"><input type=\"hidden\" name=\"view\" value=\"table\">"u8);
        if (ask.Sort.Length > 0) html.Raw("<input type=\"hidden\" name=\"sort\" value=\""u8).Raw(ask.Descending ? "-"u8 : ""u8).Text(ask.Sort).Raw("\">"u8);
        if (ask.FailedOnly) html.Raw("<input type=\"hidden\" name=\"failed\" value=\"true\">"u8);
        html.Raw("<input type=\"search\" class=\"form-control\" id=\"steps-find\" name=\"find\" maxlength=\"100\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\""u8).Text(texts["FindStep"]).Raw("\" aria-label=\""u8)
            .Text(texts["FindStep"]).Raw("\" value=\""u8).Text(ask.Find).Raw("\"></form>"u8);
        var failed = all.Steps.Count(s => s.Status == RunStatus.Failed);
        if (failed > 0 || ask.FailedOnly)
        {
            html.Raw("<a class=\"btn btn-sm\" id=\"steps-failed\""u8).Raw(ask.FailedOnly ? " aria-current=\"true\""u8 : ""u8);
            Link(html, ask with { FailedOnly = !ask.FailedOnly, From = 0 });
            html.Raw(">"u8).Raw(shell.Icon(ask.FailedOnly ? "check" : "filter").Value).Text(texts["FailedOnly"]).Raw("<span class=\"muted num\">"u8).Raw(format.Number(failed)).Raw("</span></a>"u8);
        }

        html.Raw("<p class=\"muted num\" id=\"steps-count\" role=\"status\">"u8).Text(texts.Put("StepsN", format.Number(count)));
        if (ask.Sort.Length == 0 && !ask.FailedOnly && failed > 0 && all.Steps.Count > TableAsk.Size) html.Raw(" · "u8).Text(texts["FailedFirst"]);
        if (all.IsPart) html.Raw(" · "u8).Text(texts.Put("OnlyFirst", format.Number(AllSteps.Most), format.Number(run.StepCount)));
        html.Raw("</p></div>\n"u8);
    }

    void Link(HtmlBuffer html, TableAsk to)
    {
        var query = to.ToQuery();
        html.Raw(" href=\""u8).Text(url).Raw("?view=table"u8).Text(query).Raw("\" hx-get=\""u8).Text(url).Raw("/steps/table"u8).Text(query.Length == 0 ? "" : "?" + query[1..]).Raw("\" hx-target=\"#steps-view\""u8);
    }

    void Head(HtmlBuffer html, string column)
    {
        var active = ask.Sort == column;
        html.Raw(active ? ask.Descending ? "<th scope=\"col\" aria-sort=\"descending\" class=\"c-"u8 : "<th scope=\"col\" aria-sort=\"ascending\" class=\"c-"u8 : "<th scope=\"col\" class=\"c-"u8).Text(column)
            .Raw("\"><a class=\"sort\" id=\"sort-"u8).Text(column).Raw("\""u8);
        // Words from A, figures from the largest; pressed again, the other way round.
        Link(html, ask with { Sort = column, From = 0, Descending = active ? !ask.Descending : column is not ("name" or "type" or "error") });
        html.Raw(">"u8).Text(texts["Column_" + column]).Raw("</a></th>"u8);
    }

    void Rows(HtmlBuffer html, AllSteps all, IReadOnlyList<StepRow> chosen)
    {
        var labels = TableAsk.Columns.ToDictionary(c => c, c => HtmlBuffer.Encode(texts["Column_" + c]), StringComparer.Ordinal);
        for (var i = ask.From; i < Math.Min(chosen.Count, (long)ask.From + TableAsk.Size); i++) Row(html, chosen[i], all.TimesUsual(chosen[i]), labels);
    }

    void Row(HtmlBuffer html, StepRow step, double? times, Dictionary<string, string> labels)
    {
        html.Raw("<tr id=\"row-"u8).Text(Uri.EscapeDataString(step.Id)).Raw(step.Status == RunStatus.Failed ? "\" class=\"failed\">"u8 : "\">"u8).Raw("<td class=\"c-name\"><a href=\""u8).Text(url).Raw("#step-"u8).Text(Uri.EscapeDataString(step.Id)).Raw("\" data-node=\""u8).Text(step.Id)
            .Raw("\">"u8).Text(step.NodeId ?? step.Name).Raw("</a>"u8);
        if ((step.Label ?? step.Name) is { } label && label != (step.NodeId ?? step.Name)) html.Raw(" <span class=\"muted\">"u8).Text(label).Raw("</span>"u8);
        html.Raw("</td>"u8);
        Cell("type");
        html.Raw("<span class=\"step-type "u8).Raw(step.Type.ToName()).Raw("\">"u8).Raw(shell.Icon(StepIcons.Of(step.Type)).Value).Raw("<span>"u8).Text(texts["Type_" + step.Type.ToName()]).Raw("</span></span></td>"u8);
        Cell("status");
        html.Raw(shell.Status(step.Status).Value).Raw("</td>"u8);
        Cell("duration");
        if (step is { Status: RunStatus.Running, StartedAt: { } since }) html.Raw("<span data-since=\""u8).Number(since / 1000).Raw("\">"u8).Raw(format.Duration(Math.Max(0, (shell.Now - since) / 1000))).Raw("</span>"u8);
        else html.Raw(format.Duration(step.DurationMs));
        if (times is { } t) html.Raw(" <span class=\"badge yellow\" title=\""u8).Text(texts["UsualHint"]).Raw("\">"u8).Text(texts.Put("Times", format.Decimal(Math.Round(t, 1)))).Raw("</span>"u8);
        html.Raw("</td>"u8);
        Figure("retries", step.Retries > 0 ? format.Number(step.Retries) : "");
        Figure("tokens", step.Tokens is { } tokens ? format.Number(tokens) : "");
        Figure("compute", step.ComputeMs is { } ms ? format.Duration(ms) : "");
        Figure("cost", step.CostNano is { } cost ? format.Cost(cost) : "");
        Cell("validation");
        Validation(html, step);
        Cell("error");
        if ((step.ErrorMessage ?? step.ErrorCode) is { } error) html.Raw("<span class=\"step-error\" title=\""u8).Text(error).Raw("\">"u8).Text(error).Raw("</span>"u8);
        html.Raw("</td></tr>\n"u8);

        void Cell(string column) => html.Raw("<td class=\"c-"u8).Text(column).Raw("\" data-label=\""u8).Raw(labels[column]).Raw("\">"u8);
        void Figure(string column, string text)
        {
            Cell(column);
            html.Text(text).Raw("</td>"u8);
        }
    }

    void Validation(HtmlBuffer html, StepRow step)
    {
        var score = step.ValidationScore is { } number ? format.Decimal(number) : "";
        if (step.ValidationPassed is not { } passed)
        {
            html.Text(score).Raw("</td>"u8);
            return;
        }

        var word = texts[passed ? "Passed" : "NotPassed"];
        html.Raw(passed ? "<span class=\"badge green\""u8 : "<span class=\"badge red\""u8).Raw(" title=\""u8).Text(word).Raw("\">"u8).Raw(shell.Icon(passed ? "check" : "x").Value).Raw("<span class=\"sr-only\">"u8).Text(word)
            .Raw(" </span>"u8).Text(score.Length > 0 ? score : word).Raw("</span></td>"u8);
    }

    // The figures add up; durations do not, for steps run beside and within each other.
    void Total(HtmlBuffer html, IReadOnlyList<StepRow> steps)
    {
        if (steps.Count < 2) return;
        var (retries, tokens, compute, cost) = (Sums.Of(steps.Select(s => (long?)s.Retries)), Sums.Of(steps.Select(s => s.Tokens)), Sums.Of(steps.Select(s => s.ComputeMs)), Sums.Of(steps.Select(s => s.CostNano)));
        if ((retries, tokens, compute, cost) == (0, 0, 0, 0)) return;
        html.Raw("<tfoot><tr><th scope=\"row\" class=\"c-name\">"u8).Text(texts["Total"]).Raw("</th><td></td><td></td><td></td>"u8);
        foreach (var (column, text) in new[] { ("retries", retries > 0 ? format.Number(retries) : ""), ("tokens", tokens > 0 ? format.Number(tokens) : ""), ("compute", compute > 0 ? format.Duration(compute) : ""), ("cost", cost > 0 ? format.Cost(cost) : "") })
            html.Raw("<td class=\"c-"u8).Text(column).Raw("\" data-label=\""u8).Text(texts["Column_" + column]).Raw("\">"u8).Text(text).Raw("</td>"u8);
        html.Raw("<td></td><td></td></tr></tfoot>"u8);
    }

    void More(HtmlBuffer html, int count, ReadOnlySpan<byte> attributes)
    {
        var shown = (int)Math.Min(count, (long)ask.From + TableAsk.Size);
        html.Raw("<p class=\"nodes-more\" id=\"rows-more\""u8).Raw(attributes);
        if (shown >= count)
        {
            html.Raw(" hidden></p>\n"u8);
            return;
        }

        var query = ask.ToQuery() + string.Create(CultureInfo.InvariantCulture, $"&from={shown}");
        html.Raw("><a class=\"btn\" id=\"rows-more-link\" href=\""u8).Text(url).Raw("?view=table"u8).Text(query).Raw("\" hx-get=\""u8).Text(url).Raw("/steps/table?part=rows"u8).Text(query)
            .Raw("\" hx-target=\"#step-rows\" hx-swap=\"beforeend\">"u8).Text(texts["ShowMoreRows"]).Raw("<span class=\"muted num\">"u8).Text(texts.Put("ShownOf", format.Number(shown), format.Number(count)))
            .Raw("</span></a></p>\n"u8);
    }
}
