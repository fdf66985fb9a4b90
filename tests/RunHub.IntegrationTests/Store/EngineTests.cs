using System.Runtime.InteropServices;
using RunHub.Store;

namespace RunHub.IntegrationTests.Store;

/// <summary>What the engines are asked to do for us.</summary>
public sealed partial class EngineTests
{
    /// <summary>Place of <c>xSleep</c> in <c>sqlite3_vfs</c>: three ints and padding, three pointers, open, and eight more calls.</summary>
    const int SleepAt = 16 + 3 * 8 + 8 + 8 * 8;

    [Fact]
    public async Task A_connection_that_waits_a_millisecond_for_its_turn_does_not_sleep_for_a_second()
    {
        await using var hub = await TestHub.StartAsync();
        Assert.Equal(1000, Sleep(1000));
        Assert.InRange(Sleep(1), 0, 1000);
    }

    [Theory, Engines]
    public async Task A_table_that_has_grown_is_counted_before_plans_of_when_it_was_empty_cost_anything(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        using var client = await hub.KeyAsync();
        for (var i = 0; i < 3; i++)
        {
            var runs = string.Join(',', Enumerable.Range(0, 400).Select(n => $$"""{"workflow_name":"grows","status":"completed","id":"run_grown{{i}}x{{n}}"}"""));
            using var content = new StringContent($"[{runs}]", System.Text.Encoding.UTF8, "application/json");
            using var answer = await client.PostAsync(new Uri("/api/runs", UriKind.Relative), content);
            answer.EnsureSuccessStatusCode();
        }

        var statistics = hub.Get<FreshStatistics>();
        // The embedded engine does not plan by sizes. The hub counts beside us, perhaps when some of the rows were there: it does so again once half as many came after.
        for (var patience = 0; (await statistics.HandleAsync(CancellationToken.None)).Contains("runs") || (engine == "PostgreSql" && await RowsAsync() < 1200 - FreshStatistics.Least); patience++)
        {
            Assert.True(patience < 300, "1,200 rows were not counted in half a minute.");
            await Task.Delay(100);
        }

        async Task<double> RowsAsync()
        {
            await using var sql = await hub.Get<Database>().ReadAsync(CancellationToken.None);
            return await sql.Prepare("SELECT reltuples::float8 FROM pg_class WHERE oid = 'runs'::regclass").ScalarAsync<double>(CancellationToken.None);
        }
    }

    /// <summary>What the engine says it slept, in microseconds.</summary>
    static unsafe int Sleep(int micros)
    {
        var vfs = sqlite3_vfs_find(0);
        return (*(delegate* unmanaged[Cdecl]<nint, int, int>*)(vfs + SleepAt))(vfs, micros);
    }

    [LibraryImport("e_sqlite3")]
    private static partial nint sqlite3_vfs_find(nint name);
}
