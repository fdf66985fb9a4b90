using RunHub.Model;
using RunHub.Store;

namespace RunHub.Filter;

/// <summary>
/// The statements behind a list. All have one shape: walk an index in order, at most so many entries (<c>p</c>); take each
/// run by its number (<c>r</c>); ask the rest of the filter; stop when the page is full. Both the merge and the join are lazy.
/// </summary>
sealed class RunListSql(long tenantNo, RunFilter filter, DistinctValues values, bool isSqlite)
{
    readonly bool descending = filter.Sort.By != RunSortBy.StartedAt || filter.Sort.Descending;

    /// <summary>The list runs from the newest to the oldest.</summary>
    public bool IsDescending => descending;

    /// <summary>The oldest time that is asked for, and the first that is not any more.</summary>
    public (long From, long To) Times => (
        filter.Conditions.OfType<TimeField.Condition>().Where(c => c.IsFrom).Select(c => c.Micros).Append(long.MinValue).Max(),
        filter.Conditions.OfType<TimeField.Condition>().Where(c => !c.IsFrom).Select(c => c.Micros).Append(long.MaxValue).Min());

    /// <summary>A page's length for the text of a statement: a few lengths only, so that statements are found again; the reader stops where it wants.</summary>
    public static int Round(int rows) => rows switch { <= 51 => 51, <= 101 => 101, _ => RunFilter.MaxLimit + 1 };

    /// <summary>Before everything in the direction of the list.</summary>
    public (long SortAt, long RunNo) Start
    {
        get
        {
            var from = filter.Conditions.OfType<TimeField.Condition>().Where(c => c.IsFrom).Select(c => (long?)c.Micros).Max();
            var to = filter.Conditions.OfType<TimeField.Condition>().Where(c => !c.IsFrom).Select(c => (long?)c.Micros).Min();
            return descending
                ? to is { } before ? (before, long.MinValue) : (long.MaxValue, long.MaxValue)
                : (from ?? long.MinValue, long.MinValue);
        }
    }

    /// <summary>The later of two positions in the direction of the list.</summary>
    public (long SortAt, long RunNo) Later((long SortAt, long RunNo) a, (long SortAt, long RunNo) b) =>
        a.CompareTo(b) < 0 == descending ? a : b;

    /// <summary>Must anything be asked of a run that the index has not answered.</summary>
    public bool HasRest(RunIndex index, RunSegment segment) => Rest(new SqlText(isSqlite), index, segment, "");

    /// <summary>A page: <c>s, n</c>, then the columns of the projection.</summary>
    public SqlText Page(RunIndex index, RunSegment segment, RowProjection<RunRow> columns, (long SortAt, long RunNo) after, long? since, int looks, int rows)
    {
        var sql = new SqlText(isSqlite);
        sql.Add("SELECT p.s, p.n, ").Add(columns.Sql).Add(" FROM (");
        Walk(sql, index, after, since, looks);
        Join(sql);
        Rest(sql, index, segment, " WHERE ");
        // SQLite gives the rows of a nested loop in the order of its outer side, which the walk has put in order.
        if (!isSqlite) sql.Add(descending ? " ORDER BY p.s DESC, p.n DESC" : " ORDER BY p.s, p.n");
        return sql.Add(" LIMIT ").Add(Round(rows));
    }

    /// <summary>All of a walk that pass the rest of the filter: <c>s, n</c>, then the columns; the reader stops where it wants.</summary>
    public SqlText Scan(RunIndex index, RunSegment segment, RowProjection<RunRow> columns, (long SortAt, long RunNo) after, long? since, int looks)
    {
        var sql = new SqlText(isSqlite);
        sql.Add("SELECT p.s, p.n, ").Add(columns.Sql).Add(" FROM (");
        Walk(sql, index, after, since, looks);
        Join(sql);
        Rest(sql, index, segment, " WHERE ");
        if (!isSqlite) sql.Add(" ORDER BY p.s DESC, p.n DESC");
        return sql;
    }

