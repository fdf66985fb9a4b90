using System.Runtime.InteropServices;

namespace RunHub.IntegrationTests.Store;

/// <summary>What the embedded engine is asked to do for us.</summary>
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

    /// <summary>What the engine says it slept, in microseconds.</summary>
    static unsafe int Sleep(int micros)
    {
        var vfs = sqlite3_vfs_find(0);
        return (*(delegate* unmanaged[Cdecl]<nint, int, int>*)(vfs + SleepAt))(vfs, micros);
    }

    [LibraryImport("e_sqlite3")]
    private static partial nint sqlite3_vfs_find(nint name);
}
