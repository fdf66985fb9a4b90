using System.Net;
using RunHub.Access;
using RunHub.Access.FirstStart;
using RunHub.Access.People;
using RunHub.Access.Sessions;
using RunHub.Store;

namespace RunHub.IntegrationTests.Access;

public sealed class SignInTests
{
    const string Password = "correct horse battery";

    [Theory, Engines]
    public async Task Signs_in_with_email_and_password_and_goes_where_one_wanted_to_go(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        await hub.PersonAsync("ann@example.com", Role.Viewer, await hub.TenantAsync(), Password);
        using var browser = hub.Anonymous();
        using var page = new HttpRequestMessage(HttpMethod.Get, "/probe/me?x=1") { Headers = { { "Accept", "text/html" } } };
        var refused = await browser.SendAsync(page);
        Assert.Equal("/sign-in?returnUrl=%2Fprobe%2Fme%3Fx%3D1", refused.Headers.Location?.ToString());
        var answer = await TestHub.PostFormAsync(browser, refused.Headers.Location!.ToString(), new() { ["Email"] = " Ann@Example.com ", ["Password"] = Password, ["ReturnUrl"] = "/probe/me?x=1" }, "/sign-in");
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/probe/me?x=1", answer.Headers.Location?.ToString());
        Assert.Equal("User ann@example.com in acme as Viewer with None", await browser.GetStringAsync("/probe/me"));
        Assert.Equal(["session.started"], await AuditAsync(hub, "ann@example.com"));

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("runhub=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);

        await TestHub.PostFormAsync(browser, "/profile", [], "/sign-out");
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync("/probe/me")).StatusCode);
        Assert.Equal(["session.started", "session.ended"], await AuditAsync(hub, "ann@example.com"));
    }

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/evil.example")]
    public async Task Never_sends_a_browser_to_another_site(string url)
    {
        await using var hub = await TestHub.StartAsync();
        await hub.PersonAsync("ann@example.com", Role.Viewer, await hub.TenantAsync(), Password);
        using var browser = hub.Anonymous();
        var answer = await TestHub.PostFormAsync(browser, "/sign-in", new() { ["Email"] = "ann@example.com", ["Password"] = Password, ["ReturnUrl"] = url });
        Assert.Equal("/", answer.Headers.Location?.ToString());
        Assert.Equal("/", (await browser.GetAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(url))).Headers.Location?.ToString());
    }

    [Theory, Engines]
    public async Task Refuses_wrong_passwords_unknown_and_disabled_people_and_the_uninvited_alike(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var tenant = await hub.TenantAsync();
        await hub.PersonAsync("ann@example.com", Role.Viewer, tenant, Password);
        await hub.PersonAsync("invited@example.com", Role.Viewer, tenant);
        var gone = await hub.PersonAsync("gone@example.com", Role.Viewer, tenant, Password);
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE users SET disabled_at = 1 WHERE user_no = @no").With(gone.No).ExecuteAsync(ct), default);
        hub.Get<AccessDirectory>().ForgetPerson(gone.No);
        using var browser = hub.Anonymous();
        var pages = new List<string>();
        foreach (var (email, password) in new[] { ("ann@example.com", "wrong password"), ("nobody@example.com", Password), ("gone@example.com", Password), ("invited@example.com", ""), ("invited@example.com", Password), ("no email", Password) })
        {
            var answer = await TestHub.PostFormAsync(browser, "/sign-in", new() { ["Email"] = email, ["Password"] = password });
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.Contains("Email or password is wrong.", html, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, html, StringComparison.Ordinal);
        }

        Assert.Contains("session.refused", await AuditAsync(hub, "ann@example.com"));
    }

    [Fact]
    public async Task Slows_down_who_guesses_and_lets_others_in()
    {
        await using var hub = await TestHub.StartAsync();
        var tenant = await hub.TenantAsync();
        await hub.PersonAsync("ann@example.com", Role.Viewer, tenant, Password);
        await hub.PersonAsync("bob@example.com", Role.Viewer, tenant, Password);
        using var browser = hub.Anonymous();
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TestHub.PostFormAsync(browser, "/sign-in", new() { ["Email"] = "ann@example.com", ["Password"] = "wrong" })).StatusCode);
        var slowed = await TestHub.PostFormAsync(browser, "/sign-in", new() { ["Email"] = "ann@example.com", ["Password"] = Password });
        Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
        Assert.InRange(slowed.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Equal(HttpStatusCode.Redirect, (await TestHub.PostFormAsync(browser, "/sign-in", new() { ["Email"] = "bob@example.com", ["Password"] = Password })).StatusCode);
    }

    [Fact]
    public async Task A_post_without_its_antiforgery_token_is_refused()
    {
        await using var hub = await TestHub.StartAsync(extra: new Probe());
        await hub.PersonAsync("ann@example.com", Role.Viewer, await hub.TenantAsync(), Password);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal) { ["Email"] = "ann@example.com", ["Password"] = Password });
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(hub.Anonymous(), "/sign-in", form));

        using var session = await hub.SignInAsync(Role.Operator);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(session, "/api/probe/act", null));
        session.DefaultRequestHeaders.Remove("X-CSRF-Token");
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(session, "/api/probe/act", null));
        session.DefaultRequestHeaders.Add("X-CSRF-Token", (await hub.SignInAsync(Role.Operator)).DefaultRequestHeaders.GetValues("X-CSRF-Token"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(session, "/api/probe/act", null));
        using var key = await hub.KeyAsync(KeyScopes.Operate);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(key, "/api/probe/act", null));
    }

    [Theory, Engines]
    public async Task The_set_up_link_makes_the_first_tenant_and_admin_and_works_once(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        var link = hub.Get<SetUpLink>().Path!;
        using var browser = hub.Anonymous();
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/setup")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/setup?token=x")).StatusCode);
        Dictionary<string, string> form = new(StringComparer.Ordinal) { ["Tenant"] = "Acme & Sons", ["Name"] = "Ann", ["Email"] = "ann@example.com", ["Password"] = "short" };
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TestHub.PostFormAsync(browser, link, form)).StatusCode);
        form["Password"] = Password;
        using var other = hub.Anonymous();
        var both = await Task.WhenAll(TestHub.PostFormAsync(browser, link, form), TestHub.PostFormAsync(other, link, new(form, StringComparer.Ordinal) { ["Email"] = "eve@example.com" }));
        Assert.Single(both, r => r.StatusCode == HttpStatusCode.Redirect);
        Assert.Single(both, r => r.StatusCode == HttpStatusCode.NotFound);
        var winner = both[0].StatusCode == HttpStatusCode.Redirect ? browser : other;
        Assert.EndsWith(" in acme-sons as Admin with None of the installation", await winner.GetStringAsync("/probe/me"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync(link)).StatusCode);
        Assert.Null(hub.Get<SetUpLink>().Path);
    }

    [Fact]
    public async Task A_one_time_link_signs_in_once()
    {
        await using var hub = await TestHub.StartAsync(extra: new Probe());
        var person = await hub.PersonAsync("ann@example.com", Role.Viewer, await hub.TenantAsync());
        var link = hub.Get<OneTimeSignIn>().Create(person.No);
        using var first = hub.Anonymous();
        Assert.Equal("/runs", (await first.GetAsync(link)).Headers.Location?.ToString());
        Assert.StartsWith("User ann@example.com", await first.GetStringAsync("/probe/me"), StringComparison.Ordinal);
        using var second = hub.Anonymous();
        Assert.Equal("/sign-in", (await second.GetAsync(link)).Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync("/probe/me")).StatusCode);
    }

    [Fact]
    public async Task An_address_that_names_its_tenant_leads_to_the_run_from_any_tenant_one_is_in()
    {
        await using var hub = await TestHub.StartAsync();
        var (home, other, foreign) = (await hub.TenantAsync(), await hub.TenantAsync("other"), await hub.TenantAsync("foreign"));
        var ann = await hub.PersonAsync("ann@example.com", Role.Viewer, home);
        await hub.Get<WriteLane>().Run(async (scope, ct) => await AccessWriter.SetRoleAsync(scope, new Actor("system", "test"), ann.No, "ann@example.com", other.No, Role.Viewer, ct), default);
        hub.Get<AccessDirectory>().ForgetPerson(ann.No);
        using var reporter = await hub.KeyAsync(tenant: "other");
        using (var made = await reporter.PostAsync("/api/runs", new StringContent("""{"id":"a b","workflow_name":"far_away"}""", System.Text.Encoding.UTF8, "application/json"))) Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        using var browser = hub.Browser((await hub.Get<AccessDirectory>().PersonAsync(ann.No, default))!, home);
        using (var before = await browser.GetAsync("/runs/a%20b")) Assert.Equal(HttpStatusCode.NotFound, before.StatusCode);
        using (var entered = await browser.GetAsync("/t/other/runs/a%20b?view=table"))
        {
            Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
            Assert.Equal("/runs/a%20b?view=table", entered.Headers.Location?.OriginalString);
        }

        Assert.Contains("far_away", await browser.GetStringAsync("/runs/a%20b"), StringComparison.Ordinal);
        using (var refused = await browser.GetAsync($"/t/{foreign.Id}/runs/a%20b")) Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Contains("far_away", await browser.GetStringAsync("/runs/a%20b"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Htmx_is_told_to_go_to_the_sign_in_page_and_an_api_gets_a_problem()
    {
        await using var hub = await TestHub.StartAsync(extra: new Probe());
        using var request = new HttpRequestMessage(HttpMethod.Get, "/probe/me") { Headers = { { "HX-Request", "true" }, { "HX-Current-URL", "http://localhost/runs?status=failed" }, { "Accept", "*/*" } } };
        var htmx = await hub.Anonymous().SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, htmx.StatusCode);
        Assert.Equal("/sign-in?returnUrl=%2Fruns%3Fstatus%3Dfailed", Assert.Single(htmx.Headers.GetValues("HX-Redirect")));
        var api = await hub.Anonymous().PostAsync("/api/probe/act", null);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        Assert.Equal("application/problem+json", api.Content.Headers.ContentType?.MediaType);
        var forbidden = await (await hub.SignInAsync(Role.Viewer)).PostAsync("/api/probe/act", null);
        Assert.Equal(HttpStatusCode.Forbidden, forbidden.StatusCode);
        Assert.Contains("needs the role operator", await forbidden.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_answer_forbids_what_no_page_needs()
    {
        await using var hub = await TestHub.StartAsync();
        foreach (var path in (string[])["/sign-in", "/nowhere", "/api/admin/users"])
        {
            var answer = await hub.Anonymous().GetAsync(path);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, HttpContent? content)
    {
        using var answer = await client.PostAsync(path, content);
        return answer.StatusCode;
    }

    static async Task<List<string>> AuditAsync(TestHub hub, string actor)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare("SELECT action FROM audit WHERE actor = @actor ORDER BY seq").With(actor).ListAsync(r => r.GetString(0), default);
    }
}
