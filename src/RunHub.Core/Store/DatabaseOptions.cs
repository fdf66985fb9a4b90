namespace RunHub.Store;

/// <summary>Which database engine holds the runs.</summary>
public enum DatabaseProvider
{
    /// <summary>One embedded file under the data folder; one process.</summary>
    Sqlite,

    /// <summary>A server; any number of nodes.</summary>
    PostgreSql,
}

/// <summary>Configuration section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary><c>Sqlite</c> (default) or <c>PostgreSql</c>.</summary>
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>PostgreSQL only: an Npgsql connection string.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>PostgreSQL only: how many transactions a node writes at once.</summary>
    public int Writers { get; set; } = 4;

    /// <summary>How many writes may wait for the write lane before a caller gets 503.</summary>
    public int QueueLength { get; set; } = 10_000;

    /// <summary>How many bytes of payload may wait for the write lane before a caller gets 503.</summary>
    public long QueueBytes { get; set; } = 128L << 20;
}

/// <summary>Configuration section <c>Data</c>: what RunHub keeps on disk.</summary>
public sealed class DataOptions
{
    /// <summary>Folder of the embedded database, the master key and the files; created when absent.</summary>
    public string Folder { get; set; } = "data";

    /// <summary>The embedded database's file.</summary>
    internal string DatabaseFile => Path.Combine(Path.GetFullPath(Folder), "runhub.db");

    /// <summary>The embedded search index.</summary>
    internal string SearchFile => Path.Combine(Path.GetFullPath(Folder), "search.db");
}
