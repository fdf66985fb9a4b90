using RunHub.Access;
using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Otlp.Silence;

/// <summary>
/// Ends runs whose root never came: after the tenant's silence what is held decides. Core looks again inside the write lane,
/// so a span that comes meanwhile wins.
/// </summary>
sealed class EndSilentRuns(Database database, IngestRuns ingest, OtlpSettings settings, TimeProvider time)
{
    const int Most = 500;

    /// <summary>Looks once through all tenants.</summary>
    /// <returns>How many runs ended.</returns>
    public async Task<int> HandleAsync(CancellationToken cancellationToken)
    {
        var ended = 0;
        foreach (var tenant in await TenantsAsync(cancellationToken))
        {
            var since = time.GetUtcNow() - (await settings.OfAsync(tenant.No, cancellationToken)).Silence;
            var silent = await SilentAsync(tenant.No, since, cancellationToken);
            if (silent.Count == 0) continue;
            var caller = new Caller(CallerKind.Key, 0, "otlp", tenant, Role.None, KeyScopes.Ingest, IsInstallationAdmin: false);
            var batch = new RunBatch { Runs = [.. silent.Select(id => new RunWrite { Id = id, Derived = new DerivedRun { SilentSince = since } })] };
            var result = await ingest.HandleAsync(caller, batch, atomic: false, cancellationToken);
            ended += result.Accepted.Count(r => r.Status.IsFinal());
        }

        return ended;
    }

    async Task<List<Tenant>> TenantsAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT tenant_no, id, name FROM tenants").ListAsync(r => new Tenant(r.GetInt64(0), r.GetString(1), r.GetString(2)), cancellationToken);
    }

    async Task<List<string>> SilentAsync(long tenantNo, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var found = new List<string>();
        foreach (var lane in Enum.GetValues<Lane>())
        {
            found.AddRange(await sql.Prepare($"""
                SELECT id FROM runs WHERE tenant_no = @tenant_no AND lane_status = @lane_status AND flags & {(long)RunFlags.DerivedStatus} <> 0 AND updated_at <= @since
                ORDER BY sort_at LIMIT {Most}
                """).With(tenantNo, new RunRow { Lane = lane, Status = RunStatus.Running }.LaneStatus, since.ToMicros()).ListAsync(r => r.GetString(0), cancellationToken));
        }

        return found;
    }
}
