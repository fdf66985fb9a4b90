using System.Net;
using System.Text.RegularExpressions;
using RunHub.Access;
using RunHub.Ingest;
using RunHub.Ui;

namespace RunHub.IntegrationTests.Runs;

public sealed partial class PageTests
{
    [Theory, Engines]
    public async Task The_frame_of_a_written_page_is_the_layout_of_every_page(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub);
        using var browser = await hub.SignInAsync(Role.Admin);
        await CompareAsync();
        using var wishes = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["theme"] = "dark", ["language"] = "es", ["navigation"] = "narrow", ["back"] = "/runs" });
        using var _ = await browser.PostAsync("/preferences", wishes);
        Assert.Contains("lang=\"es\" data-theme=\"dark\" data-nav=\"narrow\"", await CompareAsync(), StringComparison.Ordinal);

        async Task<string> CompareAsync()
        {
            var layout = Frame(await browser.GetStringAsync("/profile"));
            for (var i = 0; i < 2; i++) Assert.Equal(layout, Frame(await browser.GetStringAsync("/runs/r?back=%22%3E%3Cb%3E")));
            return layout;
        }
    }

    [Theory, Engines]
    public async Task A_frame_is_nobody_elses(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub);
        using var admin = await hub.SignInAsync(Role.Admin);
        using var viewer = await hub.SignInAsync(Role.Viewer);
        var first = await admin.GetStringAsync("/runs/r");
        var second = await viewer.GetStringAsync("/runs/r");
        Assert.Contains("/admin/users", first, StringComparison.Ordinal);
        Assert.DoesNotContain("/admin/users", second, StringComparison.Ordinal);
        Assert.NotEqual(Person().Match(first).Value, Person().Match(second).Value);
    }

    [Theory, Engines]
    public async Task What_a_run_brings_is_text_wherever_it_stands(string engine)
    {
        const string Bad = "\"><script>alert('x')&amp;";
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub, new RunWrite
        {
            Id = "r", WorkflowName = Bad, WorkflowVersion = Bad, Environment = Bad, Status = RunStatus.Failed, Actor = Bad, Owner = Bad, Trigger = "api", StartedBy = Bad, LeadId = Bad, BatchId = Bad, ThreadId = Bad, AgentId = Bad, TraceId = Bad,
            BusinessEventId = Bad, ErrorCode = Bad, ErrorMessage = Bad, ErrorStack = Bad, ErrorStepId = Bad, Tags = [Bad], InputsSummary = JsonPayload.String(Bad), Annotations = [new(Bad, Bad, DateTimeOffset.UnixEpoch)],
            Steps = [new StepWrite { Id = Bad, NodeId = Bad, Name = Bad, Label = Bad, Tool = Bad, Endpoint = Bad, Model = Bad, ErrorCode = Bad, ErrorMessage = Bad, ErrorStack = Bad, ValidationPassed = false, ValidationReasons = new JsonPayload(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new[] { Bad })) }],
        });
        using var browser = await hub.SignInAsync(Role.Viewer);
        foreach (var url in new[] { "/runs/r", "/runs/r/panel", "/runs/r/steps", "/runs/r/steps/table", "/runs/r/steps/timeline", "/runs/r?view=table", "/runs/r?view=timeline" })
        {
            var html = await browser.GetStringAsync(url);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.DoesNotContain("\"><script", html, StringComparison.Ordinal);
            Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task Says_how_long_it_is_and_answers_a_question_for_its_head(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub);
        using var browser = await hub.SignInAsync(Role.Viewer);
        using var head = await browser.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/runs/r"));
        using var page = await browser.GetAsync("/runs/r");
        var body = await page.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(body.Length, head.Content.Headers.ContentLength);
        Assert.Equal(body.Length, page.Content.Headers.ContentLength);
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("</html>", System.Text.Encoding.UTF8.GetString(body).TrimEnd(), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_run_that_was_completed_though_steps_failed_says_so_and_what_to_do(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        StepWrite[] steps = [new() { Id = "1", Name = "a", Status = RunStatus.Completed }, new() { Id = "2", Name = "b", Status = RunStatus.Failed }];
        await FillAsync(hub, new RunWrite { Id = "done", WorkflowName = "w", Status = RunStatus.Completed, ErrorClass = "transient", Steps = steps });
        await FillAsync(hub, new RunWrite { Id = "open", WorkflowName = "w", Status = RunStatus.Running, Steps = steps });
        await FillAsync(hub, new RunWrite { Id = "failed", WorkflowName = "w", Status = RunStatus.Failed, Steps = steps });
        await FillAsync(hub);
        using var browser = await hub.SignInAsync();
        var done = await browser.GetStringAsync("/runs/done");
        Assert.Contains("Partly done: 1 of 2 steps failed, and the run was completed all the same.", done, StringComparison.Ordinal);
        Assert.Contains("Run it again; if it stays, look at that service.", done, StringComparison.Ordinal);
        Assert.Contains("href=\"/runs/done?view=table&amp;failed=true\"", done, StringComparison.Ordinal);
        Assert.Contains("1 of 2 steps failed so far; the run goes on.", await browser.GetStringAsync("/runs/open"), StringComparison.Ordinal);
        foreach (var id in new[] { "failed", "r" }) Assert.DoesNotContain("id=\"run-partly\"", await browser.GetStringAsync("/runs/" + id), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_open_run_says_how_far_it_is_on_its_page_in_its_row_and_in_the_quick_view(string engine)
    {
        const string Bar = "<progress max=\"100\"";
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub, new RunWrite { Id = "half", WorkflowName = "w", Status = RunStatus.Running, Progress = 42.7 });
        await FillAsync(hub, new RunWrite { Id = "silent", WorkflowName = "w", Status = RunStatus.Running });
        await FillAsync(hub, new RunWrite { Id = "over", WorkflowName = "w", Status = RunStatus.Failed, Progress = 60 });
        using var browser = await hub.SignInAsync();
        foreach (var url in new[] { "/runs/half", "/runs/half/panel", "/runs/half/quick", "/runs/rows?id=half" }) Assert.Matches("<progress max=\"100\"[^>]* value=\"42\"", await browser.GetStringAsync(url));
        Assert.Contains("<span class=\"num\" aria-hidden=\"true\">42%</span>", await browser.GetStringAsync("/runs/half"), StringComparison.Ordinal);
        foreach (var id in new[] { "silent", "over" })
            foreach (var url in new[] { $"/runs/{id}", $"/runs/{id}/quick", $"/runs/rows?id={id}" }) Assert.DoesNotContain(Bar, await browser.GetStringAsync(url), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Another_tenant_in_the_address_is_not_found_in_any_part_of_the_list(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await FillAsync(hub);
        using var browser = await hub.SignInAsync();
        foreach (var url in new[] { "/runs", "/runs/strip", "/runs/strip?as=table", "/runs/facets", "/runs/options/env", "/runs/export/count", "/runs/columns", "/errors" })
        {
            var and = url.Contains('?', StringComparison.Ordinal) ? "&tenant=" : "?tenant=";
            Assert.Equal((url, HttpStatusCode.NotFound), (url, (await browser.GetAsync(url + and + "other")).StatusCode));
            Assert.Equal((url, HttpStatusCode.OK), (url, (await browser.GetAsync(url + and + (await hub.TenantAsync()).Id)).StatusCode));
        }
    }

    [Theory, Engines]
    public async Task The_first_visit_says_how_to_send_a_run_and_leads_those_who_may_to_a_key(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var admin = await hub.SignInAsync(Role.Admin);
        using var viewer = await hub.SignInAsync(Role.Viewer);
        var first = await admin.GetStringAsync("/runs");
        Assert.Contains("/api/runs", first, StringComparison.Ordinal);
        Assert.Contains("id=\"first-key\" href=\"/admin/api-keys\"", first, StringComparison.Ordinal);
        Assert.DoesNotContain("first-key", await viewer.GetStringAsync("/runs"), StringComparison.Ordinal);
    }

    static async Task FillAsync(TestHub hub, RunWrite? run = null)
    {
        var caller = new Caller(CallerKind.Key, 1, "tests", await hub.TenantAsync(), Role.None, KeyScopes.Admin, false);
        Assert.Empty((await hub.Get<IngestRuns>().HandleAsync(caller, new RunBatch { Runs = [run ?? new RunWrite { Id = "r", WorkflowName = "w" }] }, atomic: true, default)).Rejected);
    }

    // What stands around the content, without what differs from page to page.
    static string Frame(string html) => Changing().Replace(html, "").ReplaceLineEndings("\n");

    [GeneratedRegex("<title>.*?</title>| aria-current=\"page\"|name=\"back\" value=\"[^\"]*\"|(?<=<main[^>]*>).*(?=</main>)", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Changing();

    [GeneratedRegex("<div class=\"menu-head\">.*?</div>", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Person();
}
