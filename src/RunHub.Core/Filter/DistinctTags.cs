using System.Diagnostics;
using System.Text.RegularExpressions;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Filter;

/// <summary>Finds the tags that a tag filter stands for, among the tenant's distinct tags: one index seek for each.</summary>
static class DistinctTags
{
    /// <summary>Distinct tags looked at.</summary>
    const int MaxDistinct = 20_000;

    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    public static async Task<IReadOnlyList<string>> FindAsync(SqlSession sql, long tenantNo, TagField.Condition condition, CancellationToken cancellationToken)
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
            if (seen > MaxDistinct) throw ProblemException.Invalid("query.tag", $"This tenant has more than {MaxDistinct} different tags: name the tags instead of a pattern.");
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
}
