namespace RunHub.Store.Blobs;

/// <summary>
/// Where the bytes of files lie: under <c>data/blobs</c> beside the embedded engine, in a table of PostgreSQL, which all nodes
/// see. It knows nothing of who needs them: <see cref="KeepBlobs"/> does.
/// </summary>
public interface IBlobStore
{
    /// <summary>
    /// Stores <paramref name="content"/> to its end. When this returns the bytes are on disk, whole; when it throws or the
    /// process dies, what was begun can be taken away with <see cref="RemoveAsync"/> and is never opened.
    /// </summary>
    /// <param name="id">From <see cref="KeepBlobs"/>; unique, letters and digits.</param>
    /// <param name="content">Read once, to its end.</param>
    /// <param name="cancellationToken">Cancels; nothing whole is left then.</param>
    Task WriteAsync(string id, Stream content, CancellationToken cancellationToken);

    /// <summary>Opens a blob for reading at any place; null when it is not there.</summary>
    /// <param name="id">As it was written.</param>
    /// <param name="length">Its length in bytes, as it was written.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Stream?> OpenAsync(string id, long length, CancellationToken cancellationToken);

    /// <summary>Takes it away, whole or begun; nothing there is fine.</summary>
    Task RemoveAsync(string id, CancellationToken cancellationToken);
}
