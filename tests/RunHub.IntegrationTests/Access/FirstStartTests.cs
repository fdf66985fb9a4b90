using System.Net;
using System.Net.Http.Headers;
using RunHub.Access;
using RunHub.Access.FirstStart;
using RunHub.Access.People;
using RunHub.Store;

namespace RunHub.IntegrationTests.Access;

public sealed class FirstStartTests
{
    const string Key = "operator-chosen-key-0123456789";

    [Theory, Engines]
    public async Task Bootstrap_makes_tenant_admin_and_installation_key_once(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        await using (var hub = await TestHub.StartAsync(engine, Settings(), database: database, extra: new Probe()))
        {
            Assert.Null(hub.Get<SetUpLink>().Path);
            using var key = hub.Anonymous();
            key.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
            Assert.Equal("Key bootstrap in acme-inc as None with Admin of the installation", await key.GetStringAsync("/probe/me"));
            Assert.Equal("in", await key.GetStringAsync("/probe/installation"));
            Assert.True(Passwords.Fits(await ScalarAsync<string>(hub, "SELECT password_hash FROM users WHERE email LIKE 'boss_example.com' AND is_admin = 1"), "a long enough password"));
        }

        await using (var hub = await TestHub.StartAsync(engine, Settings("Other", "other@example.com", "short", "another-key-that-is-long-enough-1234"), database: database))
        {
            Assert.Equal(1, await ScalarAsync<long>(hub, "SELECT count(*) FROM users"));
            Assert.Equal(1, await ScalarAsync<long>(hub, "SELECT count(*) FROM tenants"));
            Assert.Equal(1, await ScalarAsync<long>(hub, "SELECT count(*) FROM api_keys"));
            Assert.Equal(4, await ScalarAsync<long>(hub, "SELECT count(*) FROM audit WHERE actor = 'bootstrap'"));
        }
    }

    [Theory]
    [InlineData("", "boss@example.com", "a long enough password", "", "Bootstrap:Tenant")]
    [InlineData("Acme", "boss", "a long enough password", "", "Bootstrap:Email")]
    [InlineData("Acme", "", "a long enough password", "", "Bootstrap:Email")]
    [InlineData("Acme", "boss@example.com", "", "", "Bootstrap:Password")]
    [InlineData("Acme", "boss@example.com", "eleven char", "", "Bootstrap:Password")]
    [InlineData("Acme", "boss@example.com", "aaaaaaaaaaaaaaaa", "", "Bootstrap:Password")]
    [InlineData("Acme", "boss@example.com", "boss@example.com", "", "Bootstrap:Password")]
    [InlineData("Acme", "", "", "short-key", "Bootstrap:ApiKey")]
    [InlineData("Acme", "", "", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Bootstrap:ApiKey")]
    [InlineData("Acme", "", "", "a key with spaces 0123456789 abcdef", "Bootstrap:ApiKey")]
    [InlineData("Acme", "", "", "", "Bootstrap:Email")]
    public async Task A_weak_or_broken_bootstrap_value_stops_the_start_and_is_named(string tenant, string email, string password, string key, string named)
    {
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => TestHub.StartAsync(settings: Settings(tenant, email, password, key)));
        Assert.StartsWith(named, e.Message, StringComparison.Ordinal);
        if (password.Length > 0) Assert.DoesNotContain(password, e.Message.Replace("not the email", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Of_two_nodes_that_bootstrap_at_once_one_does(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var setUp = hub.Get<FirstSetUp>();
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            setUp.HandleAsync(new FirstThings("Acme", $"u{i}@example.com", null, null, Key), Actor.Bootstrap, default)));
        Assert.Single(all, r => r is not null);
        Assert.Equal(1, await ScalarAsync<long>(hub, "SELECT count(*) FROM users"));
        Assert.Equal(1, await ScalarAsync<long>(hub, "SELECT count(*) FROM tenants"));
        Assert.Equal(1, await ScalarAsync<long>(hub, "SELECT count(*) FROM api_keys"));
    }

    [Theory, Engines]
    public async Task A_key_alone_is_enough_and_starting_again_adds_none(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        for (var start = 0; start < 2; start++)
        {
            await using var hub = await TestHub.StartAsync(engine, Settings("Acme", "", "", Key), database: database);
            Assert.Equal(1, await ScalarAsync<long>(hub, "SELECT count(*) FROM api_keys"));
            Assert.NotNull(hub.Get<SetUpLink>().Path);
        }
    }

    [Fact]
    public async Task Without_users_a_set_up_link_is_printed_that_can_be_opened()
    {
        await using var hub = await TestHub.StartAsync();
        await using var console = new StringWriter();
        hub.Get<SetUpLink>().Print(console);
        Assert.Contains($"{hub.Address.GetLeftPart(UriPartial.Authority)}/setup?token=", console.ToString(), StringComparison.Ordinal);
    }

    static Dictionary<string, string?> Settings(string tenant = "Acme Inc", string email = "Boss@Example.com", string password = "a long enough password", string key = Key) =>
        new(StringComparer.Ordinal) { ["Bootstrap:Tenant"] = tenant, ["Bootstrap:Email"] = email, ["Bootstrap:Password"] = password, ["Bootstrap:ApiKey"] = key };

    static async Task<T?> ScalarAsync<T>(TestHub hub, string sql)
    {
        await using var session = await hub.Get<Database>().ReadAsync(default);
        return await session.Prepare(sql).ScalarAsync<T>(default);
    }
}
