namespace RunHub.Filter;

/// <summary>
/// A run's id as people have it: copied from a page (<c>#01M8…</c>), read off the list (<c>…KEAVWQXY</c>), typed in small letters, with <c>id:</c>
/// before it or without the <c>run_</c> that all begin with. What it may begin with, and what it may end with.
/// </summary>
public sealed class RunIdText
{
    /// <summary>How many ids, from the last one in their order, are looked through for an ending: those RunHub gives are in the order of time.</summary>
    public const int EndingLooks = 50_000;

    const string Label = "id:";
    const int LeastLength = 2;
    static readonly System.Buffers.SearchValues<char> Base32 = System.Buffers.SearchValues.Create(Ids.Alphabet + Ids.Alphabet.ToLowerInvariant());

    RunIdText(IReadOnlyList<string> prefixes, IReadOnlyList<string> endings) => (Prefixes, Endings) = (prefixes, endings);

    /// <summary>What an id may begin with; the first is the text as it stands.</summary>
    public IReadOnlyList<string> Prefixes { get; }

    /// <summary>What an id may end with; empty: the text is no ending.</summary>
    public IReadOnlyList<string> Endings { get; }

    /// <summary>Reads it.</summary>
    public static RunIdText Of(string text)
    {
        var id = text.StartsWith(Label, StringComparison.OrdinalIgnoreCase) ? text[Label.Length..].TrimStart() : text;
        id = id.StartsWith('#') ? id[1..] : id;
        var cut = id.StartsWith('…');
        if (cut) id = id[1..];
        if (id.Length < LeastLength || id.AsSpan().ContainsAny(' ', '"')) return new RunIdText([text], []);
        var rest = id.StartsWith(Ids.RunPrefix, StringComparison.OrdinalIgnoreCase) ? id[Ids.RunPrefix.Length..] : id;
        var isOurs = rest.Length > 0 && !rest.AsSpan().ContainsAnyExcept(Base32);
        var upper = isOurs ? rest.ToUpperInvariant() : rest;
        // What stands behind dots is no beginning.
        return new RunIdText(cut ? [text] : [.. new[] { text, id, Ids.RunPrefix + rest, Ids.RunPrefix + upper }.Distinct(StringComparer.Ordinal)],
            id.Length == Ids.EndingLength && (cut || isOurs) ? [.. new[] { id, upper }.Distinct(StringComparer.Ordinal)] : []);
    }

    /// <summary>Is it this run's id.</summary>
    public bool Matches(string id) => Prefixes.Any(p => id.StartsWith(p, StringComparison.Ordinal)) || Endings.Any(e => id.EndsWith(e, StringComparison.Ordinal));

    /// <summary>Appends a condition on the id of a run at hand.</summary>
    internal void ToSql(SqlText.Alternatives or)
    {
        foreach (var prefix in Prefixes) or.Next().BeginsWith("r.id", prefix);
        if (Endings.Count > 0) Ends(or.Next(), "r.id");
    }

    /// <summary>
    /// Appends a condition on <c>id</c> that finds the runs with the ending: the index of ids alone is read, and no more of it than
    /// <see cref="EndingLooks"/> entries.
    /// </summary>
    public void FindEnding(SqlText sql, long tenantNo)
    {
        sql.Add("id IN (SELECT e.id FROM (SELECT id FROM runs WHERE tenant_no = ");
        sql.Value(tenantNo);
        sql.Add(" ORDER BY id DESC LIMIT ").Add(EndingLooks).Add(") e WHERE ");
        Ends(sql, "e.id");
        sql.Add(")");
    }

    void Ends(SqlText sql, string column) =>
        sql.In(sql.IsSqlite ? $"substr({column}, -{Ids.EndingLength})" : $"right({column}, {Ids.EndingLength})", Endings);
}
