using Microsoft.Data.Sqlite;
using RunHub.Store;

namespace RunHub.Search;

/// <summary>
/// FTS5 in a file of its own, <c>search.db</c>, with its own writing connection: filling it takes nothing from the write lane, and it need not
/// be synced, because it is made anew from the runs when it is lost (docs/adr/0012-search-index.md). The index holds words and
/// no text; the texts stand beside it, compressed, for taking entries out again and for showing hits.
/// </summary>
sealed class SqliteSearchStore(string file) : SearchStore, IAsyncDisposable
{
    /// <summary>Words that may begin like the last one; more are not asked of the index.</summary>
    const int MaxExpansion = 300;

    /// <summary>Hits whose texts are looked at because the index alone does not say enough.</summary>
    const int MaxVerified = 1_000;

    /// <summary>Words that may end a phrase for the index to be asked for them too.</summary>
    const int FewEnds = 30;

    static readonly string[] Schema =
    [
        "CREATE TABLE IF NOT EXISTS state (key TEXT NOT NULL PRIMARY KEY, value INTEGER NULL) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS docs (run_no INTEGER PRIMARY KEY, sort_at INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS texts (run_no INTEGER PRIMARY KEY, data BLOB NOT NULL)",
        // Words come folded and with spaces between them: "ascii" takes them as they are.
        "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, content='', columnsize=0, tokenize='ascii')",
        "CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab('words', 'instance')",
    ];

    const string Anew = ".anew";
    SqlSession? writer;

    public override Task CreateAsync(CancellationToken cancellationToken) => OpenAsync(cancellationToken);

