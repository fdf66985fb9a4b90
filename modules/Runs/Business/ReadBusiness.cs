using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Runs.Business;

/// <summary>What a run was worth, as far as somebody said.</summary>
/// <param name="FirstPassSuccess">It was right the first time.</param>
/// <param name="Accuracy">Usually 0 to 1.</param>
/// <param name="ThroughputDelta">Against before; the unit is the workflow's.</param>
/// <param name="CustomerExperienceIndex">The index.</param>
/// <param name="TimeToFeature">Milliseconds.</param>
/// <param name="ExperienceNotes">Notes.</param>
public sealed record BusinessFigures(bool? FirstPassSuccess, double? Accuracy, double? ThroughputDelta, double? CustomerExperienceIndex, long? TimeToFeature, string? ExperienceNotes)
{
    /// <summary>Nothing was said.</summary>
    public bool IsEmpty => this is { FirstPassSuccess: null, Accuracy: null, ThroughputDelta: null, CustomerExperienceIndex: null, TimeToFeature: null, ExperienceNotes: null };
}

/// <summary>A value before, and the run it stands in.</summary>
/// <typeparam name="T">Its type.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="RunId">The last good run that has one.</param>
public readonly record struct Before<T>(T Value, string RunId);

/// <summary>The values of the last good runs of a workflow before this one, in its environment and lane: of each figure the latest there is.</summary>
/// <param name="FirstPassSuccess">See <see cref="BusinessFigures"/>.</param>
/// <param name="Accuracy">See there.</param>
/// <param name="ThroughputDelta">See there.</param>
/// <param name="CustomerExperienceIndex">See there.</param>
/// <param name="TimeToFeature">See there.</param>
public sealed record BusinessBefore(Before<bool>? FirstPassSuccess, Before<double>? Accuracy, Before<double>? ThroughputDelta, Before<double>? CustomerExperienceIndex, Before<long>? TimeToFeature);

/// <summary>Reads a run's business figures and those before it.</summary>
public static class ReadBusiness
{
    const int Looked = 200;

    static readonly RowProjection<RunRow> Columns = RunRow.Table.Project("id", "environment", "first_pass_success", "accuracy", "throughput_delta", "customer_experience_index", "time_to_feature");

    /// <summary>The run's own.</summary>
    public static async Task<BusinessFigures> OfAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var notes = run.Extra is null ? null : RunExtra.Read((await RunReader.PayloadsAsync(sql, run.RunNo, [run.Extra], cancellationToken))[run.Extra]).ExperienceNotes;
        return new BusinessFigures(run.FirstPassSuccess, run.Accuracy, run.ThroughputDelta, run.CustomerExperienceIndex, run.TimeToFeature, notes);
    }

    /// <summary>Those before it, among the newest 200 completed runs.</summary>
    public static async Task<BusinessBefore> BeforeAsync(SqlSession sql, RunRow run, CancellationToken cancellationToken)
    {
        var runs = await sql.Prepare($"""
            SELECT {Columns.Sql} FROM runs
            WHERE tenant_no = @tenant_no AND workflow_name = @workflow_name AND lane_status = @lane_status AND (sort_at, run_no) < (@sort_at, @run_no)
            ORDER BY sort_at DESC, run_no DESC LIMIT {Looked}
            """).With(run.TenantNo, run.WorkflowName, (long)run.Lane * 8 + (long)RunStatus.Completed, run.SortAt, run.RunNo).ListAsync(r => Columns.Read(r), cancellationToken);
        runs.RemoveAll(r => r.Environment != run.Environment);
        return new BusinessBefore(Latest(r => r.FirstPassSuccess), Latest(r => r.Accuracy), Latest(r => r.ThroughputDelta), Latest(r => r.CustomerExperienceIndex), Latest(r => r.TimeToFeature));

        Before<T>? Latest<T>(Func<RunRow, T?> of) where T : struct => runs.Find(r => of(r) is not null) is { } found ? new Before<T>(of(found)!.Value, found.Id) : null;
    }
}
