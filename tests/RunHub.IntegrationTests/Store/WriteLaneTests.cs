using System.Globalization;
using RunHub.Store;
using RunHub.Store.Events;

namespace RunHub.IntegrationTests.Store;

public sealed class WriteLaneTests
{
    // A file does not hang up.
    [PostgresFact]
    public async Task Work_whose_connection_breaks_is_done_again_on_another()
    {
        await using var hub = await TestHub.StartAsync("PostgreSql");
        var tries = 0;
        var name = await hub.Get<WriteLane>().Run(async (scope, ct) =>
        {
            await scope.Sql.Prepare("UPDATE tenants SET name = name").ExecuteAsync(ct);
            if (++tries == 1)
            {
                var backend = await scope.Sql.Prepare("SELECT pg_backend_pid()").ScalarAsync<int>(ct);
                await using var other = await hub.Get<Database>().ReadAsync(ct);
                await other.Prepare("SELECT pg_terminate_backend(@pid)").With(backend).ScalarAsync<bool>(ct);
            }

            return await scope.Sql.Prepare("SELECT 'again'").ScalarAsync<string>(ct);
        }, CancellationToken.None);
        Assert.Equal(2, tries);
        Assert.Equal("again", name);
    }

    [Theory, Engines]
    public async Task Work_that_fails_in_a_shared_commit_is_undone_and_nothing_else(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var before = await CountAsync(hub, "events");
        // Twice: after the first failures the lane no longer hopes for the best.
        foreach (var round in (int[])[0, 100])
        {
            var outcomes = await TogetherAsync(hub, [.. Enumerable.Range(round, 30).Select(i => Piece(hub, i))]);
            for (var i = 0; i < outcomes.Length; i++) Assert.Equal(i % 10 is not (3 or 7), outcomes[i]);
        }

        var expected = Enumerable.Range(0, 30).Concat(Enumerable.Range(100, 30)).Where(i => i % 10 is not (3 or 7)).ToList();
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var written = await sql.Prepare("SELECT target FROM audit WHERE action = 'lane.tested'").ListAsync(r => int.Parse(r.GetString(0), CultureInfo.InvariantCulture), default);
        Assert.Equal(expected, written.Order());
        Assert.Equal(before + expected.Count, await CountAsync(hub, "events"));
    }

    [Theory, Engines]
    public async Task What_is_acknowledged_is_read_at_once_however_large_the_commit(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        foreach (var size in (int[])[1, 100_000, 119_000, 500_000, 3_000_000])
        {
            var detail = new string('x', size);
            await hub.Get<WriteLane>().Run(async (scope, ct) => await scope.AuditAsync(new AuditEntry(null, "system", "test", "lane.filled", "size", size.ToString(CultureInfo.InvariantCulture), detail), ct), default);
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            Assert.Equal(size + 2, await sql.Prepare("SELECT length(detail) FROM audit WHERE action = 'lane.filled' ORDER BY seq DESC LIMIT 1").ScalarAsync<long>(default));
            Assert.Equal(size, await sql.Prepare("SELECT length(replace(detail, '\"', '')) FROM audit WHERE action = 'lane.filled' ORDER BY seq DESC LIMIT 1").ScalarAsync<long>(default));
        }
    }

    /// <summary>Holds the lane until all of it waits, so that it shares commits.</summary>
    static async Task<bool[]> TogetherAsync(TestHub hub, IReadOnlyList<Func<Task>> pieces)
    {
        using var gate = new ManualResetEventSlim();
        var held = hub.Get<WriteLane>().Run((_, _) =>
        {
            gate.Wait();
            return ValueTask.CompletedTask;
        }, default);
        var tasks = pieces.Select(p => p()).ToList();
        gate.Set();
        await held;
        await Task.WhenAll(tasks.Select(t => t.ContinueWith(static _ => { }, TaskScheduler.Default)));
        return [.. tasks.Select(t => t.IsCompletedSuccessfully)];
    }

    /// <summary>Of ten one fails after it wrote, and one before.</summary>
    static Func<Task> Piece(TestHub hub, int number) => () => hub.Get<WriteLane>().Run(async (scope, ct) =>
    {
        if (number % 10 == 7) throw new InvalidDataException("refused");
        scope.Emit(new EventDraft(1, 1, EventType.RunUpdated, EventText.OfDeleted("x")));
        await scope.AuditAsync(new AuditEntry(null, "system", "test", "lane.tested", "piece", number.ToString(CultureInfo.InvariantCulture)), ct);
        if (number % 10 == 3) throw new InvalidDataException("undone");
    }, default);

    static async Task<long> CountAsync(TestHub hub, string table)
    {
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        return await sql.Prepare($"SELECT count(*) FROM {table}").ScalarAsync<long>(default);
    }
}
