using System.Globalization;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Runs.List;
using RunHub.Stats;
using RunHub.Ui;

namespace RunHub.Runs.Strip;

/// <summary>
/// The figures above the list, written by hand: runs over time stacked by status, as an SVG whose bars are links to their time range,
/// and what the runs took. It comes after the page, to its script, which puts the reader's times in.
/// </summary>
sealed class StripHtml(Shell shell, RunFilter filter, RunStats stats, TimeSpan offset)
{
    // Units of the drawing: it is stretched to the width and height it gets.
    const int Step = 10, Bar = 8, Height = 100;
    const double Least = 3;

    // From the bottom up: what went wrong is on top, where it can be seen.
    static readonly RunStatus[] Order = [RunStatus.Completed, RunStatus.Running, RunStatus.Queued, RunStatus.WaitingHuman, RunStatus.Canceled, RunStatus.Failed];
    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));
    readonly Format format = shell.Format;
    readonly string zoom = ListPage.UrlOf(filter.Without("from").Without("to").ToQuery());

    string ZoomStart => zoom + (zoom.Contains('?', StringComparison.Ordinal) ? "&" : "?");

    /// <summary>All of it, and the counts that stand beside the statuses.</summary>
    public HtmlBuffer Whole()
    {
        var html = new HtmlBuffer(16 * 1024);
        if (stats.Buckets.Count > 0) Chart(html);
        Figures(html);
        Note(html);
        Counts(html);
        return html;
    }

    /// <summary>The chart in numbers.</summary>
    public HtmlBuffer Table()
    {
        var html = new HtmlBuffer(8 * 1024);
        var shown = Order.Where(s => stats.Buckets.Any(b => b.ByStatus[(int)s] > 0)).ToList();
        html.Raw("<div hx-boost=\"true\" hx-target=\"#runs\" hx-swap=\"outerHTML\" hx-indicator=\"#runs\" hx-sync=\"#runs:replace\"><table class=\"table\"><thead><tr><th scope=\"col\">"u8);
        html.Text(texts["Time"]);
        html.Raw("</th><th scope=\"col\">"u8);
        html.Text(texts["Runs"]);
        foreach (var status in shown)
        {
            html.Raw("</th><th scope=\"col\">"u8);
            html.Text(StatusBadge.Text(status));
        }

        html.Raw("</th></tr></thead><tbody>"u8);
        foreach (var bucket in stats.Buckets.Where(b => b.Total > 0).Reverse())
        {
            html.Raw("<tr><th scope=\"row\"><a href=\""u8);
            Href(html, bucket);
            html.Raw("\"><time datetime=\""u8);
            html.Raw(Times.ToIso(bucket.From));
            html.Raw("\" data-exact>"u8);
            html.Text(format.DateTime(bucket.From));
            html.Raw("</time></a></th><td class=\"num\">"u8);
            html.Raw(format.Number(bucket.Total));
            foreach (var status in shown)
            {
                html.Raw("</td><td class=\"num\">"u8);
                html.Raw(format.Number(bucket.ByStatus[(int)status]));
            }

            html.Raw("</td></tr>"u8);
        }

        html.Raw("</tbody></table></div>"u8);
        return html;
    }

    void Chart(HtmlBuffer html)
    {
        var buckets = stats.Buckets;
        var length = stats.BucketLength;
        var begin = buckets.Count > 1 ? buckets[0].To - length : buckets[0].From;
        html.Raw("<div class=\"strip-chart\" data-strip data-zoom=\""u8);
        html.Text(ZoomStart);
        html.Raw("\" data-begin=\""u8);
        html.Number(begin / 1000);
        html.Raw("\" data-length=\""u8);
        html.Number(length / 1000);
        html.Raw("\" data-count=\""u8);
        html.Number(buckets.Count);
        html.Raw("\" data-from=\""u8);
        html.Number(buckets[0].From / 1000);
        html.Raw("\" data-to=\""u8);
        html.Number(buckets[^1].To / 1000);
        html.Raw("\"><svg viewBox=\"0 0 "u8);
        html.Number(buckets.Count * Step);
        html.Raw(" 100\" preserveAspectRatio=\"none\" role=\"group\" aria-label=\""u8);
        html.Text(texts["StripLabel"].Replace("{0}", format.Duration(length / 1000), StringComparison.Ordinal));
        html.Raw("\" aria-describedby=\"strip-keys\">"u8);
        Bars(html);
        Links(html);
        html.Raw("</svg><div class=\"strip-axis\" aria-hidden=\"true\">"u8);
        foreach (var at in new[] { 0, buckets.Count / 2, buckets.Count }.Distinct())
        {
            var time = at < buckets.Count ? buckets[at].From : buckets[^1].To;
            html.Raw("<span data-at=\""u8);
            html.Number(time / 1000);
            html.Raw("\">"u8);
            html.Text(Clock(time));
            html.Raw("</span>"u8);
        }

        html.Raw("</div><div class=\"strip-mark\" hidden></div><div class=\"strip-tip\" hidden></div><p class=\"sr-only\" id=\"strip-keys\">"u8);
        html.Text(texts["StripKeys"]);
        html.Raw("</p></div>\n"u8);
    }

    // One path for each status: a bar costs twenty characters.
    void Bars(HtmlBuffer html)
    {
        var most = Math.Max(1, stats.Buckets.Max(b => b.Total));
        var under = new double[stats.Buckets.Count];
        foreach (var status in Order)
        {
            if (stats.Buckets.All(b => b.ByStatus[(int)status] == 0)) continue;
            html.Raw("<path class=\"bar "u8);
            html.Raw(status.ToName());
            html.Raw("\" d=\""u8);
            for (var i = 0; i < stats.Buckets.Count; i++)
            {
                var count = stats.Buckets[i].ByStatus[(int)status];
                if (count == 0) continue;
                // What is few among many is seen all the same.
                var high = Math.Max(Least, (Height - 4) * (double)count / most);
                high = Math.Min(high, Height - under[i]);
                html.Raw(string.Create(CultureInfo.InvariantCulture, $"M{i * Step + 1} {Height - under[i]:0.#}h{Bar}v-{high:0.#}h-{Bar}z"));
                under[i] += high;
            }

            html.Raw("\"/>"u8);
        }
    }

    // The script, without which there is no strip, says the time before the label, and which of them the Tab key reaches.
    void Links(HtmlBuffer html)
    {
        for (var i = 0; i < stats.Buckets.Count; i++)
        {
            var bucket = stats.Buckets[i];
            if (bucket.Total == 0) continue;
            html.Raw("<a href=\""u8);
            Href(html, bucket);
            html.Raw("\" aria-label=\""u8);
            html.Text(Said(bucket));
            html.Raw("\"><rect x=\""u8);
            html.Number(i * Step);
            html.Raw("\"/></a>"u8);
        }
    }

    string Said(StatsBucket bucket) => format.Number(bucket.Total) + " " + texts[bucket.Total == 1 ? "StripRun" : "StripRuns"]
        + (bucket.Total == bucket.ByStatus[(int)RunStatus.Completed] ? "" : " (" + string.Join(", ", Order.Reverse().Where(s => bucket.ByStatus[(int)s] > 0).Select(s => format.Number(bucket.ByStatus[(int)s]) + " " + StatusBadge.Text(s))) + ")");

    void Href(HtmlBuffer html, StatsBucket bucket)
    {
        html.Text(ZoomStart);
        html.Raw("from="u8);
        html.Raw(Iso(bucket.From));
        html.Raw("&amp;to="u8);
        html.Raw(Iso(bucket.To));
    }

    void Figures(HtmlBuffer html)
    {
        var figures = stats.Figures;
        html.Raw("<dl class=\"strip-figures\">"u8);
        Figure(html, "Runs", format.Number(stats.Total) + (stats.IsComplete ? "" : "+"), "main");
        Figure(html, "SuccessRate", format.Percent(stats.SuccessRate is { } rate ? Math.Floor(rate * 1000) / 1000 : null), "main");
        Figure(html, "AvgDuration", Ms(figures.Average), "");
        Figure(html, "P50", Ms(figures.Quantile(0.5)), "");
        Figure(html, "P95", Ms(figures.Quantile(0.95)), "main");
        Figure(html, "Tokens", figures.Cell.Tokens == 0 ? "0" : Short(figures.Cell.Tokens), "");
        Figure(html, "Cost", format.Cost(figures.Cell.CostNano), "");
        html.Raw("</dl>\n"u8);
    }

    void Figure(HtmlBuffer html, string key, string value, string kind)
    {
        html.Raw("<div class=\""u8);
        html.Raw(kind);
        html.Raw("\"><dt>"u8);
        html.Text(texts[key]);
        html.Raw("</dt><dd class=\"num\">"u8);
        html.Text(value);
        html.Raw("</dd></div>"u8);
    }

    // What the figures do not have, and the chart in numbers.
    void Note(HtmlBuffer html)
    {
        html.Raw("<div class=\"strip-foot\">"u8);
        if (!stats.IsComplete) Partly(html, "StripPartly", "StripAbout", stats.Since);
        else if (!stats.Figures.IsComplete) Partly(html, "StripFigures", "StripFiguresAbout", stats.Figures.Since);
        if (stats.Buckets.Count > 0)
        {
            var query = filter.RunsAlone().ToQuery();
            html.Raw("<details class=\"menu strip-table\" data-menu><summary class=\"btn btn-quiet btn-sm btn-icon\" aria-label=\""u8);
            html.Text(texts["StripTable"]);
            html.Raw("\" title=\""u8);
            html.Text(texts["StripTable"]);
            html.Raw("\" hx-get=\"/runs/strip?as=table"u8);
            html.Raw("&amp;tz="u8);
            html.Number((long)offset.TotalMinutes);
            if (query.Length > 0) html.Raw("&amp;"u8);
            html.Text(query);
            html.Raw("\" hx-trigger=\"toggle from:closest details once\" hx-target=\"next .menu-list\" hx-swap=\"innerHTML\" hx-indicator=\"closest details\" hx-sync=\"this\">"u8);
            html.Raw(shell.Icon("list-details").Value);
            html.Raw("</summary><div class=\"menu-list\" tabindex=\"0\" role=\"region\" aria-label=\""u8);
            html.Text(texts["StripTable"]);
            html.Raw("\"></div></details>"u8);
        }

        html.Raw("</div>\n"u8);
    }

    void Partly(HtmlBuffer html, string key, string about, long? since)
    {
        html.Raw("<p class=\"strip-note\">"u8);
        if (since is { } at)
        {
            html.Text(texts[key].Replace("{0}", format.Number(stats.Figures.Runs), StringComparison.Ordinal));
            html.Raw(" <time datetime=\""u8);
            html.Raw(Times.ToIso(at));
            html.Raw("\" data-exact>"u8);
            html.Text(format.DateTime(at));
            html.Raw("</time>"u8);
        }
        else html.Text(texts[about].Replace("{0}", format.Number(stats.Figures.Runs), StringComparison.Ordinal));
        html.Raw("</p>"u8);
    }

    void Counts(HtmlBuffer html)
    {
        if (stats.AnyStatus is not { } any) return;
        Count(html, "all", any.Sum());
        foreach (var status in ListView.StatusOrder) Count(html, status.ToName(), any[(int)status]);
    }

    void Count(HtmlBuffer html, string name, long count)
    {
        html.Raw("<span class=\"seg-count num\" id=\"count-"u8);
        html.Raw(name);
        html.Raw("\" hx-swap-oob=\"true\">"u8);
        html.Text(Short(count) + (stats.IsComplete ? "" : "+"));
        html.Raw("</span>"u8);
    }

    string Ms(double? ms) => ms is { } value ? format.Duration((long)Math.Round(value)) : "--";

    // 12,345 is 12.3k: what stands in a corner is short.
    string Short(long number) => number < 10_000 ? format.Number(number)
        : number < 1_000_000 ? format.Decimal(Math.Floor(number / 100d) / 10) + "k"
        : number < 1_000_000_000 ? format.Decimal(Math.Floor(number / 100_000d) / 10) + "M"
        : format.Decimal(Math.Floor(number / 100_000_000d) / 10) + "G";

    string Clock(long at) => stats.Buckets[^1].To - stats.Buckets[0].From <= 26L * 3_600_000_000
        ? Times.FromMicros(at).ToString("HH':'mm' UTC'", CultureInfo.InvariantCulture)
        : format.Date(at);

    static string Iso(long at) => Times.ToIso(at);
}
