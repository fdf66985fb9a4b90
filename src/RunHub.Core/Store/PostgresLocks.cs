namespace RunHub.Store;

/// <summary>
/// Numbers of PostgreSQL's advisory locks, all in one place: two uses of one number would wait for each other for ever. Any
/// numbers that nothing else in the database locks.
/// </summary>
public static class PostgresLocks
{
    const long Ours = 0x52756E4875620000; // "RunHub"

    /// <summary>Held for the end of a commit, so that the order of events is the order of commits.</summary>
    public const long CommitOrder = Ours + 1;

    /// <summary>Held while a node folds rollups.</summary>
    public const long FoldRollups = Ours + 2;

    /// <summary>Held, by its session, by the node that fills the search index.</summary>
    public const long FillSearch = Ours + 3;

    /// <summary>Held while the first things are made.</summary>
    public const long FirstSetUp = Ours + 4;

    /// <summary>Held while a role changes: two at once could each remove "the other" admin.</summary>
    public const long Roles = Ours + 5;
}
