using Microsoft.AspNetCore.Html;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Modules.Slots;
using RunHub.Runs.List;
using RunHub.Runs.Views;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.Palette;

/// <summary>One thing the palette leads to.</summary>
/// <param name="Icon">Its icon.</param>
/// <param name="Text">What it is called.</param>
/// <param name="Hint">What else tells it from others.</param>
/// <param name="Href">Where it leads; null: <paramref name="Command"/>.</param>
/// <param name="Command">What is done in the page, such as <c>theme:dark</c>.</param>
/// <param name="Status">A run's status, shown in place of the icon.</param>
public sealed record Hit(string Icon, string Text, string? Hint, string? Href, string? Command = null, RunStatus? Status = null)
{
    /// <summary>Kept among the recent ones when chosen.</summary>
    public bool Keep => Href is not null && Command is null;

    /// <summary>A run's status as a dot, else the icon.</summary>
    public HtmlString Mark(Shell shell) => Status is { } status ? new HtmlString($"<span class=\"dot {status.ToName()}\"></span>") : shell.Icon(Icon);
}

/// <summary>Things of one sort.</summary>
/// <param name="Key">Stable key.</param>
/// <param name="Title">Heading.</param>
/// <param name="Hits">In order.</param>
public sealed record HitGroup(string Key, string Title, IReadOnlyList<Hit> Hits);

/// <summary>
/// Finds what a few characters may mean: a run's id (the index of ids), a word of a run's text (the search index, for a moment only), workflows (one seek each), views, pages and commands (from memory). No more than some of each, so that a
/// million runs cost what ten do.
/// </summary>
public sealed class FindAnything(Database database, RunQuery runs, DistinctValues values, SavedViews views)
{
    /// <summary>Most of a sort.</summary>
    public const int PerGroup = 6;

    static readonly TimeSpan TextTime = TimeSpan.FromMilliseconds(300);
    static readonly RowProjection<RunRow> Columns = RunRow.Table.Project("run_no", "id", "workflow_name", "environment", "status", "lane", "sort_at", "duration_ms", "error_message");

    /// <summary>The groups, likeliest first; empty ones are left out.</summary>
    /// <param name="context">Of the request.</param>
    /// <param name="shell">Of the request.</param>
    /// <param name="query">What was typed; empty: what one may want without typing.</param>
    /// <param name="cancellationToken">More was typed.</param>
    public async Task<IReadOnlyList<HitGroup>> HandleAsync(HttpContext context, Shell shell, string query, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var texts = TextTable.Of(typeof(RunsTexts));
        var groups = new List<HitGroup>();
        void Add(string key, IEnumerable<Hit> hits)
        {
            if (hits.Take(PerGroup).ToList() is { Count: > 0 } some) groups.Add(new HitGroup(key, texts["Palette_" + key], some));
        }

        var mayRead = caller.May(Allow.Viewers);
        var asked = query.Length > 0 && mayRead;
        // What begins with the text was meant sooner than a run in which it stands somewhere.
        IReadOnlyList<(string Key, IReadOnlyList<Hit> Hits)> named =
        [
            ("pages", Named(Pages(shell), query)),
            ("views", mayRead ? [.. Named((await views.ListAsync(caller, cancellationToken)).Where(v => v.Problem is null).Select(v => new Hit("bookmark", v.Name, v.IsShared ? texts["ViewShared"] : null, v.Url)), query).Take(query.Length == 0 ? 4 : PerGroup)] : []),
            ("workflows", asked ? [.. (await WorkflowsAsync(caller.Tenant.No, query, cancellationToken)).Select(w => new Hit("sitemap", w, null, ListPage.UrlOf(RunFilter.None.With("workflow", w).ToQuery())))] : []),
        ];
        var ids = asked ? await ByIdAsync(caller.Tenant.No, query, cancellationToken) : [];
        Add("runs", ids.Select(r => HitOf(r, shell)));
        foreach (var (key, hits) in named.Where(n => Begins(n.Hits))) Add(key, hits);
        if (asked && query.Length >= 3) Add("texts", (await ByTextAsync(caller.Tenant.No, query, ids, cancellationToken)).Select(r => HitOf(r, shell)));
        foreach (var key in new[] { "views", "workflows", "pages" }) if (named.First(n => n.Key == key).Hits is var hits && !Begins(hits)) Add(key, hits);
        Add("commands", Commands(caller, texts).Where(c => query.Length == 0 ? c.Command is not "language:es" and not "language:en" : Contains(c.Text, query) || Contains(c.Hint ?? "", query)));
        if (asked) Add("search", [new Hit("search", string.Format(System.Globalization.CultureInfo.CurrentCulture, texts["PaletteSearch"], query), null, ListPage.UrlOf("query=" + Uri.EscapeDataString(query)))]);
        return groups;

        bool Begins(IReadOnlyList<Hit> hits) => query.Length > 0 && hits.Any(h => h.Text.StartsWith(query, StringComparison.OrdinalIgnoreCase));
    }

