using System.Net;
using RunHub.Access;
using RunHub.Access.Keys;
using RunHub.Store;

namespace RunHub.IntegrationTests.Access;

public sealed class AuthenticationTests
{
    [Theory, Engines]
    public async Task Says_who_calls_and_in_which_tenant(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        Assert.Equal("Key test key in acme as None with Ingest, Read", await (await hub.KeyAsync(KeyScopes.Ingest | KeyScopes.Read)).GetStringAsync("/probe/me"));
        Assert.Equal("User operator1@example.com in acme as Operator with None", await (await hub.SignInAsync(Role.Operator)).GetStringAsync("/probe/me"));
        Assert.Equal("User none2@example.com in acme as Admin with None of the installation",
            await (await hub.SignInAsync(Role.None, installationAdmin: true)).GetStringAsync("/probe/me"));
    }

    [Fact]
    public async Task Takes_a_key_from_either_header_and_no_other()
    {
        await using var hub = await TestHub.StartAsync(extra: new Probe());
        var text = await hub.KeyTextAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub.Anonymous(), "/probe/me", ("Authorization", "bearer " + text)));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub.Anonymous(), "/probe/me", ("X-Api-Key", text)));
        foreach (var header in (string[])["Basic " + text, text, "Bearer " + text + "x", "Bearer " + text[..^1], "Bearer ", "Bearer", "Bearer " + new string('x', 10_000)])
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(hub.Anonymous(), "/probe/me", ("Authorization", header)));
    }

    [Theory, Engines]
    public async Task A_revoked_key_is_refused_at_once_and_an_expired_one_on_time(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        var key = await hub.KeyAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(key, "/probe/me"));
        var now = Times.ToMicros(DateTimeOffset.UnixEpoch);
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE api_keys SET expires_at = @at").With(now).ExecuteAsync(ct), default);
        hub.Get<KeyCache>().Forget();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(key, "/probe/me"));
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE api_keys SET expires_at = NULL, revoked_at = @at").With(now).ExecuteAsync(ct), default);
        hub.Get<KeyCache>().Forget();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(key, "/probe/me"));
        await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("UPDATE api_keys SET revoked_at = NULL").ExecuteAsync(ct), default);
        hub.Get<KeyCache>().Forget();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(key, "/probe/me"));
    }

    [Fact]
    public async Task Remembers_unknown_keys_but_not_without_bound()
    {
        await using var hub = await TestHub.StartAsync(extra: new Probe());
        var keys = hub.Get<KeyCache>();
        for (var i = 0; i < 10_050; i++) await keys.FindAsync($"rh_{i}", default);
        Assert.InRange(keys.Unknown, 1, 10_000);
        await keys.FindAsync("rh_10049", default);
        Assert.InRange(keys.Unknown, 1, 100);
    }

    [Theory, Engines]
    public async Task A_tampered_cookie_is_nobodys(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, extra: new Probe());
        var tenant = await hub.TenantAsync();
        var person = await hub.PersonAsync("a@example.com", Role.Viewer, tenant);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub.Browser(person, tenant), "/probe/me"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(hub.Browser(person with { Stamp = "other" }, tenant), "/probe/me"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(hub.Browser(person with { No = 999 }, tenant), "/probe/me"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(hub.Anonymous(), "/probe/me", ("Cookie", "runhub=CfDJ8AAAA")));
    }

    [Theory, Engines]
    public async Task Sessions_outlive_a_restart_because_their_keys_do(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        string cookie;
        await using (var hub = await TestHub.StartAsync(engine, database: database, extra: new Probe()))
        {
            var tenant = await hub.TenantAsync();
            cookie = hub.Cookie(await hub.PersonAsync("a@example.com", Role.Viewer, tenant), tenant);
        }

        await using (var hub = await TestHub.StartAsync(engine, database: database, extra: new Probe()))
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(hub.Anonymous(), "/probe/me", ("Cookie", "runhub=" + cookie)));
    }

    [Theory, Engines]
    public async Task Another_master_key_is_a_start_up_error_in_words(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using (await TestHub.StartAsync(engine, database: database)) { }
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => TestHub.StartAsync(engine, new(StringComparer.Ordinal) { ["Security:MasterKey"] = Convert.ToBase64String(new byte[32]) }, database: database));
        Assert.Contains("master key", e.Message, StringComparison.Ordinal);
    }

    static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
