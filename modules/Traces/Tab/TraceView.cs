using Microsoft.Extensions.Options;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Traces.Tab;

/// <summary>A span's row.</summary>
/// <param name="Step">The step it is.</param>
/// <param name="Depth">How many stand above it.</param>
/// <param name="Parent">What it is part of; null: nothing that is known.</param>
/// <param name="From">Where it begins in the run's time, 0–1000.</param>
/// <param name="Length">How long it lasted in the run's time, 0–1000; null: not known.</param>
public sealed record SpanRow(StepRow Step, int Depth, StepRow? Parent, double From, double? Length);

/// <summary>The tab: some spans of the tree, top to bottom.</summary>
/// <param name="Run">The run.</param>
/// <param name="Spans">Parents before children.</param>
/// <param name="Count">Spans in all, at most <see cref="ReadTrace.Most"/>.</param>
/// <param name="Before">How many stand before these.</param>
/// <param name="Options">The tracing system.</param>
public sealed record TraceView(RunRow Run, IReadOnlyList<SpanRow> Spans, int Count, int Before, TracesOptions Options)
{
    /// <summary>Place of the first span that is not shown yet; null: these were the last.</summary>
    public int? Next => Before + Spans.Count < Count ? Before + Spans.Count : null;
}

/// <summary>Lays a run's steps out as the tree of spans they are.</summary>
public sealed class ReadTrace(Database database, IOptionsMonitor<TracesOptions> options)
{
    /// <summary>Spans that come at once.</summary>
    public const int Shown = 300;

    /// <summary>More are not laid out: the tree is made anew for each page of it.</summary>
    public const int Most = 50_000;

    static readonly RunHub.Store.RowProjection<StepRow> Columns = StepRow.Table.Project("id", "ord", "name", "type", "parent_step_id", "status", "started_at", "completed_at", "duration_ms", "span_id", "error_code");

    /// <summary>Spans from a place on.</summary>
    public async Task<TraceView> HandleAsync(RunRow run, int from, CancellationToken cancellationToken)
    {
        var steps = await StepsAsync(run.RunNo, cancellationToken);
        var tree = Tree(steps);
        var known = steps.ToDictionary(s => s.Id, StringComparer.Ordinal);
        var begin = steps.Min(s => s.StartedAt) ?? run.StartedAt ?? run.CreatedAt;
        var end = Math.Max(begin + 1, steps.Max(EndOf) ?? run.CompletedAt ?? begin + 1);
        from = Math.Clamp(from, 0, tree.Count);
        return new TraceView(run, [.. tree.Skip(from).Take(Shown).Select(n => Row(n.Step, n.Depth))], tree.Count, from, options.CurrentValue);

        SpanRow Row(StepRow step, int depth)
        {
            var start = (double)((step.StartedAt ?? begin) - begin) / (end - begin) * 1000;
            var length = EndOf(step) is { } ended ? (double)(ended - (step.StartedAt ?? begin)) / (end - begin) * 1000 : (double?)null;
            return new SpanRow(step, depth, step.ParentStepId is { } parent ? known.GetValueOrDefault(parent) : null, Math.Clamp(start, 0, 1000), length is { } l ? Math.Clamp(l, 0, 1000) : null);
        }
    }

    async Task<List<StepRow>> StepsAsync(long runNo, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare($"SELECT {Columns.Sql} FROM steps WHERE run_no = @run_no ORDER BY ord, id LIMIT {Most}").With(runNo).ListAsync(r => Columns.Read(r), cancellationToken);
    }

    static long? EndOf(StepRow step) => step.CompletedAt ?? (step is { StartedAt: { } start, DurationMs: { } ms } ? start + ms * 1000 : null);

    /// <summary>Parents before children, in order of arrival among siblings. What forms a circle stands at the top: ids come from outside.</summary>
    static List<(StepRow Step, int Depth)> Tree(List<StepRow> steps)
    {
        var ids = steps.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        var children = steps.Where(s => s.ParentStepId is { } p && ids.Contains(p)).ToLookup(s => s.ParentStepId!, StringComparer.Ordinal);
        var (tree, seen, open) = (new List<(StepRow, int)>(steps.Count), new HashSet<string>(StringComparer.Ordinal), new Stack<(StepRow, int)>());
        foreach (var root in steps.Where(s => s.ParentStepId is not { } p || !ids.Contains(p)).Concat(steps))
        {
            if (seen.Contains(root.Id)) continue;
            open.Push((root, 0));
            while (open.TryPop(out var next))
            {
                var (step, depth) = next;
                if (!seen.Add(step.Id)) continue;
                tree.Add((step, depth));
                foreach (var child in children[step.Id].Reverse()) open.Push((child, depth + 1));
            }
        }

        return tree;
    }
}
