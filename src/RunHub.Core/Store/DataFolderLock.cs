using Microsoft.Extensions.Options;

namespace RunHub.Store;

/// <summary>
/// Holds <c>data/runhub.lock</c> while the process lives: one RunHub per data folder. The operating system drops the lock
/// when the process dies, however it dies.
/// </summary>
public sealed class DataFolderLock(IOptions<DataOptions> options) : IDisposable
{
    FileStream? file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="InvalidOperationException">Another process holds it, or the folder cannot be written.</exception>
    public void Take()
    {
        var folder = Path.GetFullPath(options.Value.Folder);
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(Path.Combine(folder, "runhub.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"Another RunHub is using the data folder {folder}. Stop it, or set Data:Folder.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new InvalidOperationException($"The data folder {folder} cannot be written. Check its owner, or set Data:Folder.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();
}
