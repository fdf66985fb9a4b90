using Microsoft.Playwright;
using RunHub.Access;

namespace RunHub.BrowserTests;

/// <summary>A page in a state: what pictures are taken of and what axe looks at.</summary>
/// <param name="Name">Name of the picture.</param>
/// <param name="Path">Address.</param>
public sealed record PageView(string Name, string Path)
{
    static readonly Func<IPage, Task> Nothing = _ => Task.CompletedTask;

    /// <summary>Every page and state.</summary>
    public static IReadOnlyList<PageView> All { get; } =
    [
        new("list", "/runs"),
        new("list-filtered", "/runs?status=failed,running&env=prod&tag=nightly&from=30d"),
        new("list-menu", "/runs") { IsCovered = true, Prepare = page => page.Locator(".filter-menu > summary").ClickAsync() },
        new("list-quick", "/runs") { IsCovered = true, Prepare = async page => { await page.Locator(".runs-quick summary").First.ClickAsync(); await page.Locator(".runs-quick .menu-item").First.WaitForAsync(); } },
        new("list-facets", "/runs") { IsCovered = true, Prepare = async page => { await page.Locator(".filter-menu > summary").ClickAsync(); await page.Locator(".facet > summary").Nth(2).ClickAsync(); await page.Locator(".facet .menu-item").First.WaitForAsync(); } },
        new("list-quick-view", "/runs") { Role = Access.Role.Operator, IsCovered = true, Prepare = async page => { await page.Locator($"tr[data-id={Seed.Failed}]").FocusAsync(); await page.Keyboard.PressAsync("v"); await page.Locator("#quick .menu-item").First.WaitForAsync(); } },
        new("list-chart-table", "/runs") { IsCovered = true, Prepare = async page => { await page.Locator(".strip-table > summary").ClickAsync(); await page.Locator(".strip-table tbody tr").First.WaitForAsync(); } },
        new("list-new-runs", "/runs") { IsCovered = true, Prepare = page => page.EvaluateAsync("document.dispatchEvent(new CustomEvent('live:runs', { detail: { runs: [1, 2, 3].map(n => ({ id: 'new' + n, sort_at: Date.now() * 1000, matches: true })), more: 0, more_matching: 0 } }))") },
        new("list-strip-failed", "/runs") { Prepare = async page => { await page.RouteAsync("**/runs/strip**", route => route.FulfillAsync(new RouteFulfillOptions { Status = 503, Body = "busy" })); await page.ReloadAsync(); await page.Locator("#strip [role=alert]").WaitForAsync(); } },
        new("list-export", "/runs") { IsCovered = true, Prepare = async page => { await page.Locator(".export-menu > summary").ClickAsync(); await page.Locator(".export-menu .export-count").WaitForAsync(); } },
        new("list-views", "/runs?status=failed") { IsCovered = true, Role = Access.Role.Operator, Prepare = async page => { await page.ClickAsync(".views-menu > summary"); await page.Locator("#view-name").WaitForAsync(); } },
        new("list-columns", "/runs") { IsCovered = true, Prepare = async page => { await page.ClickAsync(".columns-menu > summary"); await page.FillAsync("#column-path", "input..x"); await page.Keyboard.PressAsync("Enter"); await page.Locator("#column-fault").WaitForAsync(); } },
        new("list-own", "/runs?columns=status,id,workflow_name,started_at,tokens,cost_usd,input.lead.company,output.score,error_message,tags"),
        new("views", "/views?filter=status%3Drunning") { Role = Access.Role.Operator, Whole = true },
        new("views-es", "/views") { Locale = "es-ES", Role = Access.Role.Admin, IsCovered = true, Prepare = page => page.Locator(".view .menu > summary").First.ClickAsync() },
        new("columns-page", "/runs/columns?columns=id,tokens,output.score") { Whole = true },
        new("list-own-es", "/runs?columns=id,resolved,completed_at,input&status=failed&q=timeout") { Locale = "es-ES", Role = Access.Role.Operator },
        new("bulk-export", "/bulk/new?filter=status%3Dfailed&kind=export") { Role = Access.Role.Operator },
        new("palette", "/runs") { IsCovered = true, Prepare = PaletteAsync("") },
        new("palette-found", "/runs") { IsCovered = true, Prepare = PaletteAsync("inv") },
        new("keys", "/runs") { IsCovered = true, Role = Access.Role.Operator, Prepare = async page => { await page.Keyboard.PressAsync("?"); await page.Locator(".keys").WaitForAsync(); } },
        new("list-user", "/runs") { IsCovered = true, Prepare = page => page.Locator(".user-menu > summary").ClickAsync() },
        new("list-es", "/runs") { Locale = "es-ES" },
        new("query-found", "/runs?q=%22gateway%20timeout%22%20invoice&status=failed"),
        new("query-common", "/runs?q=invoice"),
        new("query-es", "/runs?q=almacen&lane=production") { Locale = "es-ES" },
        new("query-none", "/runs?q=quokka"),
        new("query-wrong", "/runs?query=env%3Aprod%20staus%3Afailed%20duration%3Asoon"),
        new("query-wrong-es", "/runs?query=id%3Arun_1%20status%3Afaild") { Locale = "es-ES" },
        new("query-help", "/runs") { IsCovered = true, Prepare = page => page.Locator(".query-help > summary").ClickAsync() },
        new("query-suggest", "/runs?status=failed") { IsCovered = true, Prepare = async page => { await page.FocusAsync("#query"); await page.Keyboard.PressAsync("End"); await page.Keyboard.TypeAsync(" wor"); await page.Locator("#query-options li").First.WaitForAsync(); await page.Keyboard.PressAsync("ArrowDown"); } },
        new("list-end", "/runs?type=prompt") { Whole = true },
        new("list-no-match", "/runs?workflow=nothing"),
        new("list-wrong", "/runs?status=broken&sorting=up"),
        new("list-empty", "/runs") { Empty = true },
        new("panel", "/runs") { Prepare = page => OpenPanelAsync(page, Seed.Completed) },
        new("panel-failed", "/runs") { Prepare = page => OpenPanelAsync(page, Seed.Failed) },
        new("detail", "/runs/" + Seed.Completed) { Whole = true },
        new("detail-failed", "/runs/" + Seed.Failed) { Whole = true },
        new("detail-running", "/runs/" + Seed.Running) { Whole = true },
        new("detail-big", "/runs/" + Seed.Big) { Whole = true },
        new("detail-wordy", "/runs/" + Uri.EscapeDataString(Seed.Wordy)) { Whole = true },
        new("detail-long", "/runs/" + Seed.Long),
        new("detail-lineage", "/runs/" + Seed.SecondAttempt) { Whole = true },
        new("steps-timeline", $"/runs/{SeedSteps.Nested}?view=timeline") { Whole = true },
        new("steps-timeline-tip", $"/runs/{SeedSteps.Nested}?view=timeline") { Whole = true, IsCovered = true, Prepare = async page => { await page.ClickAsync("#zoom-in"); await page.Locator("[data-row=web_search] a").FocusAsync(); } },
        new("steps-timeline-many-es", $"/runs/{SeedSteps.Many}?view=timeline") { Whole = true, Locale = "es-ES" },
        new("steps-timeline-timeless", "/runs/" + Uri.EscapeDataString(Seed.Wordy) + "?view=timeline") { Whole = true },
        new("steps-table", $"/runs/{SeedSteps.Nested}?view=table&sort=-duration") { Whole = true },
        new("steps-table-failed", $"/runs/{SeedSteps.Many}?view=table&failed=true") { Whole = true },
        new("steps-cards-many", $"/runs/{SeedSteps.Many}"),
        new("steps-panel", "/runs?lane=backfill") { Prepare = async page => { await OpenPanelAsync(page, SeedSteps.Nested); await page.ClickAsync("#panel #view-timeline"); await page.Locator("#panel .wf-row").First.WaitForAsync(); } },
        new("attachments", "/runs/" + Seed.Completed + "?tab=attachments") { Role = Access.Role.Admin, Whole = true },
        new("attachments-delete", "/runs/" + Seed.Completed + "?tab=attachments") { Role = Access.Role.Admin, IsCovered = true, Prepare = page => page.Locator(".file summary").First.ClickAsync() },
        new("attachments-none", "/runs/" + Seed.Running + "?tab=attachments") { Locale = "es-ES", Role = Access.Role.Operator },
        new("checkpoints", "/runs/" + Seed.Completed + "?tab=checkpoints") { Whole = true, Prepare = async page => { await page.Locator(".checkpoint > summary").First.ClickAsync(); await page.Locator(".checkpoint-value").First.WaitForAsync(); } },
        new("checkpoints-none", "/runs/" + Seed.Running + "?tab=checkpoints"),
        new("compare", $"/runs/{Seed.Failed}/compare/{Seed.LastGood}") { Whole = true },
        new("compare-open", $"/runs/{Seed.Completed}/compare/{Seed.Failed}") { Whole = true, Prepare = page => page.EvaluateAsync("document.querySelectorAll('.compare-step').forEach(d => d.open = true)") },
        new("compare-same", $"/runs/{Seed.LastGood}/compare/{Seed.LastGood}"),
        new("compare-choose", $"/runs/{Seed.Failed}/compare"),
        new("compare-none-es", $"/runs/{Uri.EscapeDataString(Seed.Wordy)}/compare/last-success") { Locale = "es-ES" },
        new("list-backfill", "/runs?lane=backfill"),
        new("detail-es", "/runs/" + Seed.Failed) { Whole = true, Locale = "es-ES" },
        new("logs", $"/runs/{Seed.Completed}?tab=logs") { Whole = true },
        new("logs-open", $"/runs/{Seed.Failed}?tab=logs") { Whole = true, Prepare = page => page.Locator(".log-error details summary").ClickAsync() },
        new("logs-long", $"/runs/{Seed.Big}?tab=logs&level=error,fatal"),
        new("logs-none", $"/runs/{Seed.Long}?tab=logs"),
        new("logs-es", $"/runs/{Seed.Running}?tab=logs") { Locale = "es-ES" },
        new("traces", $"/runs/{Seed.Completed}?tab=traces") { Whole = true, Prepare = page => page.Locator(".span-row summary").Nth(1).ClickAsync() },
        new("traces-none", $"/runs/{Uri.EscapeDataString(Seed.Wordy)}?tab=traces"),
        new("panel-logs", "/runs") { Prepare = async page => { await OpenPanelAsync(page, Seed.Failed); await page.ClickAsync("#panel #tab-logs"); await page.Locator("#panel .log-line").First.WaitForAsync(); } },
        new("plugins", "/admin/plugins") { Role = Access.Role.Admin, Whole = true },
        new("plugins-settings", "/admin/plugins") { Role = Access.Role.Admin, Whole = true, Prepare = page => page.Locator("#settings-precrafter > summary").ClickAsync() },
        new("plugins-es", "/admin/plugins") { Role = Access.Role.Admin, Whole = true, Locale = "es-ES" },
        new("not-found", "/runs/nothing-here"),
        new("sign-in", "/sign-in") { Role = null },
        new("users", "/admin/users") { Role = Access.Role.Admin },
        new("api-keys", "/admin/api-keys") { Role = Access.Role.Admin },
        new("tenants", "/admin/tenants") { Role = Access.Role.Admin },
        new("profile", "/profile"),
        new("docs", "/docs"),
        new("act-run", "/runs/" + Seed.Failed) { Role = Access.Role.Operator },
        new("act-tag", "/runs/" + Seed.Failed) { Role = Access.Role.Operator, IsCovered = true, Prepare = page => OpenActAsync(page, "tag") },
        new("act-resolve", "/runs/" + Seed.Failed) { Role = Access.Role.Operator, IsCovered = true, Prepare = page => OpenActAsync(page, "resolve") },
        new("act-panel", "/runs?status=failed") { Role = Access.Role.Operator, IsCovered = true, Prepare = async page => { await OpenPanelAsync(page, Seed.Failed); await OpenActAsync(page, "assign"); } },
        new("act-page", $"/runs/{Seed.Failed}/act?kind=resolve") { Role = Access.Role.Operator },
        new("act-list", "/runs") { Role = Access.Role.Admin, IsCovered = true, Prepare = SelectAsync },
        new("annotations", $"/runs/{Seed.Completed}?tab=annotations") { Role = Access.Role.Admin, Whole = true },
        new("annotations-edit", $"/runs/{Seed.Completed}?tab=annotations") { Role = Access.Role.Admin, Prepare = async page => { await page.Locator(".note-acts a").First.ClickAsync(); await page.Locator(".note textarea").First.WaitForAsync(); } },
        new("annotations-none-es", $"/runs/{Seed.Running}?tab=annotations") { Role = Access.Role.Operator, Locale = "es-ES" },
        new("annotate-select", "/runs/" + Seed.Completed) { Role = Access.Role.Operator, IsCovered = true, Prepare = CommentAsync },
        new("annotate-page", $"/runs/{Seed.Completed}/annotate") { Role = Access.Role.Operator },
        new("decisions", $"/runs/{Seed.Completed}?tab=hitl"),
        new("mentions-none", "/mentions"),
        new("errors", "/errors") { Role = Access.Role.Operator, Whole = true },
        new("errors-none-es", "/errors?state=resolved&workflow=nothing") { Locale = "es-ES" },
        new("errors-wrong", "/errors?status=broken&state=open"),
        new("lead", "/leads/lead_4711") { Whole = true },
        new("lead-none", "/leads/nobody"),
        new("links", "/admin/links") { Role = Access.Role.Admin },
        new("business-edit", $"/runs/{Seed.Completed}/business/edit") { Role = Access.Role.Operator },
        new("bulk", "/bulk"),
        new("bulk-new", "/bulk/new?filter=status%3Dfailed") { Role = Access.Role.Operator },
        new("bulk-page", "/bulk/new?filter=status%3Dfailed&kind=tag") { Role = Access.Role.Operator, Whole = true, Prepare = async page => { await page.FillAsync("#bulk-add", "seen"); await page.ClickAsync(".bulk-form .btn-primary"); await page.Locator("#bulk .badge.green").WaitForAsync(); } },
        new("list-error", "/runs") { Prepare = async page => { await page.RouteAsync("**/runs?status=failed", route => route.FulfillAsync(new RouteFulfillOptions { Status = 503, Body = "busy" })); await page.ClickAsync("#status-failed"); await page.Locator(".list-error").WaitForAsync(); } },
        new("panel-error", "/runs") { Prepare = async page => { await page.RouteAsync("**/panel", route => route.AbortAsync()); await page.Locator("#rows td").First.ClickAsync(); await page.Locator("#panel [data-panel-retry]").WaitForAsync(); } },
        new("note-history", $"/runs/{Seed.Completed}?tab=annotations") { Role = Access.Role.Admin, Prepare = NoteHistoryAsync },
    ];

