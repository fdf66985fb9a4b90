using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Store;

namespace RunHub.Http;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can do its work.</summary>
static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", static context => context.Response.WriteJsonAsync(200, static json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "live");
            json.WriteEndObject();
        })).Access(Allow.Anyone).Doc(new("Is the process up") { Tag = "Health", Answers = [new(200, "It is.", "Health")] });
        app.MapGet("/health/ready", ReadyAsync).Access(Allow.Anyone).Doc(new("Can it do its work")
        {
            Tag = "Health",
            Description = "The database answers, all migrations are done, and the write lane takes work. Anything else is a 503.",
            Answers = [new(200, "It can.", "Health"), new(503, "It cannot; errors say why.", "Problem")],
        });
    }

    static async Task ReadyAsync(HttpContext context)
    {
        var faults = new List<Fault>();
        if (await DatabaseFaultAsync(context) is { } fault) faults.Add(fault);
        var lane = context.RequestServices.GetRequiredService<WriteLane>();
        var length = context.RequestServices.GetRequiredService<IOptions<DatabaseOptions>>().Value.QueueLength;
        if (lane.Waiting >= length) faults.Add(new Fault("write_lane", "Too many writes are waiting."));
        if (faults.Count > 0) throw new ProblemException(503, "Not ready.", string.Join(" ", faults.Select(f => f.Reason)), faults) { RetryAfter = 5 };
        var search = await context.RequestServices.GetRequiredService<Search.SearchRuns>().LagAsync(context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "ready");
            json.WriteNumber("waiting_writes", lane.Waiting);
            json.WriteNumber("search_lag_ms", (long)search.Lag.TotalMilliseconds);
            json.WriteEndObject();
        });
    }

    static async Task<Fault?> DatabaseFaultAsync(HttpContext context)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timeout.CancelAfter(TimeSpan.FromSeconds(3));
        try
        {
            var database = context.RequestServices.GetRequiredService<Database>();
            await using var sql = await database.ReadAsync(timeout.Token);
            // Fails while a migration that makes it is pending.
            await sql.Prepare("SELECT count(*) FROM (SELECT 1 FROM runs LIMIT 1) AS one").ScalarAsync<long>(timeout.Token);
            return context.RequestServices.GetRequiredService<Migrator>().IsDone ? null : new Fault("migrations", "Migrations are not done.");
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("RunHub.Http.Health").LogWarning(e, "The database does not answer");
            return new Fault("database", "The database does not answer.");
        }
    }
}
