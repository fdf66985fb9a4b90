using RunHub.Filter;
using RunHub.Model;

namespace RunHub.Testing;

/// <summary>Random runs and queries over few values, so that they meet.</summary>
public static class RandomRuns
{
    static readonly string[] Words = ["a", "ab", "a,b", "a*", "/a/", "\u00e1rbol", "z\uFFFD", "\U0001F600x", "a b", "\\", "none"];
    static readonly string[] Texts = ["type", "env", "version", "error_code", "node", "owner", "actor", "agent", "model", "lead", "batch", "thread", "business_event", "trace", "parent", "fingerprint"];

    /// <summary>A run.</summary>
    public static RunRow Row(Random random, int n) => SeedRuns.Row(n, row =>
    {
        row.Status = (RunStatus)random.Next(6);
        row.Lane = random.Next(4) == 0 ? Lane.Backfill : Lane.Production;
        row.SortAt = 1_700_000_000_000_000 + random.Next(40) * 3_600_000_000;
        row.WorkflowName = Word(random);
        row.Type = Word(random);
        row.Environment = Word(random);
        row.Name = Maybe(random);
        row.WorkflowVersion = Maybe(random);
        row.Actor = Maybe(random);
        row.Hitl = random.Next(2) == 0 ? null : Pick(random, "requested", "approved", "rejected");
        row.Trigger = Pick(random, "manual", "schedule", "api");
        row.Owner = Maybe(random);
        row.BusinessEventId = Maybe(random);
        row.LeadId = Maybe(random);
        row.BatchId = Maybe(random);
        row.ThreadId = Maybe(random);
        row.AgentId = Maybe(random);
        row.TraceId = Maybe(random);
        row.ParentRunId = Maybe(random);
        row.ErrorCode = Maybe(random);
        row.ErrorClass = random.Next(2) == 0 ? null : Pick(random, "bug", "transient");
        row.FailedNode = Maybe(random);
        row.Fingerprint = Maybe(random);
        row.Models = List(random);
        row.TagsText = List(random);
        row.Resolved = random.Next(3) == 0 ? "{}" : null;
        row.DurationMs = random.Next(3) == 0 ? null : random.Next(5);
        row.Tokens = random.Next(3) == 0 ? null : random.Next(5) * 1000;
        row.CostNano = random.Next(3) == 0 ? null : random.Next(5) * 10_000_000;
    });

    /// <summary>A query of a URL, percent-encoded.</summary>
    public static string Query(Random random)
    {
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        var fields = 1 + random.Next(3);
        while (query.Count < fields)
        {
            switch (random.Next(15))
            {
                case 0: query["status"] = string.Join(',', Enumerable.Range(0, 1 + random.Next(4)).Select(_ => ((RunStatus)random.Next(6)).ToName())); break;
                case 1: query["lane"] = Pick(random, "all", "backfill", "production"); break;
                case 2: query["workflow"] = Values(random, prefixes: true); break;
                case 3: query["tag"] = random.Next(3) == 0 ? Pick(random, "/^a/", "/b$/,a", "/x|z/", "/nothing/", "/^.$/") : Values(random, prefixes: true); break;
                case 4: query["from"] = Time(random); break;
                case 5: query["to"] = Time(random); break;
                case 6: query["resolved"] = Pick(random, "true", "false"); break;
                case 7: query["q"] = Pick(random, "run_0000", "run_000123", "a", "ab", "run_", "none", "x"); break;
                case 8: query["hitl"] = Pick(random, "none", "approved", "requested,none", "REJECTED,approved"); break;
                case 9 when random.Next(2) == 0: query["error_class"] = Pick(random, "bug", "transient", "policy_denied,bug"); break;
                case 9: query["trigger"] = Pick(random, "api", "manual,schedule"); break;
                case 10: query["duration"] = Pick(random, ">1ms", ">=2ms", "<3ms", "<=0.5ms", "1ms..3ms", "=2ms", "4ms"); break;
                case 11: query["cost"] = Pick(random, ">0.01", "0.01..0.03", "<=$0.02", "0"); break;
                case 12: query["tokens"] = Pick(random, ">1k", "1k..3000", "<2k", "4000"); break;
                case 13: query[Pick(random, "-workflow", "-tag", "-model", "-env", "-owner", "-version")] = Values(random, prefixes: true); break;
                case 14: query[Pick(random, "-status", "-hitl", "-error_class")] = "$"; break;
                default: query[Texts[random.Next(Texts.Length)]] = Values(random, prefixes: random.Next(2) == 0); break;
            }
        }

        foreach (var key in query.Where(p => p.Value == "$").Select(p => p.Key).ToList())
            query[key] = key switch { "-status" => Pick(random, "failed", "failed,canceled,completed"), "-hitl" => Pick(random, "none", "approved,none", "rejected"), _ => Pick(random, "bug", "transient,bug") };

        // A range that ends before it begins is refused.
        if (query.TryGetValue("from", out var from) && query.TryGetValue("to", out var to) && string.CompareOrdinal(from, to) >= 0) query.Remove("to");
        query["sort"] = Pick(random, "started_at", "-started_at", "-started_at", "status", "-status", "duration", "-duration");
        query["limit"] = Pick(random, "7", "50", "200");
        if (random.Next(2) == 0) query.TryAdd("lane", "all");
        return string.Join('&', query.Select(p => p.Key + "=" + Uri.EscapeDataString(p.Value)));
    }

    /// <summary>A text to search for.</summary>
    public static string Question(Random random) =>
        string.Join(random.Next(2) == 0 ? " " : "  ", Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Pick(random, "word", "a:b", "-x", "-", "\"two words\"", "http://x", "\\", "status:failed", "x\"y", "\"open", "a,b", "ñu", "\"-a:b\"", "inv*")));

    /// <summary>A text that asks for trouble.</summary>
    public static string Word(Random random) => Words[random.Next(random.Next(2) == 0 ? 3 : Words.Length)];

    static string? Maybe(Random random) => random.Next(2) == 0 ? null : Word(random);

    static string? List(Random random) =>
        random.Next(3) == 0 ? null : "\n" + string.Join('\n', Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Word(random)).Distinct(StringComparer.Ordinal)) + "\n";

    static string Values(Random random, bool prefixes) => string.Join(',', Enumerable.Range(0, 1 + random.Next(3)).Select(_ =>
        new FilterValue(prefixes && random.Next(3) == 0 ? FilterValueKind.Prefix : FilterValueKind.Exact, Word(random)).ToString()));

    static string Time(Random random) => Times.ToIso(1_700_000_000_000_000 + random.Next(40) * 3_600_000_000);

    static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];
}