    /// <summary>What to do before it is looked at.</summary>
    public Func<IPage, Task> Prepare { get; init; } = Nothing;

    /// <summary>The whole page, not only what the window shows.</summary>
    public bool Whole { get; init; }

    /// <summary>Language of the browser.</summary>
    public string Locale { get; init; } = "en-US";

    /// <summary>An open menu lies over part of the page; what it hides cannot be pressed and need not be large enough to be.</summary>
    public bool IsCovered { get; init; }

    /// <summary>In a tenant without runs.</summary>
    public bool Empty { get; init; }

    /// <summary>Who looks; null: nobody is signed in.</summary>
    public Role? Role { get; init; } = Access.Role.Viewer;

    /// <summary>Selects a word of a payload and opens the form for a comment on it.</summary>
    internal static async Task SelectTextAsync(IPage page, string node, string text)
    {
        // Colours come when it is seen, and take a selection away.
        await page.WaitForFunctionAsync("""
            ([node, text]) => {
              const code = [...document.querySelectorAll(`.node[data-node-id="${node}"] .json code`)].find(c => c.textContent.includes(text));
              code.scrollIntoView({ block: 'center' });
              return code.querySelector('[class^="hljs"]') !== null;
            }
            """, new[] { node, text });
        await page.EvaluateAsync("""
            ([node, text]) => {
              const code = [...document.querySelectorAll(`.node[data-node-id="${node}"] .json code`)].find(c => c.textContent.includes(text));
              const at = code.textContent.indexOf(text);
              const range = document.createRange();
              const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
              let passed = 0, begun = false;
              for (let n = walker.nextNode(); n; n = walker.nextNode()) {
                if (!begun && passed + n.length > at) { range.setStart(n, at - passed); begun = true; }
                if (begun && passed + n.length >= at + text.length) { range.setEnd(n, at + text.length - passed); break; }
                passed += n.length;
              }
              getSelection().removeAllRanges();
              getSelection().addRange(range);
            }
            """, new[] { node, text });
        await page.Locator(".note-button").WaitForAsync();
    }