    static List<Hit> Named(IEnumerable<Hit> hits, string query) => [.. hits.Where(h => Contains(h.Text, query)).OrderBy(h => !h.Text.StartsWith(query, StringComparison.OrdinalIgnoreCase))];

    static Hit HitOf(RunRow run, Shell shell) => new("list-details", run.Id,
        $"{run.WorkflowName} · {run.Environment} · {shell.Format.Ago(run.SortAt, shell.Now)}", "/runs/" + Uri.EscapeDataString(run.Id), null, run.Status);

    // The beginning of an id as people have it, or its ending as lists show it.
    async Task<List<RunRow>> ByIdAsync(long tenantNo, string query, CancellationToken cancellationToken)
    {
        var id = RunIdText.Of(query);
        var found = new List<RunRow>();
        await using var sql = await database.ReadAsync(cancellationToken);
        foreach (var begin in id.Prefixes) await FindAsync(text => text.BeginsWith("id", begin));
        if (id.Endings.Count > 0) await FindAsync(text => id.FindEnding(text, tenantNo));
        return [.. found.DistinctBy(r => r.Id, StringComparer.Ordinal)];

        async Task FindAsync(Action<SqlText> condition)
        {
            if (found.Count >= PerGroup) return;
            var text = new SqlText(sql.IsSqlite).Add("SELECT ").Add(Columns.Sql).Add(" FROM runs WHERE tenant_no = ");
            text.Value(tenantNo);
            condition(text.Add(" AND "));
            found.AddRange(await text.Add(" ORDER BY id LIMIT ").Add(PerGroup).On(sql).ListAsync(r => Columns.Read(r), cancellationToken));
        }
    }

    async Task<IEnumerable<RunRow>> ByTextAsync(long tenantNo, string query, List<RunRow> ids, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(TextTime);
        try
        {
            var found = (await runs.ListAsync(tenantNo, RunFilter.None.With("q", query), null, PerGroup, Columns, time.Token)).Runs;
            return found.ExceptBy(ids.Select(r => r.Id), r => r.Id, StringComparer.Ordinal);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The search takes longer than a list of suggestions may; "search the runs" below leads to it.
        }
        catch (ProblemException)
        {
            // Nothing that can be searched for, such as signs alone.
        }

        return [];
    }

    // The values that are kept for menus; where a tenant has more workflows than those, the ones that begin so.
    async Task<IEnumerable<string>> WorkflowsAsync(long tenantNo, string query, CancellationToken cancellationToken)
    {
        var all = await values.OfAsync(tenantNo, "workflow", cancellationToken);
        var found = all.Where(w => Contains(w, query)).OrderBy(w => !w.StartsWith(query, StringComparison.OrdinalIgnoreCase)).ToList();
        if (all.Count < DistinctValues.Max || found.Count >= PerGroup || FilterValue.AfterPrefix(query) is not { } after) return found;
        await using var sql = await database.ReadAsync(cancellationToken);
        return found.Union(await sql.Prepare($"""
            WITH RECURSIVE names(name) AS (
              SELECT (SELECT workflow_name FROM runs WHERE tenant_no = @tenant_no AND workflow_name >= @begin ORDER BY workflow_name LIMIT 1)
              UNION ALL
              SELECT (SELECT workflow_name FROM runs WHERE tenant_no = @tenant_no AND workflow_name > n.name ORDER BY workflow_name LIMIT 1) FROM names n WHERE n.name < @after)
            SELECT name FROM names WHERE name < @after LIMIT {PerGroup}
            """).With(tenantNo, query, after).ListAsync(r => r.GetString(0), cancellationToken), StringComparer.Ordinal);
    }

    static IEnumerable<Hit> Pages(Shell shell)
    {
        foreach (var entry in shell.Navigation) yield return new Hit(entry.Icon, TextTable.Of(entry.TextSource)[entry.TextKey], null, entry.Url);
        yield return new Hit("bookmark", TextTable.Of(typeof(RunsTexts))["SavedViews"], null, "/views");
        yield return new Hit("user-circle", TextTable.Of(typeof(UiTexts))["Profile"], null, "/profile");
        foreach (var link in shell.Links.Where(l => l.IsUsable)) yield return new Hit(link.Icon, link.Text, null, link.Url);
    }

    static IEnumerable<Hit> Commands(Caller caller, TextTable texts)
    {
        if (caller.May(Allow.Viewers)) yield return new Hit("filter", texts["Command_filter"], null, "/runs#query", "filter");
        foreach (var (theme, icon) in new[] { ("light", "sun"), ("dark", "moon"), ("auto", "device-desktop") }) yield return new Hit(icon, texts["Command_theme_" + theme], null, null, "theme:" + theme);
        yield return new Hit("language", "English", texts["Command_language"], null, "language:en");
        yield return new Hit("language", "Español", texts["Command_language"], null, "language:es");
        yield return new Hit("layout-sidebar-left-collapse", texts["Command_navigation"], null, null, "navigation");
        yield return new Hit("keyboard", texts["Command_help"], null, null, "help");
    }

    static bool Contains(string text, string query) => query.Length == 0 || text.Contains(query, StringComparison.OrdinalIgnoreCase);
}
