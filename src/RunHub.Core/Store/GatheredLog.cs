using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RunHub.Store;

/// <summary>
/// A virtual file system of the embedded engine for the writing connection: the system's own, but what is written to the
/// log piece by piece (a frame's head, its page, the next head …) is gathered and handed on in large pieces, before
/// the log is synced, read, cut or closed. A commit of 200 pages was 800 system calls and is ten.
/// <para>
/// Only for <c>synchronous=FULL</c>: there every commit syncs the log before any reader is told of its frames. Nobody sees
/// a frame that is still here, and a frame that never reaches the file belongs to a commit that nobody was told of.
/// docs/adr/0010-gathered-log.md says why this is safe.
/// </para>
/// </summary>
static unsafe class GatheredLog
{
    /// <summary>Its name; null where the layout of the engine's tables is not known, and the default serves.</summary>
    public static string? Name { get; } = Register();

    const int OpenLog = 0x80000;

    /// <summary>Below 128 KiB: the engine's write takes no more at once.</summary>
    const int Room = 120 * 1024;
    static SqliteVfs* system;

    static string? Register()
    {
        const string name = "runhub-gathered-log";
        system = SqliteVfs.Default();
        if (system == null) return null;
        var own = SqliteVfs.Copy(system, name);
        own->FileSize = StateAt + sizeof(State);
        own->Open = &Open;
        return SqliteVfs.Register(own, makeDefault: false) ? name : null;
    }

    static int StateAt => (system->FileSize + 7) & ~7;

    static State* StateOf(File* file) => (State*)((byte*)file + StateAt);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Open(SqliteVfs* vfs, byte* path, nint* opening, int flags, int* opened)
    {
        var file = (File*)opening;
        var code = system->Open(system, path, opening, flags, opened);
        if (code != 0 || (flags & OpenLog) == 0 || file->Methods->Version != SqliteVfs.KnownVersion) return code;
        var state = StateOf(file);
        *state = new State { System = file->Methods, Buffer = (byte*)NativeMemory.Alloc(Room) };
        var own = &state->Own;
        *own = *file->Methods;
        own->Close = &Close;
        own->Read = &Read;
        own->Write = &Write;
        own->Truncate = &Truncate;
        own->Sync = &Sync;
        own->Size = &Size;
        file->Methods = own;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Write(File* file, byte* data, int count, long at)
    {
        var state = StateOf(file);
        if (state->Length > 0 && (at != state->At + state->Length || state->Length + count > Room))
        {
            var code = Flush(file, state);
            if (code != 0) return code;
        }

        if (count > Room) return state->System->Write(file, data, count, at);
        if (state->Length == 0) state->At = at;
        Unsafe.CopyBlockUnaligned(state->Buffer + state->Length, data, (uint)count);
        state->Length += count;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Read(File* file, byte* data, int count, long at)
    {
        var state = StateOf(file);
        var code = Flush(file, state);
        return code != 0 ? code : state->System->Read(file, data, count, at);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Truncate(File* file, long size)
    {
        var state = StateOf(file);
        var code = Flush(file, state);
        return code != 0 ? code : state->System->Truncate(file, size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Sync(File* file, int flags)
    {
        var state = StateOf(file);
        var code = Flush(file, state);
        return code != 0 ? code : state->System->Sync(file, flags);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Size(File* file, long* size)
    {
        var state = StateOf(file);
        var code = Flush(file, state);
        return code != 0 ? code : state->System->Size(file, size);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int Close(File* file)
    {
        var state = StateOf(file);
        var flushed = Flush(file, state);
        NativeMemory.Free(state->Buffer);
        state->Buffer = null;
        file->Methods = state->System;
        var closed = state->System->Close(file);
        return flushed != 0 ? flushed : closed;
    }

    /// <summary>Hands on what was gathered. What cannot be written is dropped: the engine is told and undoes the transaction.</summary>
    static int Flush(File* file, State* state)
    {
        if (state->Length == 0) return 0;
        var length = state->Length;
        state->Length = 0;
        return state->System->Write(file, state->Buffer, length, state->At);
    }

    /// <summary><c>sqlite3_file</c>; the system's own part follows it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct File
    {
        public Methods* Methods;
    }

    /// <summary>What stands behind the system's part of a log file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct State
    {
        public Methods* System;
        public byte* Buffer;
        public long At;
        public int Length;
        public Methods Own;
    }

    /// <summary><c>sqlite3_io_methods</c>, version 3.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<File*, int> Close;
        public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<File*, byte*, int, long, int> Write;
        public delegate* unmanaged[Cdecl]<File*, long, int> Truncate;
        public delegate* unmanaged[Cdecl]<File*, int, int> Sync;
        public delegate* unmanaged[Cdecl]<File*, long*, int> Size;
        public Rest Others;

        [InlineArray(12)]
        public struct Rest
        {
            nint method;
        }
    }
}
