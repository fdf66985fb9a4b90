using RunHub.Store;

namespace RunHub.IntegrationTests.Store;

public sealed class MigrationTests
{
    [Theory, Engines]
    public async Task Starts_on_an_empty_database_and_again_on_the_same(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        for (var start = 0; start < 2; start++)
        {
            await using var hub = await TestHub.StartAsync(engine, database: database);
            await using var session = await hub.Get<Database>().ReadAsync(default);
            Assert.Equal(0, await session.Prepare("SELECT count(*) FROM runs").ScalarAsync<long>(default));
        }
    }
}