    /// <summary>A page by duration: <c>s, n</c>, the columns, then the duration.</summary>
    public SqlText PageByDuration(RunIndex index, RunSegment segment, RowProjection<RunRow> columns, PageToken? after, long? since, int looks, int rows)
    {
        var sql = new SqlText(isSqlite);
        sql.Add("SELECT p.s, p.n, ").Add(columns.Sql).Add(", duration_ms AS d FROM (");
        Walk(sql, index, Start, since, looks);
        Join(sql);
        Rest(sql, index, segment, " WHERE ");
        var largestFirst = filter.Sort.Descending;
        sql.Add(largestFirst ? " AND (duration_ms < " : " AND (duration_ms > ");
        var duration = sql.Value(after?.Duration ?? (largestFirst ? long.MaxValue : long.MinValue));
        sql.Add(" OR duration_ms = ").Add(duration).Add(" AND (p.s, p.n) < (");
        sql.Value(after?.SortAt ?? long.MaxValue);
        sql.Add(", ");
        sql.Value(after?.RunNo ?? long.MaxValue);
        return sql.Add(")) ORDER BY ").Add(largestFirst ? "duration_ms DESC" : "duration_ms").Add(", p.s DESC, p.n DESC LIMIT ").Add(Round(rows));
    }

    /// <summary>The entry after which a walk of so many looks stopped: <c>s, n</c>; no row: it came to the end.</summary>
    public SqlText Frontier(RunIndex index, (long SortAt, long RunNo) after, long? since, int looks)
    {
        var sql = new SqlText(isSqlite);
        sql.Add("SELECT p.s, p.n FROM (");
        Walk(sql, index, after, since, looks);
        sql.Add(") p ");
        if (!isSqlite) sql.Add(descending ? "ORDER BY p.s DESC, p.n DESC " : "ORDER BY p.s, p.n ");
        return sql.Add("LIMIT 1 OFFSET ").Add(looks - 1);
    }

    /// <summary>How many entries an index has from a position on, counted to a limit.</summary>
    public SqlText Count(RunIndex index, (long SortAt, long RunNo) after, int limit)
    {
        var sql = new SqlText(isSqlite);
        sql.Add("SELECT count(*) FROM (");
        Walk(sql, index, after, since: null, limit);
        return sql.Add(") p");
    }

    /// <summary>Of some runs, by number, those that pass the rest of the filter: <c>s, n</c>, the columns, then the duration; in no order.</summary>
    public SqlText Hits(RunSegment segment, RowProjection<RunRow> columns, IReadOnlyList<long> runNos)
    {
        var sql = new SqlText(isSqlite);
        sql.Add("SELECT r.sort_at, r.run_no, ").Add(columns.Sql).Add(", duration_ms FROM runs r WHERE ");
        sql.In("r.run_no", runNos);
        // The plus keeps SQLite from walking an index of the tenant.
        sql.Add(" AND +r.tenant_no = ");
        sql.Value(tenantNo);
        Rest(sql, RunIndex.Hits, segment, " AND ");
        return sql;
    }

