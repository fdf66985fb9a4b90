using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace RunHub.Store.Blobs;

/// <summary>
/// Files under <c>data/blobs/{last two characters}/{id}</c>. Written beside as <c>.part</c>, synced, renamed, and the
/// folder synced too, so that a name that is there stands for all of its bytes.
/// </summary>
sealed partial class FileBlobs(IOptions<DataOptions> data) : IBlobStore
{
    const int BufferSize = 128 * 1024;
    readonly string root = Path.Combine(Path.GetFullPath(data.Value.Folder), "blobs");

    public async Task WriteAsync(string id, Stream content, CancellationToken cancellationToken)
    {
        var file = FileOf(id);
        var folder = Path.GetDirectoryName(file)!;
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var stream = new FileStream(file + ".part", options))
        {
            await content.CopyToAsync(stream, BufferSize, cancellationToken);
            await Task.Run(() => stream.Flush(flushToDisk: true), cancellationToken);
        }

        File.Move(file + ".part", file);
        await Task.Run(() =>
        {
            SyncFolder(folder);
            if (isNew) SyncFolder(root);
        }, cancellationToken);
    }

    public Task<Stream?> OpenAsync(string id, long length, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(FileOf(id), new FileStreamOptions
            {
                Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, Options = FileOptions.Asynchronous,
            }));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var file = FileOf(id);
        if (!Directory.Exists(Path.GetDirectoryName(file))) return Task.CompletedTask;
        File.Delete(file + ".part");
        File.Delete(file);
        return Task.CompletedTask;
    }

    string FileOf(string id) => Path.Combine(root, id[^2..], id);

    // A rename is on disk when its folder is. Windows keeps names in its journal.
    static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        var handle = Open(folder, 0);
        if (handle < 0) return;
        _ = Sync(handle);
        _ = Close(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
