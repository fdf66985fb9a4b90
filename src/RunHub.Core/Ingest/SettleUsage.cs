using RunHub.Model;

namespace RunHub.Ingest;

/// <summary>
/// Counts usage once: a step that states what its whole subtree used counts it only while no step beneath it states any.
/// Works on all steps of the run, so that the order of arrival does not matter.
/// </summary>
static class SettleUsage
{
    /// <summary>Sets tokens and cost of every step with subtree usage; answers the steps that changed.</summary>
    public static List<StepRow> Apply(IReadOnlyCollection<StepRow> steps)
    {
        var usage = new Dictionary<string, StoredUsage>(StringComparer.Ordinal);
        foreach (var step in steps)
            if (StoredUsage.Read(step.SubtreeUsage) is { } stated) usage.Add(step.Id, stated);
        var changed = new List<StepRow>();
        if (usage.Count == 0) return changed;
        var byId = steps.ToDictionary(s => s.Id, StringComparer.Ordinal);
        var tokensBeneath = Above(byId, s => usage.TryGetValue(s.Id, out var u) ? u.Tokens is not null : s.Tokens is not null);
        var costBeneath = Above(byId, s => usage.TryGetValue(s.Id, out var u) ? u.CostNano is not null : s.CostNano is not null);
        foreach (var (id, stated) in usage)
        {
            var step = byId[id];
            var counts = !tokensBeneath.Contains(id);
            var (tokensIn, tokensOut, tokens) = counts ? (stated.TokensIn, stated.TokensOut, stated.Tokens) : default;
            var cost = costBeneath.Contains(id) ? null : stated.CostNano;
            if (step.TokensIn == tokensIn && step.TokensOut == tokensOut && step.Tokens == tokens && step.CostNano == cost) continue;
            (step.TokensIn, step.TokensOut, step.Tokens, step.CostNano) = (tokensIn, tokensOut, tokens, cost);
            changed.Add(step);
        }

        return changed;
    }

    /// <summary>Ids of all steps above one that <paramref name="states"/> something. Each is marked once, so rings end.</summary>
    static HashSet<string> Above(Dictionary<string, StepRow> byId, Func<StepRow, bool> states)
    {
        var above = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in byId.Values)
        {
            if (!states(step)) continue;
            for (var parent = step.ParentStepId; parent is not null && byId.TryGetValue(parent, out var row) && above.Add(parent); parent = row.ParentStepId)
            {
                // Up until somebody has been here.
            }
        }

        return above;
    }
}
