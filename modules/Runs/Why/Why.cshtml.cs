using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Runs.Compare;
using RunHub.Store;
using RunHub.Store.Rollups;
using RunHub.Ui;

namespace RunHub.Runs.Why;

/// <summary>
/// <c>/runs/{id}/why</c>: what the head of a run's page asks for after it stands there. For a failed run its failing step, what
/// changed since the last good run, how new its error is and how slow it was; for another one, why it was slow, if it was.
/// </summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class WhyPage(Database database) : PageModel
{
    const int MaxInput = 64 * 1024;

    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>It failed.</summary>
    public bool IsFailed => Run.Status == RunStatus.Failed;

    /// <summary>The step in which it failed.</summary>
    public StepRow? Step { get; private set; }

    /// <summary>Its input.</summary>
    public JsonBlock? Input { get; private set; }

    /// <summary>The last good run with which it is compared.</summary>
    public RunComparison? SinceGood { get; private set; }

    /// <summary>How often its error came before.</summary>
    public ErrorHistory? History { get; private set; }

    /// <summary>How long such runs take.</summary>
    public Usual Usual { get; private set; }

    /// <summary>It took longer than 19 of 20.</summary>
    public bool IsSlow => Usual.IsExceededBy(Run.DurationMs);

    /// <summary>Steps that took longer than usual.</summary>
    public IReadOnlyList<SlowStep> SlowSteps { get; private set; } = [];

    /// <summary>The fragment.</summary>
    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        if (Run.DurationMs is not null && Run.Status.IsFinal()) Usual = await Baseline.OfRunAsync(sql, Run, cancellationToken);
        if (IsSlow) SlowSteps = await SlowStep.OfAsync(sql, Run, cancellationToken);
        if (!IsFailed) return Page();
        await ReadStepAsync(sql, cancellationToken);
        History = await ErrorHistory.ReadAsync(sql, Run, cancellationToken);
        if (await RunComparison.LastSuccessAsync(sql, Run, cancellationToken) is { } good) SinceGood = await RunComparison.ReadAsync(sql, Run, good, withLines: false, cancellationToken);
        return Page();
    }

    async Task ReadStepAsync(SqlSession sql, CancellationToken cancellationToken)
    {
        if ((Run.ErrorStepId ?? Run.FailedNode) is not { } at) return;
        Step = await RunReader.StepAsync(sql, Run.RunNo, at, cancellationToken)
            ?? await sql.Prepare($"SELECT {StepRow.Table.All.Sql} FROM steps WHERE run_no = @run_no AND status = @status AND (node_id = @node OR name = @node) ORDER BY ord DESC, id LIMIT 1")
                .With(Run.RunNo, (long)RunStatus.Failed, at).FirstAsync(r => StepRow.Table.All.Read(r), cancellationToken);
        if (Step?.Input is { Length: > 0 and <= MaxInput } input) Input = JsonBlock.Of("why-input", (await RunReader.PayloadsAsync(sql, Run.RunNo, [input], cancellationToken))[input]);
    }
}
