using System.Diagnostics;
using System.Text.RegularExpressions;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Filter;

/// <summary>What the patterns of a filter stand for, so that an index can lead.</summary>
/// <param name="Tags">Tags; null: the filter asks for none.</param>
/// <param name="Workflows">Workflow names; null: the filter asks for none, or the pattern stands for too many to walk side by side.</param>
sealed record DistinctValues(IReadOnlyList<string>? Tags, IReadOnlyList<string>? Workflows)
{
    /// <summary>Distinct tags looked at.</summary>
    const int MaxTags = 20_000;

    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    /// <summary>True: no run can match.</summary>
    public bool AreNone => Tags is [] || Workflows is [];

    /// <summary>Looks them up: one index seek for each distinct value, never the runs.</summary>
    public static async Task<DistinctValues> FindAsync(SqlSession sql, long tenantNo, RunFilter filter, CancellationToken cancellationToken) => new(
        filter.Of<TagField.Condition>() is { } tag ? await TagsAsync(sql, tenantNo, tag, cancellationToken) : null,
        filter.Find(FilterFields.Workflow.Key) is TextField.Condition workflow ? await WorkflowsAsync(sql, tenantNo, workflow, cancellationToken) : null);

    static async Task<IReadOnlyList<string>> TagsAsync(SqlSession sql, long tenantNo, TagField.Condition condition, CancellationToken cancellationToken)
    {
        if (!condition.HasPatterns) return condition.Exact;
        var found = new List<string>();
        var start = Stopwatch.GetTimestamp();
        await using var reader = await sql.Prepare("""
            WITH RECURSIVE distinct_tags(tag) AS (
              SELECT (SELECT tag FROM run_tags WHERE tenant_no = @tenant_no ORDER BY tag LIMIT 1)
              UNION ALL
              SELECT (SELECT t.tag FROM run_tags t WHERE t.tenant_no = @tenant_no AND t.tag > d.tag ORDER BY t.tag LIMIT 1)
              FROM distinct_tags d WHERE d.tag IS NOT NULL)
            SELECT tag FROM distinct_tags WHERE tag IS NOT NULL LIMIT 20001
            """).With(tenantNo).ReadAsync(cancellationToken);
        for (var seen = 1; await reader.ReadAsync(cancellationToken); seen++)
        {
            if (seen > MaxTags) throw ProblemException.Invalid("query.tag", $"This tenant has more than {MaxTags} different tags: name the tags instead of a pattern.");
            var tag = reader.GetString(0);
            if (Stopwatch.GetElapsedTime(start) > MaxTime) throw ProblemException.Invalid("query.tag", "The pattern takes too long: make it simpler.");
            if (!IsMatch(condition, tag)) continue;
            found.Add(tag);
            if (found.Count > TagField.MaxFound) throw ProblemException.Invalid("query.tag", $"The pattern stands for more than {TagField.MaxFound} tags: make it narrower.");
        }

        return found;
    }

    static bool IsMatch(TagField.Condition condition, string tag)
    {
        try
        {
            return condition.IsMatch(tag);
        }
        catch (RegexMatchTimeoutException)
        {
            throw ProblemException.Invalid("query.tag", "The pattern takes too long: make it simpler.");
        }
    }

    static async Task<IReadOnlyList<string>?> WorkflowsAsync(SqlSession sql, long tenantNo, TextField.Condition condition, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>(condition.Exact, StringComparer.Ordinal);
        var runs = sql.IsSqlite ? "runs INDEXED BY ix_runs_workflow" : "runs";
        foreach (var prefix in condition.Prefixes)
        {
            var after = FilterValue.AfterPrefix(prefix);
            var names = await sql.Prepare($"""
                WITH RECURSIVE names(name) AS (
                  SELECT (SELECT workflow_name FROM {runs} WHERE tenant_no = @tenant_no AND workflow_name >= @prefix ORDER BY workflow_name LIMIT 1)
                  UNION ALL
                  SELECT (SELECT workflow_name FROM {runs} WHERE tenant_no = @tenant_no AND workflow_name > n.name ORDER BY workflow_name LIMIT 1)
                  FROM names n WHERE n.name IS NOT NULL {(after is null ? "" : "AND n.name < @after")})
                SELECT name FROM names WHERE name IS NOT NULL {(after is null ? "" : "AND name < @after")} LIMIT {RunIndex.MaxBranches + 1}
                """).With(after is null ? [tenantNo, prefix] : [tenantNo, prefix, after]).ListAsync(r => r.GetString(0), cancellationToken);
            found.UnionWith(names);
            if (found.Count > RunIndex.MaxBranches) return null;
        }

        return [.. found];
    }
}
