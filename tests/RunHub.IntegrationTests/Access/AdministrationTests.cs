using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RunHub.Access;
using RunHub.Store;

namespace RunHub.IntegrationTests.Access;

public sealed class AdministrationTests
{
    const string Password = "correct horse battery";

    [Theory, Engines]
    public async Task Invites_a_person_who_sets_a_password_once_and_gets_in(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        using var admin = await hub.SignInAsync(Role.Admin);
        var added = await JsonAsync(await admin.PostAsJsonAsync("/api/admin/users", new { email = " New@Example.com", role = "operator" }), HttpStatusCode.Created);
        Assert.Equal("invited", added.GetProperty("user").GetProperty("status").GetString());
        var link = new Uri(added.GetProperty("invitation_url").GetString()!).PathAndQuery;

        using var browser = hub.Anonymous();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TestHub.PostFormAsync(browser, link, new() { ["Name"] = "New", ["Password"] = "too short" }, "/invitation" + link[link.IndexOf('?')..])).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await TestHub.PostFormAsync(browser, link, new() { ["Name"] = "New", ["Password"] = Password })).StatusCode);
        Assert.Equal("User new@example.com in acme as Operator with None", await browser.GetStringAsync("/probe/me"));
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Anonymous().GetAsync(link)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Anonymous().GetAsync(link[..^2] + "xx")).StatusCode);

        var list = await JsonAsync(await admin.GetAsync("/api/admin/users"));
        Assert.Equal("active", list.GetProperty("users").EnumerateArray().Single(u => u.GetProperty("email").GetString() == "new@example.com").GetProperty("status").GetString());
    }

    [Theory, Engines]
    public async Task A_change_of_role_or_a_disabled_user_counts_at_once(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        using var admin = await hub.SignInAsync(Role.Admin);
        using var other = await hub.SignInAsync(Role.Operator);
        Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/api/probe/act", null)).StatusCode);
        await JsonAsync(await admin.PatchAsJsonAsync("/api/admin/users/operator2@example.com", new { role = "viewer" }));
        Assert.Equal(HttpStatusCode.Forbidden, (await other.PostAsync("/api/probe/act", null)).StatusCode);
        await JsonAsync(await admin.PatchAsJsonAsync("/api/admin/users/operator2@example.com", new { disabled = true }));
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/probe/me")).StatusCode);
        await JsonAsync(await admin.PatchAsJsonAsync("/api/admin/users/operator2@example.com", new { disabled = false }));
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync("/probe/me")).StatusCode);
        Assert.Equal(["membership.set", "user.disabled", "user.enabled"], await AuditAsync(hub, "admin1@example.com"));
    }

    [Theory, Engines]
    public async Task The_last_admin_stays(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var boss = await hub.SignInAsync(Role.Viewer, installationAdmin: true);
        using var admin = await hub.SignInAsync(Role.Admin);
        foreach (var change in (object[])[new { role = "viewer" }, new { disabled = true }])
            Assert.Equal(HttpStatusCode.Conflict, (await boss.PatchAsJsonAsync("/api/admin/users/admin2@example.com", change)).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await boss.DeleteAsync("/api/admin/users/admin2@example.com")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await boss.PatchAsJsonAsync("/api/admin/users/viewer1@example.com", new { installation_admin = false })).StatusCode);
        using var second = await hub.SignInAsync(Role.Admin);
        var both = await Task.WhenAll(admin.DeleteAsync("/api/admin/users/admin3@example.com"), second.DeleteAsync("/api/admin/users/admin2@example.com"));
        Assert.Equal([HttpStatusCode.NoContent], both.Select(r => r.StatusCode).Where(s => s == HttpStatusCode.NoContent));
    }

    [Theory, Engines]
    public async Task A_tenants_admin_has_no_hand_on_people_of_other_tenants(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var acme = await hub.SignInAsync(Role.Admin);
        using var other = await hub.SignInAsync(Role.Admin, "other");
        await hub.PersonAsync("boss@example.com", Role.Viewer, await hub.TenantAsync(), Password, installationAdmin: true);

        // Of another tenant: not there, whatever is tried.
        Assert.Equal(HttpStatusCode.NotFound, (await acme.PatchAsJsonAsync("/api/admin/users/admin2@example.com", new { role = "viewer" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await acme.PostAsync("/api/admin/users/admin2@example.com/invitation", null)).StatusCode);

        // Invited by acme, not come yet: another tenant gets neither member nor link.
        await JsonAsync(await acme.PostAsJsonAsync("/api/admin/users", new { email = "new@example.com" }), HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.Conflict, (await other.PostAsJsonAsync("/api/admin/users", new { email = "new@example.com" })).StatusCode);

        // A member of both, and the installation's admin: no link to their account, no disabling.
        var shared = await hub.PersonAsync("shared@example.com", Role.Viewer, await hub.TenantAsync("other"), Password);
        var joined = await JsonAsync(await acme.PostAsJsonAsync("/api/admin/users", new { email = "shared@example.com" }), HttpStatusCode.Created);
        Assert.Equal(JsonValueKind.Null, joined.GetProperty("invitation_url").ValueKind);
        foreach (var email in (string[])[shared.Email, "boss@example.com"])
        {
            Assert.Equal(HttpStatusCode.Conflict, (await acme.PostAsync($"/api/admin/users/{email}/invitation", null)).StatusCode);
            Assert.Equal(HttpStatusCode.Conflict, (await acme.PatchAsJsonAsync($"/api/admin/users/{email}", new { disabled = true })).StatusCode);
            Assert.Equal(HttpStatusCode.Conflict, (await acme.PatchAsJsonAsync($"/api/admin/users/{email}", new { installation_admin = email != "boss@example.com" })).StatusCode);
        }
    }

    [Theory, Engines]
    public async Task Makes_shows_once_and_revokes_keys(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        using var admin = await hub.SignInAsync(Role.Admin);
        var made = await JsonAsync(await admin.PostAsJsonAsync("/api/admin/api-keys", new { name = "worker", scopes = new[] { "ingest", "read" }, expires_at = "2090-01-01T00:00:00Z" }), HttpStatusCode.Created);
        var text = made.GetProperty("key").GetString()!;
        Assert.Matches("^rh_[A-Za-z0-9_-]{43}$", text);
        using var key = hub.Anonymous();
        key.DefaultRequestHeaders.Add("X-Api-Key", text);
        Assert.Equal("Key worker in acme as None with Ingest, Read", await key.GetStringAsync("/probe/me"));
        await hub.Get<FlushLastUse>().FlushAsync(default);

        var listed = await (await admin.GetAsync("/api/admin/api-keys")).Content.ReadAsStringAsync();
        Assert.DoesNotContain(text, listed, StringComparison.Ordinal);
        var row = JsonDocument.Parse(listed).RootElement.GetProperty("api_keys")[0];
        Assert.Equal(text[..11], row.GetProperty("prefix").GetString());
        Assert.Equal(JsonValueKind.String, row.GetProperty("last_used_at").ValueKind);
        await using (var sql = await hub.Get<Database>().ReadAsync(default))
            Assert.Equal(0, await sql.Prepare("SELECT count(*) FROM api_keys WHERE hash LIKE @text OR prefix LIKE @text").With("%" + text[12..] + "%").ScalarAsync<long>(default));

        using var stranger = await hub.SignInAsync(Role.Admin, "other");
        var no = row.GetProperty("no").GetInt64();
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.DeleteAsync($"/api/admin/api-keys/{no}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"/api/admin/api-keys/{no}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await key.GetAsync("/probe/me")).StatusCode);
        Assert.Equal(["api_key.created", "api_key.revoked"], await AuditAsync(hub, "admin1@example.com"));
    }

    [Fact]
    public async Task Refuses_what_it_cannot_do_and_says_where()
    {
        await using var hub = await TestHub.StartAsync();
        using var admin = await hub.SignInAsync(Role.Admin);
        foreach (var (path, body, where) in new (string, string, string)[]
        {
            ("/api/admin/users", "{\"email\":\"nonsense\"}", "$.email"),
            ("/api/admin/users", "{\"email\":\"a@example.com\",\"role\":\"king\"}", "$.role"),
            ("/api/admin/users", "{\"email\":\"a@example.com\",\"colour\":\"red\"}", "$.colour"),
            ("/api/admin/users", "{\"email\":7}", "$.email"),
            ("/api/admin/users", "{}", "$.email"),
            ("/api/admin/users", "[", "$"),
            ("/api/admin/api-keys", "{\"name\":\"\",\"scopes\":[\"read\"]}", "$.name"),
            ("/api/admin/api-keys", "{\"name\":\"x\",\"scopes\":[]}", "$.scopes"),
            ("/api/admin/api-keys", "{\"name\":\"x\",\"scopes\":[\"root\"]}", "$.scopes"),
            ("/api/admin/api-keys", "{\"name\":\"x\",\"scopes\":[\"read\"],\"expires_at\":\"2001-01-01T00:00:00Z\"}", "$.expires_at"),
            ("/api/admin/api-keys", "{\"name\":\"x\",\"scopes\":[\"admin\"],\"installation_admin\":true}", "$.installation_admin"),
        })
        {
            using var content = new StringContent(body, null, "application/json");
            var answer = await admin.PostAsync(path, content);
            Assert.InRange((int)answer.StatusCode, 400, 409);
            var problem = await JsonAsync(answer, answer.StatusCode);
            Assert.Equal(where, problem.GetProperty("errors")[0].GetProperty("path").GetString());
        }
    }

    [Theory, Engines]
    public async Task Installation_admins_create_and_rename_tenants_and_look_into_each(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        using var boss = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        var made = await JsonAsync(await boss.PostAsJsonAsync("/api/admin/tenants", new { name = "Big Corp" }), HttpStatusCode.Created);
        Assert.Equal("big-corp", made.GetProperty("tenant").GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.Conflict, (await boss.PostAsJsonAsync("/api/admin/tenants", new { name = "Big  corp" })).StatusCode);
        await JsonAsync(await boss.PatchAsJsonAsync("/api/admin/tenants/big-corp", new { name = "Bigger" }));
        Assert.Equal("User admin1@example.com in big-corp as Admin with None of the installation", await boss.GetStringAsync("/t/big-corp/probe"));
        Assert.Equal(HttpStatusCode.SeeOther, (await TestHub.PostFormAsync(boss, "/profile", new() { ["tenant"] = "big-corp" }, "/tenant")).StatusCode);
        Assert.Equal("User admin1@example.com in big-corp as Admin with None of the installation", await boss.GetStringAsync("/probe/me"));
        using var viewer = await hub.SignInAsync(Role.Viewer);
        Assert.Equal(HttpStatusCode.NotFound, (await viewer.GetAsync("/t/big-corp/probe")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await TestHub.PostFormAsync(viewer, "/profile", new() { ["tenant"] = "big-corp" }, "/tenant")).StatusCode);
    }

    [Theory, Engines]
    public async Task Pages_do_the_same_as_plain_form_posts(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        using var boss = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        var added = await TestHub.PostFormAsync(boss, "/admin/users", new() { ["Email"] = "new@example.com", ["AddRole"] = "Viewer" }, "/admin/users?handler=Add");
        Assert.Contains("/invitation?token=", await added.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("/invitation?token=", await boss.GetStringAsync("/admin/users"), StringComparison.Ordinal);
        var again = await TestHub.PostFormAsync(boss, "/admin/users", new() { ["Email"] = "new@example.com", ["AddRole"] = "Viewer" }, "/admin/users?handler=Add");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, again.StatusCode);
        Assert.Contains("new@example.com is a member already.", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await TestHub.PostFormAsync(boss, "/admin/users", new() { ["member"] = "new@example.com", ["role"] = "Operator" }, "/admin/users?handler=Role")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await TestHub.PostFormAsync(boss, "/admin/users", new() { ["member"] = "new@example.com" }, "/admin/users?handler=Remove")).StatusCode);

        var made = await (await TestHub.PostFormAsync(boss, "/admin/api-keys", new() { ["Name"] = "worker", ["Scopes"] = "Read", ["ExpiresIn"] = "30" }, "/admin/api-keys?handler=Create")).Content.ReadAsStringAsync();
        Assert.Matches("rh_[A-Za-z0-9_-]{43}<", made);
        Assert.Equal(HttpStatusCode.OK, (await TestHub.PostFormAsync(boss, "/admin/api-keys", new() { ["no"] = "1" }, "/admin/api-keys?handler=Revoke")).StatusCode);
        Assert.Contains("Revoked", await boss.GetStringAsync("/admin/api-keys"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await TestHub.PostFormAsync(boss, "/admin/tenants", new() { ["Name"] = "Big" }, "/admin/tenants?handler=Create")).StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TestHub.PostFormAsync(boss, "/admin/tenants", new() { ["Name"] = "Big" }, "/admin/tenants?handler=Create")).StatusCode);

    }

    [Theory, Engines]
    public async Task People_change_their_look_and_password_and_end_other_sessions(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        var tenant = await hub.TenantAsync();
        var ann = await hub.PersonAsync("ann@example.com", Role.Viewer, tenant, Password);
        using var here = hub.Browser(ann, tenant);
        using var elsewhere = hub.Browser(ann, tenant);
        Assert.Equal(HttpStatusCode.Redirect, (await TestHub.PostFormAsync(here, "/profile", new() { ["Name"] = "Ann", ["Language"] = "es", ["Theme"] = "dark" }, "/profile?handler=Look")).StatusCode);
        Assert.Contains("Guardado.", await here.GetStringAsync("/profile"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await TestHub.PostFormAsync(here, "/profile", new() { ["Current"] = "wrong", ["New"] = "another long password" }, "/profile?handler=Password")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.GetAsync("/probe/me")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await TestHub.PostFormAsync(here, "/profile", new() { ["Current"] = Password, ["New"] = "another long password" }, "/profile?handler=Password")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await elsewhere.GetAsync("/probe/me")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/probe/me")).StatusCode);

        using var third = hub.Anonymous();
        Assert.Equal(HttpStatusCode.Redirect, (await TestHub.PostFormAsync(third, "/sign-in", new() { ["Email"] = "ann@example.com", ["Password"] = "another long password" })).StatusCode);
        Assert.Contains("lang=\"es\" data-theme=\"dark\"", await third.GetStringAsync("/profile"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await TestHub.PostFormAsync(here, "/profile", [], "/profile?handler=Everywhere")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await third.GetAsync("/probe/me")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/probe/me")).StatusCode);
    }

    static async Task<JsonElement> JsonAsync(HttpResponseMessage answer, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    static async Task<List<string>> AuditAsync(TestHub hub, string actor)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare("SELECT action FROM audit WHERE actor = @actor ORDER BY seq").With(actor).ListAsync(r => r.GetString(0), default);
    }
}
