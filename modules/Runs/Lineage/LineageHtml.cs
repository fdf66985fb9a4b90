using System.Globalization;
using RunHub.Ui;

namespace RunHub.Runs.Lineage;

/// <summary>The lineage in the side column of a run's page: written by hand like the facts above it.</summary>
public sealed class LineageHtml(Shell shell, RunLineage lineage, HtmlBuffer html)
{
    /// <summary>Related runs of each kind that are shown; the rest are behind "All".</summary>
    public const int Shown = 5;

    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));

    /// <summary>Writes it; nothing where there is nothing to tell.</summary>
    public void Write()
    {
        if (lineage.IsEmpty) return;
        var run = lineage.Run;
        html.Raw("<section class=\"lineage\" id=\"lineage\" aria-labelledby=\"lineage-title\"><h2 id=\"lineage-title\">"u8);
        html.Text(texts["Lineage"]);
        html.Raw("</h2>\n"u8);
        if (run.ParentRunId is { } parentId)
        {
            Begin("Field_parent", null);
            One(lineage.Parent, parentId, isParent: true);
            End();
        }

        if (lineage.Root is { } root && root.Id != run.ParentRunId && !lineage.Attempts.Runs.Any(a => a.Id == root.Id))
        {
            Begin("Root", null);
            One(root, root.Id, isParent: false);
            End();
        }

        if (lineage.Attempts.Total > 1) Many("Attempts", lineage.Attempts, byAttempt: true);
        if (lineage.Children.Total > 0) Many("Children", lineage.Children, byAttempt: false);
        Duplicates();
        if (lineage.Batch.Total > 1)
        {
            Begin("Field_batch", null);
            html.Raw("<li>"u8);
            All(lineage.Batch.Query!, texts["RunsOfBatch"], lineage.Batch.Total);
            html.Raw("</li>"u8);
            End();
        }

        html.Raw("</section>\n"u8);
    }

    void Many(string label, RelatedRuns related, bool byAttempt)
    {
        Begin(label, related.Total);
        foreach (var run in related.Runs) Entry(run, byAttempt && run.Attempt is { } attempt ? texts["AttemptN"].Replace("{0}", attempt.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : run.WorkflowName);
        if (related.Total > related.Runs.Count)
        {
            html.Raw("<li>"u8);
            All(related.Query!, texts["AllN"], related.Total);
            html.Raw("</li>"u8);
        }

        End();
    }

    void Duplicates()
    {
        if (lineage.DuplicateCount == 0) return;
        Begin("DuplicatesAnswered", lineage.DuplicateCount);
        foreach (var duplicate in lineage.Duplicates)
        {
            html.Raw("<li><code>"u8);
            html.Text(duplicate.Id);
            html.Raw("</code><span class=\"muted\"><time datetime=\""u8);
            html.Raw(Times.ToIso(duplicate.At));
            html.Raw("\">"u8);
            html.Text(shell.Format.Ago(duplicate.At, shell.Now));
            html.Raw("</time> "u8);
            html.Text(texts["By"]);
            html.Raw((byte)' ');
            html.Text(duplicate.SentBy);
            html.Raw("</span></li>"u8);
        }

        if (lineage.DuplicateCount > lineage.Duplicates.Count)
        {
            html.Raw("<li class=\"muted\">"u8);
            html.Text(texts["AndMore"].Replace("{0}", Count(lineage.DuplicateCount - lineage.Duplicates.Count), StringComparison.Ordinal));
            html.Raw("</li>"u8);
        }

        End();
    }

    void One(RelatedRun? run, string id, bool isParent)
    {
        if (run is not null)
        {
            Entry(run, run.WorkflowName, isParent);
            return;
        }

        html.Raw("<li><code>"u8);
        html.Text(id);
        html.Raw("</code><span class=\"muted\">"u8);
        html.Text(texts["NotHere"]);
        html.Raw("</span></li>"u8);
    }

    void Entry(RelatedRun run, string name, bool isParent = false)
    {
        var isThis = run.Id == lineage.Run.Id;
        html.Raw(isThis ? "<li aria-current=\"true\">"u8 : "<li>"u8);
        html.Raw("<span class=\"dot "u8);
        html.Raw(run.Status.ToName());
        html.Raw("\" role=\"img\" aria-label=\""u8);
        html.Text(StatusBadge.Text(run.Status));
        html.Raw("\"></span>"u8);
        html.Raw(isThis ? "<span class=\"grow\">"u8 : "<a class=\"grow\" href=\"/runs/"u8);
        if (!isThis)
        {
            html.Text(Uri.EscapeDataString(run.Id));
            if (isParent)
            {
                html.Raw("\" data-key=\"p\" data-key-text=\""u8);
                html.Text(texts["ParentRun"]);
            }

            html.Raw("\">"u8);
        }

        html.Text(name);
        html.Raw(" <code>"u8);
        html.Text(Format.ShortId(run.Id, most: 16));
        html.Raw(isThis ? "</code></span>"u8 : "</code></a>"u8);
        html.Raw("<span class=\"muted\">"u8);
        if (isThis) html.Text(texts["ThisRun"]);
        else
        {
            html.Raw("<time datetime=\""u8);
            html.Raw(Times.ToIso(run.SortAt));
            html.Raw("\">"u8);
            html.Text(shell.Format.Ago(run.SortAt, shell.Now));
            html.Raw("</time>"u8);
        }

        html.Raw("</span></li>"u8);
    }

    void All(string query, string text, long total)
    {
        html.Raw("<a href=\"/runs?"u8);
        html.Text(query);
        html.Raw("\">"u8);
        html.Text(text.Replace("{0}", Count(total), StringComparison.Ordinal));
        html.Raw("</a>"u8);
    }

    void Begin(string label, long? count)
    {
        html.Raw("<h3>"u8);
        html.Text(texts[label]);
        if (count is { } number)
        {
            html.Raw(" <span class=\"muted num\">"u8);
            html.Text(Count(number));
            html.Raw("</span>"u8);
        }

        html.Raw("</h3><ul>"u8);
    }

    void End() => html.Raw("</ul>\n"u8);

    string Count(long count) => count > RunLineage.CountedTo ? shell.Format.Number(RunLineage.CountedTo) + "+" : shell.Format.Number(count);
}