    static async Task NoteHistoryAsync(IPage page)
    {
        await page.Locator(".note-acts a").First.ClickAsync();
        await page.Locator(".note textarea").First.FillAsync("Said otherwise.");
        await page.Locator(".note form .btn-primary").First.ClickAsync();
        await page.Locator("a[href$='/history']").First.ClickAsync();
        await page.Locator(".note-history").WaitForAsync();
    }

    static async Task CommentAsync(IPage page)
    {
        await SelectTextAsync(page, "node_2", "cmp_88121");
        await page.ClickAsync(".note-button");
        await page.Locator(".note-box textarea").WaitForAsync();
    }

    static Func<IPage, Task> PaletteAsync(string typed) => async page =>
    {
        await page.Keyboard.PressAsync("Control+k");
        await page.Locator(".palette [role=option]").First.WaitForAsync();
        if (typed.Length == 0) return;
        var answer = page.WaitForResponseAsync(r => r.Url.EndsWith("?q=" + typed, StringComparison.Ordinal));
        await page.Keyboard.TypeAsync(typed);
        await answer;
        await page.Locator(".palette #palette-search").WaitForAsync();
    };

    static async Task SelectAsync(IPage page)
    {
        for (var i = 1; i < 4; i++) await page.Locator("#rows .pick").Nth(i).ClickAsync();
        await page.Locator("#picked").WaitForAsync();
    }

    static async Task OpenActAsync(IPage page, string kind)
    {
        await page.ClickAsync("#act-" + kind);
        await page.Locator("#run-acts [data-act-focus]").WaitForAsync();
    }

    static async Task OpenPanelAsync(IPage page, string id)
    {
        await page.Locator($"tr[data-id='{id}'] td").First.ClickAsync();
        await page.Locator("#panel [data-panel-focus]").WaitForAsync();
        await Site.SettleAsync(page);
        await Until.TrueAsync(page, "() => document.getAnimations().every(a => a.playState !== 'running' || a.effect.getComputedTiming().iterations === Infinity)");
    }
}
