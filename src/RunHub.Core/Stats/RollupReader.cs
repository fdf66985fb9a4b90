using System.Data.Common;
using System.Diagnostics;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.Stats;

/// <summary>How far the rollups were read.</summary>
/// <param name="Stopped">The newest hour of which nothing was told: it was too much. Null: all were read.</param>
readonly record struct RollupEnd(long? Stopped);

/// <summary>
/// Reads the cells of runs that a filter means, newest hour first, with the deltas that are not folded yet. Call it within one
/// transaction, so that each run counts once.
/// </summary>
sealed class RollupReader(SqlSession sql, long tenantNo, RunFilter filter)
{
    /// <summary>Most cells of one reading.</summary>
    public const int MaxCells = 200_000;

    /// <summary>Most deltas that are added up while somebody waits.</summary>
    const int MaxDeltas = 50_000;

    static readonly string Limit = string.Create(System.Globalization.CultureInfo.InvariantCulture, $" LIMIT {MaxDeltas + 1}");

    // Absent text is empty in a cell and NULL in a run: conditions ask for the latter.
    const string Columns = "hour, lane, type, workflow_name, NULLIF(workflow_version, '') AS workflow_version, environment, NULLIF(trigger, '') AS trigger, data";

    static readonly HashSet<string> Keys = new(StringComparer.Ordinal) { "status", "workflow", "type", "env", "version", "trigger", "lane", "from", "to" };

    /// <summary>Columns that cells are told apart by, by the name of the field.</summary>
    public static IReadOnlyDictionary<string, string> Dimensions { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["workflow"] = "workflow_name", ["type"] = "type", ["env"] = "environment", ["version"] = "workflow_version", ["trigger"] = "trigger",
    };

    /// <summary>Can the rollups answer it.</summary>
    public static bool Fits(RunFilter filter) => filter.Conditions.All(c => Keys.Contains(c.Field.Key));

    /// <summary>The statuses that a filter lets through, by number.</summary>
    public static bool[] Statuses(RunFilter filter)
    {
        var asked = filter.Conditions.Where(c => c.Field == FilterFields.Status).ToList();
        return [.. RunStatuses.All.Select(s => RunSummary.From(new RunRow { Status = s })).Select(s => asked.TrueForAll(c => c.Matches(s)))];
    }

    /// <summary>Reads.</summary>
    /// <param name="hours">First and last hour, hours since 1970.</param>
    /// <param name="dimension">A column of <see cref="Dimensions"/> that is told of each cell; null: none.</param>
    /// <param name="time">How long it may take.</param>
    /// <param name="see">Is given hour, value of the dimension and stored cell; those of one hour together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How far it came; null: so much is not folded yet that the rollups cannot be asked now.</returns>
    public async Task<RollupEnd?> ReadAsync((long First, long Last) hours, string? dimension, TimeSpan time, Action<long, string?, byte[]> see, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var deltas = await Statement("rollup_deltas", " AND kind = 0", Limit, hours, dimension).On(sql).ListAsync(Read, cancellationToken);
        if (deltas.Count > MaxDeltas) return null;
        var hour = new List<(long Hour, string? Value, byte[] Cell)>();
        long? stopped = null;
        await using (var reader = await Statement("run_rollups", "", " ORDER BY hour DESC", hours, dimension).On(sql).ReadAsync(cancellationToken))
        {
            for (var cells = 1; await reader.ReadAsync(cancellationToken); cells++)
            {
                var cell = Read(reader);
                if (hour.Count > 0 && hour[0].Hour != cell.Hour) Pass();
                hour.Add(cell);
                if (cells < MaxCells && (cells % 64 != 0 || Stopwatch.GetElapsedTime(began) < time)) continue;
                stopped = cell.Hour;
                break;
            }
        }

        if (stopped is null) Pass();
        foreach (var (at, value, cell) in deltas)
            if (stopped is null || at > stopped) see(at, value, cell);
        return new RollupEnd(stopped);

        // An hour that was not read to its end is not told of at all.
        void Pass()
        {
            foreach (var (at, value, cell) in hour) see(at, value, cell);
            hour.Clear();
        }
    }

    SqlText Statement(string table, string only, string order, (long First, long Last) hours, string? dimension)
    {
        var text = new SqlText(sql.IsSqlite).Add("SELECT hour, ").Add(dimension ?? "NULL").Add(", data FROM (SELECT ").Add(Columns).Add(" FROM ").Add(table).Add(" WHERE tenant_no = ");
        text.Value(tenantNo);
        text.Add(" AND hour >= ");
        text.Value(hours.First);
        text.Add(" AND hour <= ");
        text.Value(hours.Last);
        text.Add(only).Add(") r WHERE ").In("lane", [.. filter.Lanes.Select(l => (long)l)]);
        foreach (var condition in filter.Conditions)
        {
            if (condition.Field == FilterFields.Status || condition.Field == FilterFields.Lane || condition is TimeField.Condition) continue;
            condition.ToSql(text.Add(" AND "));
        }

        return text.Add(order);
    }

    static (long Hour, string? Value, byte[] Cell) Read(DbDataReader reader) => (reader.GetInt64(0), reader.Text(1), (byte[])reader.GetValue(2));
}