    void Walk(SqlText sql, RunIndex index, (long SortAt, long RunNo) after, long? since, int looks)
    {
        var other = descending
            ? filter.Conditions.OfType<TimeField.Condition>().Where(c => c.IsFrom).Select(c => c.Micros).Append(since ?? long.MinValue).Max()
            : filter.Conditions.OfType<TimeField.Condition>().Where(c => !c.IsFrom).Select(c => c.Micros).Append(long.MaxValue).Min();
        string? tenant = null, sortAt = null, runNo = null, end = null;
        var names = new Dictionary<object, string>();
        // PostgreSQL merges walks only where each has its order said; SQLite only where it is said once.
        var ownOrder = !isSqlite && index.Branches.Count > 1;
        for (var b = 0; b < index.Branches.Count; b++)
        {
            if (b > 0) sql.Add(" UNION ALL ");
            if (ownOrder) sql.Add("(");
            sql.Add(b == 0 ? "SELECT sort_at AS s, run_no AS n" : "SELECT sort_at, run_no");
            if (index.IsTags) sql.Add(b == 0 ? ", 0 AS b" : ", ").Add(b == 0 ? "" : b.ToString(System.Globalization.CultureInfo.InvariantCulture));
            sql.Add(index.IsTags ? " FROM run_tags" : " FROM runs");
            if (isSqlite && !index.IsTags) sql.Add(" INDEXED BY ").Add(index.Name);
            sql.Add(" WHERE tenant_no = ");
            Same(ref tenant, tenantNo);
            for (var c = 0; c < index.Columns.Length; c++)
            {
                sql.Add(" AND ").Add(index.Columns[c]).Add(" = ");
                var value = index.Branches[b][c];
                if (names.TryGetValue(value, out var name)) sql.Add(name);
                else names[value] = sql.Value(value);
            }

            sql.Add(descending ? " AND (sort_at, run_no) < (" : " AND (sort_at, run_no) > (");
            Same(ref sortAt, after.SortAt);
            sql.Add(", ");
            Same(ref runNo, after.RunNo);
            sql.Add(descending ? ") AND sort_at >= " : ") AND sort_at < ");
            Same(ref end, other);
            if (ownOrder) sql.Add(descending ? " ORDER BY sort_at DESC, run_no DESC LIMIT " : " ORDER BY sort_at, run_no LIMIT ").Add(looks).Add(")");
        }

        sql.Add(descending ? " ORDER BY s DESC, n DESC LIMIT " : " ORDER BY s, n LIMIT ").Add(looks);

        void Same(ref string? name, long value)
        {
            if (name is null) name = sql.Value(value);
            else sql.Add(name);
        }
    }

    // CROSS JOIN keeps SQLite's order of the loops; the fence (OFFSET 0) keeps PostgreSQL from hashing the whole table.
    void Join(SqlText sql) => sql.Add(isSqlite
        ? ") p CROSS JOIN runs r ON r.run_no = p.n"
        : ") p CROSS JOIN LATERAL (SELECT * FROM runs WHERE run_no = p.n OFFSET 0) r");

    bool Rest(SqlText sql, RunIndex index, RunSegment segment, string keyword)
    {
        var any = false;
        if (!index.TakesStatus)
        {
            if (segment.Statuses.Count < RunStatuses.All.Count) And().In("lane_status", [.. filter.Lanes.SelectMany(l => segment.Statuses.Select(s => (long)l * 8 + (long)s))]);
            else if (!index.TakesLane && filter.Lanes.Count == 1) And().In("lane", [(long)filter.Lanes[0]]);
        }

        foreach (var condition in filter.Conditions)
        {
            if (condition == index.Takes || condition is TimeField.Condition or StatusField.Condition or LaneField.Condition) continue;
            if (condition is TagField.Condition) TagField.Condition.ToSql(And(), values.Tags!);
            else if (condition is not SearchField.Condition search) condition.ToSql(And());
            else if (index == RunIndex.Hits) continue;
            else if (segment.Search != SearchPart.Texts) condition.ToSql(And());
            else
            {
                search.TextToSql(And());
                search.IdsToSql(And().Add("("));
                sql.Add(") IS NOT TRUE");
            }
        }

        // A run that carries several of the tags is taken in the branch of the first.
        for (var b = 1; index.IsTags && b < index.Branches.Count; b++)
        {
            And().Add("(p.b <> ").Add(b).Add(" OR ");
            for (var earlier = 0; earlier < b; earlier++)
            {
                sql.Add(earlier > 0 ? " AND NOT " : "NOT ");
                sql.Contains("tags", "\n" + index.Branches[earlier][0] + "\n");
            }

            sql.Add(")");
        }

        if (segment.HasDuration is { } has) And().Add(has ? "duration_ms IS NOT NULL" : "duration_ms IS NULL");
        return any;

        SqlText And()
        {
            sql.Add(any ? " AND " : keyword);
            any = true;
            return sql;
        }
    }
}
