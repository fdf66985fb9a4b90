using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.IntegrationTests.Jobs;

public sealed class FoldRollupsJobTests
{
    static readonly Dictionary<string, string?> Settings = new(StringComparer.Ordinal)
    {
        ["Jobs:Enabled"] = "true",
        ["Jobs:StartDelaySeconds"] = "0",
        ["Jobs:FoldSeconds"] = "1",
    };

    [Theory, Engines]
    public async Task Deltas_are_folded_by_the_job_and_again_after_a_restart(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        for (var start = 1; start <= 2; start++)
        {
            await using var hub = await TestHub.StartAsync(engine, Settings, database: database);
            await AddDeltaAsync(hub);
            Assert.Equal(0, await WaitAsync(hub, "SELECT count(*) FROM rollup_deltas", count => count == 0));
            // One cell for both: the second start adds to what the first one folded.
            Assert.Equal(1, await WaitAsync(hub, "SELECT count(*) FROM run_rollups", _ => true));
        }
    }

    [Fact]
    public async Task The_schedule_is_kept_in_a_file_of_its_own()
    {
        await using var database = await TestDatabase.CreateAsync("Sqlite");
        await using (var hub = await TestHub.StartAsync("Sqlite", Settings, database: database))
        {
            await AddDeltaAsync(hub);
            await WaitAsync(hub, "SELECT count(*) FROM rollup_deltas", count => count == 0);
            Assert.Equal(0, await WaitAsync(hub, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'QRTZ%'", _ => true));
        }

        Assert.True(new FileInfo(Path.Combine(database.Folder, "jobs.db")).Length > 0);
    }

    static Task AddDeltaAsync(TestHub hub) => hub.Get<WriteLane>().Run(async (scope, ct) => await scope.Sql.Prepare("""
        INSERT INTO rollup_deltas (kind, tenant_no, hour, lane, type, workflow_name, workflow_version, environment, trigger, step_name, step_type, model, data)
        VALUES (0, 1, 480000, 0, 'etl', 'nightly', '1', 'prod', 'schedule', '', 0, '', @data)
        """).With(new RollupCell().ToBytes()).ExecuteAsync(ct), default);

    static async Task<long> WaitAsync(TestHub hub, string sql, Func<long, bool> until)
    {
        // After a restart the nodes of PostgreSQL may first have to notice that one of them is gone.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            await using (var session = await hub.Get<Database>().ReadAsync(limit.Token))
            {
                var value = await session.Prepare(sql).ScalarAsync<long>(limit.Token);
                if (until(value)) return value;
            }

            await Task.Delay(50, limit.Token);
        }
    }
}
