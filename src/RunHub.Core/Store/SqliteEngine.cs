using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.Data.Sqlite;

namespace RunHub.Store;

/// <summary>
/// Lets Microsoft.Data.Sqlite 10 run on SQLitePCLRaw 2.0.6, the newest our feed serves. The provider was compiled
/// against 2.1: the assembly name is resolved to the older one here, and the only member missing there
/// (<c>sqlite3_load_extension</c>) is one RunHub never calls. The day the feed serves 2.1, this file and the two pins
/// are deleted; a test checks the member references. Reason in docs/adr/0001-sqlite-engine-pin.md.
/// </summary>
static partial class SqliteEngine
{
#pragma warning disable CA2255 // A module initializer is what it takes: it must run before the first connection of anyone.
    [ModuleInitializer]
    internal static void Initialize()
    {
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            name.Name is "SQLitePCLRaw.core" ? context.LoadFromAssemblyName(new AssemblyName("SQLitePCLRaw.core")) : null;
        Load();
    }
#pragma warning restore CA2255

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Load()
    {
        SQLitePCL.Batteries_V2.Init();
        SqliteVfs.SleepShortly();
    }

    /// <summary>The engine's own handle of an open connection.</summary>
    public static nint HandleOf(SqliteConnection connection) => ((SafeHandle)HandleProperty.GetValue(connection)!).DangerousGetHandle();

    /// <summary>Stops the statement that is running on <paramref name="connection"/>, from any thread.</summary>
    public static void Interrupt(SqliteConnection connection)
    {
        // By reflection: the property's type is of the 2.1 assembly, which the compiler would want to see.
        if (HandleProperty.GetValue(connection) is SafeHandle { IsInvalid: false } handle) sqlite3_interrupt(handle.DangerousGetHandle());
    }

    /// <summary>Rows ever inserted, changed or deleted through the connection with this handle.</summary>
    public static int TotalChanges(nint handle) => sqlite3_total_changes(handle);

    static readonly PropertyInfo HandleProperty = typeof(SqliteConnection).GetProperty("Handle")!;

    [LibraryImport("e_sqlite3")]
    private static partial void sqlite3_interrupt(nint db);

    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_total_changes(nint db);
}
