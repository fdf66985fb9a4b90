using System.IO.Pipelines;
using System.Text.Json;
using RunHub.Access;
using RunHub.Bulk;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Runs.Export;
using RunHub.Store;

namespace RunHub.Runs.Bulk;

/// <summary>
/// <c>export</c>: a file of the runs, made in the background and kept for some days. The settings are the parameters of
/// <c>GET /api/runs/export</c>: <c>format</c>, <c>include</c> (a list), <c>columns</c> (a text), <c>exact</c>, <c>bom</c>.
/// </summary>
sealed class ExportBulk(Database database, IServiceProvider services) : IBulkFileKind
{
    const int RunsOfAPart = 200;
    static readonly JsonSerializerOptions Options = new(ApiJson.Options) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public string Name => "export";

    public AccessAttribute Needs => Allow.Operators;

    public bool CanUndo => false;

    public IBulkWork Prepare(Caller caller, string settings) => new Work(database, services, caller.Tenant, Read(settings));

    public (string ContentType, string Extension) TypeOf(string settings) => Read(settings).Format is var format ? (format.ContentType, format.Extension) : default;

    public ReadOnlyMemory<byte> End(string settings) => Read(settings).Format.Name == "json" ? "\n]\n"u8.ToArray() : default;

    static ExportChoice Read(string settings)
    {
        try
        {
            var chosen = JsonSerializer.Deserialize<Chosen>(settings, Options) ?? throw new JsonException("an object is wanted.");
            var choice = ExportChoice.Read(chosen.Format, chosen.Include ?? [], chosen.Columns, chosen.Exact, chosen.Bom, "$.action.");
            return choice.HasParts ? choice : throw ProblemException.Invalid("$.action.format", "A notebook holds some hundred runs at most: export it from the list, not as a bulk action.");
        }
        catch (JsonException e)
        {
            throw ProblemException.Invalid("$.action", "These are not the settings of this kind: " + e.Message.Split(" Path:")[0]);
        }
    }

    sealed record Chosen(string? Kind = null, string? Format = null, IReadOnlyList<string>? Include = null, string? Columns = null, bool Exact = false, bool Bom = false);

    sealed class Work(Database database, IServiceProvider services, Tenant tenant, ExportChoice choice) : IBulkFileWork
    {
        public int PartSize => RunsOfAPart;

        public async Task<IReadOnlyList<string?>> WriteAsync(PipeWriter to, bool isFirst, IReadOnlyList<string> runIds, CancellationToken cancellationToken)
        {
            var target = new ExportTarget(to, database, new ExportSource(tenant, RunFilter.None, choice.Include));
            var writer = choice.WriterFor(target, services, goesOn: !isFirst);
            await using var dispose = writer as IAsyncDisposable;
            var reasons = new string?[runIds.Count];
            var begun = !isFirst;
            for (var i = 0; i < runIds.Count; i++)
            {
                RunRow? run;
                await using (var sql = await database.ReadAsync(cancellationToken)) run = await RunReader.FindAsync(sql, tenant.No, runIds[i], cancellationToken);
                if (run is null)
                {
                    reasons[i] = ProblemException.NotFound("run", runIds[i]).Detail;
                    continue;
                }

                // The head belongs to the first part that has a run.
                if (!begun) await writer.BeginAsync(cancellationToken);
                begun = true;
                await writer.WriteAsync(run, cancellationToken);
            }

            if (begun && choice.Format.Name != "json") await writer.EndAsync(cancellationToken);
            else await target.FlushAsync(cancellationToken);
            return reasons;
        }
    }
}
