using System.Runtime.InteropServices;
using RunHub.Store;

namespace RunHub.IntegrationTests.Store;

/// <summary>What the embedded engine is asked to do for us.</summary>
public sealed partial class EngineTests
{
    /// <summary>Place of <c>xSleep</c> in <c>sqlite3_vfs</c>: three ints and padding, three pointers, open, and eight more calls.</summary>
    const int SleepAt = 16 + 3 * 8 + 8 + 8 * 8;

    [Fact]
    public async Task A_connection_that_waits_a_millisecond_for_its_turn_does_not_sleep_for_a_second()
    {
        await using var database = await TestDatabase.CreateAsync("sqlite");
        await using var hub = await TestHub.StartAsync("sqlite", database: database);
        Assert.True(hub.Get<Database>().IsSqlite);
        Sleep();
    }

    static unsafe void Sleep()
    {
        var vfs = sqlite3_vfs_find(0);
        var sleep = *(delegate* unmanaged[Cdecl]<byte*, int, int>*)(vfs + SleepAt);
        // It answers how long it slept, in microseconds.
        Assert.Equal(1000, sleep(vfs, 1000));
        Assert.InRange(sleep(vfs, 1), 0, 1000);
    }

    [LibraryImport("e_sqlite3")]
    private static unsafe partial byte* sqlite3_vfs_find(nint name);
}
