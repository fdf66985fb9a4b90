namespace RunHub.IntegrationTests.Api;

public sealed class HealthTests
{
    [Theory, Engines]
    public async Task Anyone_may_ask_whether_it_lives_and_is_ready(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        Assert.Equal("live", (string?)(await hub.Anonymous().ReadAsync("/health/live")).Json!["status"]);
        Assert.Equal("ready", (string?)(await hub.Anonymous().ReadAsync("/health/ready")).Json!["status"]);
    }

    [Fact]
    public async Task Without_its_tables_it_is_not_ready()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.Get<RunHub.Store.WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("ALTER TABLE runs RENAME TO gone").With().ExecuteAsync(ct), default);
        var reply = await hub.Anonymous().ReadAsync("/health/ready");
        Assert.Equal((503, "database"), (reply.Status, reply.Path));
        BadInputTests.AssertProblem(reply, "ready");
        Assert.Equal(200, (await hub.Anonymous().ReadAsync("/health/live")).Status);
    }
}
