using Microsoft.AspNetCore.Mvc;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.Annotations.Hitl;

/// <summary>A person was asked, or decided.</summary>
/// <param name="At">Microseconds since 1970.</param>
/// <param name="State">What the run said from then on; null: nothing any more.</param>
/// <param name="By">Who reported it; null: nobody said.</param>
public sealed record Decision(long At, string? State, string? By);

/// <summary>What is known about people's part in a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Decisions">Oldest first.</param>
/// <param name="IsCut">There are more events than were looked at.</param>
public sealed record HitlView(RunRow Run, IReadOnlyList<Decision> Decisions, bool IsCut);

/// <summary>
/// The tab with a run's decisions: each change of its <c>hitl</c> field, from its events, with who reported it and when.
/// </summary>
public sealed class HitlTab(Database database) : ViewComponent
{
    const int MaxEvents = 50_000;

    /// <summary>Its content.</summary>
    public async Task<IViewComponentResult> InvokeAsync(RunRow run)
    {
        var cancellationToken = HttpContext.RequestAborted;
        await using var sql = await database.ReadAsync(cancellationToken);
        // One by one: a run that reported each of its steps has very many.
        await using var events = await sql.Prepare("SELECT at, data FROM events WHERE run_no = @run_no ORDER BY seq LIMIT @limit").With(run.RunNo, (long)MaxEvents + 1).ReadAsync(cancellationToken);
        var decisions = new List<Decision>();
        var (looked, state) = (0, (string?)null);
        while (await events.ReadAsync(cancellationToken))
        {
            if (++looked > MaxEvents) break;
            var told = EventText.Read(events.GetString(1));
            if (string.Equals(told.Run.Hitl, state, StringComparison.Ordinal)) continue;
            decisions.Add(new Decision(events.GetInt64(0), state = told.Run.Hitl, told.By));
        }

        return View("/Pages/Annotations/Hitl/_Hitl.cshtml", new HitlView(run, decisions, looked > MaxEvents));
    }
}
