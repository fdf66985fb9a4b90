using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RunHub.Store;

/// <summary>
/// The embedded engine's table of system calls (<c>sqlite3_vfs</c>, version 3). The build our feed serves sleeps in whole seconds: a
/// reader or the writer that had to wait a microsecond for its turn at the log's index stood still for one second, and every
/// report with it. <see cref="SleepShortly"/> makes a copy the default that sleeps as long as it is asked to.
/// Reason and figures in docs/adr/0014-sqlite-sleep.md.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
unsafe partial struct SqliteVfs
{
    /// <summary>The layout this file knows.</summary>
    public const int KnownVersion = 3;

    const string Library = "e_sqlite3";

    public int Version;
    public int FileSize;
    public int MaxPath;
    public nint Next;
    public nint Name;
    public nint AppData;
    public delegate* unmanaged[Cdecl]<SqliteVfs*, byte*, nint*, int, int*, int> Open;
    public Files Others;
    public delegate* unmanaged[Cdecl]<SqliteVfs*, int, int> Sleep;
    public Clock Rest;

    /// <summary>Delete, access, full path name, the four of loading libraries, randomness.</summary>
    [InlineArray(8)]
    public struct Files
    {
        nint method;
    }

    /// <summary>Time, last error, time in whole milliseconds, the three of replacing system calls.</summary>
    [InlineArray(6)]
    public struct Clock
    {
        nint method;
    }

    /// <summary>The engine's default; null where its layout is not the known one.</summary>
    public static SqliteVfs* Default()
    {
        if (!Environment.Is64BitProcess) return null;
        var found = sqlite3_vfs_find(0);
        return found == null || found->Version != KnownVersion ? null : found;
    }

    /// <summary>A copy under another name, not registered yet. Never freed: the engine keeps it for the life of the process.</summary>
    public static SqliteVfs* Copy(SqliteVfs* from, string name)
    {
        var own = (SqliteVfs*)NativeMemory.Alloc((nuint)sizeof(SqliteVfs));
        *own = *from;
        own->Next = 0;
        own->Name = Marshal.StringToCoTaskMemUTF8(name);
        return own;
    }

    /// <summary>Makes it known to the engine; false: it refused.</summary>
    public static bool Register(SqliteVfs* vfs, bool makeDefault) => sqlite3_vfs_register(vfs, makeDefault ? 1 : 0) == 0;

    /// <summary>From now on the default sleeps as long as it is asked to. Before the first connection; Windows' does so already.</summary>
    public static void SleepShortly()
    {
        if (OperatingSystem.IsWindows() || Default() is var system && system == null) return;
        var own = Copy(system, "runhub");
        own->Sleep = &SleepFor;
        Register(own, makeDefault: true);
    }

    // Less than a millisecond: whoever holds what is waited for needs the processor, and no more.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int SleepFor(SqliteVfs* vfs, int micros)
    {
        if (micros < 1000) Thread.Yield();
#pragma warning disable RS0030 // The engine asks for exactly this.
        else Thread.Sleep(micros / 1000);
#pragma warning restore RS0030
        return micros;
    }

    [LibraryImport(Library)]
    private static partial SqliteVfs* sqlite3_vfs_find(nint name);

    [LibraryImport(Library)]
    private static partial int sqlite3_vfs_register(SqliteVfs* vfs, int makeDefault);
}