    public override async Task<SearchState?> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await OpenFileAsync(cancellationToken);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 11 or 26)
        {
            // Damaged, or no database at all: nothing is lost that cannot be made again.
            await CloseAsync();
            Remove();
            return await OpenFileAsync(cancellationToken);
        }
    }

    public override async Task<SearchState?> StateAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        if (!File.Exists(file)) return null;
        await PrepareAsync(sql, cancellationToken);
        return await ReadStateAsync(sql, "search.", cancellationToken);
    }

    public override Task WriteAsync(IReadOnlyList<SearchEntry> entries, IReadOnlyList<long> gone, SearchState before, SearchState after, SearchPace? pace, CancellationToken cancellationToken) =>
        InTransactionAsync(async sql =>
        {
            foreach (var runNo in gone) await RemoveAsync(sql, runNo, cancellationToken);
            foreach (var entry in entries)
            {
                // The file has no other writer, and readers see what was before: nobody waits while this rests.
                if (pace is not null) await pace.BreatheAsync(cancellationToken);
                var data = entry.Document.ToBytes();
                var known = await sql.Prepare("SELECT data FROM texts WHERE run_no = @run_no").With(entry.RunNo).FirstAsync(r => (byte[])r.GetValue(0), cancellationToken);
                if (known is not null && known.AsSpan().SequenceEqual(data)) continue;
                if (known is not null) await RemoveWordsAsync(sql, entry.RunNo, known, cancellationToken);
                await sql.Prepare("INSERT INTO words (rowid, text) VALUES (@run_no, @text)").With(entry.RunNo, entry.Document.ToWords()).ExecuteAsync(cancellationToken);
                await sql.Prepare("INSERT OR REPLACE INTO docs (run_no, sort_at) VALUES (@run_no, @sort_at)").With(entry.RunNo, entry.SortAt).ExecuteAsync(cancellationToken);
                await sql.Prepare("INSERT OR REPLACE INTO texts (run_no, data) VALUES (@run_no, @data)").With(entry.RunNo, data).ExecuteAsync(cancellationToken);
            }

            await StoreStateAsync(sql, after, cancellationToken);
        });

    // Beside the index: its own connection is busy filling it.
    public override Task AskAnewAsync(WriteScope scope, CancellationToken cancellationToken) => File.WriteAllBytesAsync(file + Anew, [], cancellationToken);

    public override Task<bool> IsAskedAnewAsync(SqlSession sql, CancellationToken cancellationToken) => Task.FromResult(File.Exists(file + Anew));

    public override async Task ClearAsync(SearchState state, CancellationToken cancellationToken)
    {
        await InTransactionAsync(async sql =>
        {
            await sql.Prepare("INSERT INTO words (words) VALUES ('delete-all')").ExecuteAsync(cancellationToken);
            await sql.Prepare("DELETE FROM docs").ExecuteAsync(cancellationToken);
            await sql.Prepare("DELETE FROM texts").ExecuteAsync(cancellationToken);
            await StoreStateAsync(sql, state, cancellationToken);
        });
        File.Delete(file + Anew);
    }

    public override async Task RestAsync(CancellationToken cancellationToken)
    {
        await writer!.Prepare("PRAGMA incremental_vacuum(2000)").ExecuteAsync(cancellationToken);
        await writer.Prepare("PRAGMA shrink_memory").ExecuteAsync(cancellationToken);
    }

    public override async ValueTask PrepareAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        if (sql.HasSearch) return;
        await sql.Prepare("ATTACH DATABASE @file AS search").With(file).ExecuteAsync(cancellationToken);
        var (question, matcher) = ((string?)null, (SearchMatcher?)null);
        // A session serves one reader at a time, so one matcher does.
        ((SqliteConnection)sql.Connection).CreateFunction<string, byte[]?, long>("search_has", (text, data) =>
        {
            if (data is null) return 0;
            if (matcher is null || !string.Equals(question, text, StringComparison.Ordinal)) (question, matcher) = (text, new SearchMatcher(SearchText.Parse(text)));
            return matcher.Has(SearchDocument.Read(data)) ? 1 : 0;
        });
        sql.HasSearch = true;
    }

    public override async Task<List<SearchHit>?> HitsAsync(SqlSession sql, long tenantNo, SearchText text, int limit, CancellationToken cancellationToken)
    {
        if (!text.HasWords) return [];
        await PrepareAsync(sql, cancellationToken);
        var clauses = new List<string>();
        var verify = false;
        foreach (var term in text.Terms)
        {
            if (!term.IsPrefix)
            {
                clauses.Add($"\"{string.Join(' ', term.Words)}\"");
                continue;
            }

            // A phrase for each end would read the words before it again for each: these are asked for, and the few hits looked at.
            var ends = await ExpandAsync(sql, term.Last, cancellationToken);
            if (ends is { Count: 0 }) return [];
            if (term.Words.Length > 1) clauses.Add($"\"{string.Join(' ', term.Words.SkipLast(1))}\"");
            if (ends is not null && (term.Words.Length == 1 || ends.Count <= FewEnds)) clauses.Add("(" + string.Join(" OR ", ends.Select(end => $"\"{end}\"")) + ")");
            verify |= ends is null || term.Words.Length > 1;
        }

        if (clauses.Count == 0) return null;
        var most = verify ? Math.Min(limit, MaxVerified + 1) : limit;
        var hits = await HitsAsync(sql, tenantNo, string.Join(" AND ", clauses), most, cancellationToken);
        if (!verify) return hits;
        if (hits.Count > MaxVerified) return null;
        var matcher = new SearchMatcher(text);
        var documents = await DocumentsAsync(sql, [.. hits.Select(h => h.RunNo)], cancellationToken);
        return [.. hits.Where(h => documents.GetValueOrDefault(h.RunNo) is { } document && matcher.Has(document))];
    }

    static async Task<List<SearchHit>> HitsAsync(SqlSession sql, long tenantNo, string query, int limit, CancellationToken cancellationToken) =>
        await sql.Prepare("""
            SELECT d.sort_at, w.rowid FROM search.words w CROSS JOIN search.docs d ON d.run_no = w.rowid
            WHERE w.words MATCH @query AND w.rowid >= @first AND w.rowid <= @last ORDER BY w.rowid DESC LIMIT @limit
            """).With(query, tenantNo << 40, (tenantNo << 40) | ((1L << 40) - 1), (long)limit)
            .ListAsync(r => new SearchHit(r.GetInt64(0), r.GetInt64(1)), cancellationToken);

    public override async Task<List<SearchHit>> NewestAsync(SqlSession sql, long tenantNo, int limit, CancellationToken cancellationToken)
    {
        await PrepareAsync(sql, cancellationToken);
        return await sql.Prepare("SELECT sort_at, run_no FROM search.docs WHERE run_no >= @first AND run_no <= @last ORDER BY run_no DESC LIMIT @limit")
            .With(tenantNo << 40, (tenantNo << 40) | ((1L << 40) - 1), (long)limit).ListAsync(r => new SearchHit(r.GetInt64(0), r.GetInt64(1)), cancellationToken);
    }

    public override async Task<Dictionary<long, SearchDocument>> DocumentsAsync(SqlSession sql, IReadOnlyList<long> runNos, CancellationToken cancellationToken)
    {
        await PrepareAsync(sql, cancellationToken);
        var documents = new Dictionary<long, SearchDocument>();
        foreach (var runNo in runNos)
        {
            if (await sql.Prepare("SELECT data FROM search.texts WHERE run_no = @run_no").With(runNo).FirstAsync(r => (byte[])r.GetValue(0), cancellationToken) is { } data)
                documents[runNo] = SearchDocument.Read(data);
        }

        return documents;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    /// <summary>
    /// The words that begin so, by one seek each. FTS5's own prefixes gather every entry of every such word before they give the first;
    /// as alternatives the words are walked side by side, newest first, and the walk ends when there are enough.
    /// </summary>
    static async Task<List<string>?> ExpandAsync(SqlSession sql, string prefix, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        var next = sql.Prepare("SELECT term FROM search.vocabulary WHERE term >= @from LIMIT 1");
        // No word holds U+0001, and any longer word comes after it.
        for (var from = prefix; await next.With(from).FirstAsync(r => r.GetString(0), cancellationToken) is { } word && word.StartsWith(prefix, StringComparison.Ordinal); from = word + "\u0001")
        {
            if (found.Count == MaxExpansion) return null;
            found.Add(word);
        }

        return found;
    }

    async Task<SearchState?> OpenFileAsync(CancellationToken cancellationToken)
    {
        if (writer is null)
        {
            var isNew = !File.Exists(file);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 30 }.ToString());
            connection.Open();
            writer = new SqlSession(connection, DatabaseProvider.Sqlite, static s => s.CloseAsync());
            // NORMAL: what the log has not synced when the power goes is read from the events again.
            foreach (var pragma in isNew ? ["auto_vacuum=INCREMENTAL", "secure_delete=ON", "journal_mode=WAL"] : Array.Empty<string>()) await RunAsync("PRAGMA " + pragma);
            foreach (var pragma in new[] { "secure_delete=ON", "synchronous=NORMAL", "temp_store=MEMORY", "cache_size=-16384", "busy_timeout=5000", "wal_autocheckpoint=4000" }) await RunAsync("PRAGMA " + pragma);
            foreach (var statement in Schema) await RunAsync(statement);
            // Words are merged less often than by default: a quarter less work, a few more pieces to look into. Kept in the index; nothing happens when it is so already.
            await RunAsync("INSERT INTO words (words, rank) VALUES ('automerge', 8)");
        }

        var version = await writer.Prepare("SELECT value FROM state WHERE key = 'version'").ScalarAsync<long?>(cancellationToken);
        if (version == SearchWords.Version) return await ReadStateAsync(writer, "", cancellationToken);
        if (version is not null) await ClearAsync(new SearchState(0, null), cancellationToken);
        return null;

        async Task RunAsync(string statement) => await writer.Prepare(statement).ExecuteAsync(cancellationToken);
    }

    static async Task<SearchState?> ReadStateAsync(SqlSession sql, string schema, CancellationToken cancellationToken)
    {
        var rows = await sql.Prepare($"SELECT key, value FROM {schema}state").ListAsync(r => (Key: r.GetString(0), Value: r.Long(1)), cancellationToken);
        return rows.Find(r => r.Key == "seq").Value is { } seq ? new SearchState(seq, rows.Find(r => r.Key == "walk_at").Value) : null;
    }

    static async Task StoreStateAsync(SqlSession sql, SearchState state, CancellationToken cancellationToken)
    {
        foreach (var (key, value) in new (string, long?)[] { ("version", SearchWords.Version), ("seq", state.Seq), ("walk_at", state.WalkAt) })
            await sql.Prepare("INSERT OR REPLACE INTO state (key, value) VALUES (@key, @value)").With(key, value).ExecuteAsync(cancellationToken);
    }

    static async Task RemoveAsync(SqlSession sql, long runNo, CancellationToken cancellationToken)
    {
        var known = await sql.Prepare("SELECT data FROM texts WHERE run_no = @run_no").With(runNo).FirstAsync(r => (byte[])r.GetValue(0), cancellationToken);
        if (known is null) return;
        await RemoveWordsAsync(sql, runNo, known, cancellationToken);
        await sql.Prepare("DELETE FROM docs WHERE run_no = @run_no").With(runNo).ExecuteAsync(cancellationToken);
        await sql.Prepare("DELETE FROM texts WHERE run_no = @run_no").With(runNo).ExecuteAsync(cancellationToken);
    }

    static Task<int> RemoveWordsAsync(SqlSession sql, long runNo, byte[] known, CancellationToken cancellationToken) =>
        sql.Prepare("INSERT INTO words (words, rowid, text) VALUES ('delete', @run_no, @text)").With(runNo, SearchDocument.Read(known).ToWords()).ExecuteAsync(cancellationToken);

    async Task InTransactionAsync(Func<SqlSession, Task> work)
    {
        var sql = writer ?? throw new InvalidOperationException("The search index is not open.");
        await sql.Prepare("BEGIN IMMEDIATE").ExecuteAsync(CancellationToken.None);
        try
        {
            await work(sql);
            await sql.Prepare("COMMIT").ExecuteAsync(CancellationToken.None);
        }
        catch
        {
            await sql.Prepare("ROLLBACK").ExecuteAsync(CancellationToken.None);
            throw;
        }
    }

    void Remove()
    {
        foreach (var ending in new[] { "", "-wal", "-shm" }) File.Delete(file + ending);
    }

    async ValueTask CloseAsync()
    {
        if (writer is null) return;
        await writer.CloseAsync();
        writer = null;
    }
}
