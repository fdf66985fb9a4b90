using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.IntegrationTests.Crash;

public sealed class KillDuringIngestTests
{
    const int Clients = 6;

    [Theory, Engines]
    public async Task What_was_acknowledged_is_there_and_nothing_is_half_there(string engine)
    {
        await using var database = await TestDatabase.CreateAsync(engine);
        var acknowledged = new ConcurrentBag<string>();
        var random = new Random(7);
        for (var kill = 0; kill < Kills.Count; kill++)
        {
            await using var hub = HubProcess.Start(database.Settings);
            await hub.ReadyAsync();
            var before = acknowledged.Count;
            var clients = Enumerable.Range(0, Clients).Select(client => ReportAsync(hub.Client, kill, client, acknowledged)).ToList();
            await Task.Delay(random.Next(60, 450));
            while (acknowledged.Count == before) await Task.Delay(5); // on a busy machine: let it get going first
            await hub.KillAsync();
            await Task.WhenAll(clients);
        }

        await using var last = await TestHub.StartAsync(engine, database: database);
        await using var sql = await last.Get<Database>().ReadAsync(default);
        var stored = await sql.Prepare("""
            SELECT r.id, r.step_count,
              (SELECT count(*) FROM steps s WHERE s.run_no = r.run_no),
              (SELECT count(*) FROM events e WHERE e.run_no = r.run_no),
              (SELECT count(*) FROM payloads p WHERE p.run_no = r.run_no)
            FROM runs r
            """).ListAsync(r => (Id: r.GetString(0), Said: r.GetInt64(1), Steps: r.GetInt64(2), Events: r.GetInt64(3), Payloads: r.GetInt64(4)), default);

        Assert.True(acknowledged.Count >= Kills.Count);
        Assert.Empty(acknowledged.Except(stored.Select(r => r.Id), StringComparer.Ordinal).Take(5));
        // The id says how many steps were posted with the run: c{kill}-{client}-{number}-s{steps}.
        Assert.Empty(stored.Where(r => r.Steps != StepsOf(r.Id) || r.Said != r.Steps || r.Events == 0 || r.Payloads == 0).Take(5));
        Assert.Equal(stored.Count, await CountedAsync(sql));
    }

    /// <summary>Reports runs until the connection breaks: singles, and every third request a batch.</summary>
    static async Task ReportAsync(HttpClient http, int kill, int client, ConcurrentBag<string> acknowledged)
    {
        for (var number = 0; ; number++)
        {
            var ids = Enumerable.Range(0, number % 3 == 2 ? 20 : 1).Select(i => $"c{kill}-{client}-{number}.{i}-s{(number + i) % 5}").ToList();
            var body = ids.Count == 1 ? Run(ids[0]) : "[" + string.Join(',', ids.Select(Run)) + "]";
            try
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await http.PostAsync("/api/runs", content);
                if (answer.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable) continue;
                var text = await answer.Content.ReadAsStringAsync();
                Assert.True(answer.IsSuccessStatusCode, text);
                foreach (var id in ids) acknowledged.Add(id);
            }
            catch (HttpRequestException)
            {
                return; // killed
            }
        }
    }

    static string Run(string id)
    {
        var steps = string.Join(',', Enumerable.Range(0, StepsOf(id)).Select(i => $$"""
            {"id":"s{{i}}","name":"step_{{i}}","type":"tool","status":"completed","duration_ms":{{i + 1}},"io":{"input_redacted":{"n":{{i}} },"output_redacted":{"text":"{{new string('x', 200)}}"} } }
            """));
        return $$"""
            {"id":"{{id}}","workflow_name":"crash","status":"completed","duration_ms":12,"inputs_summary":{"id":"{{id}}"},"steps":[{{steps}}]}
            """;
    }

    static int StepsOf(string id) => int.Parse(id[(id.LastIndexOf('s') + 1)..], CultureInfo.InvariantCulture);

    /// <summary>Runs as the rollups count them: folded cells and deltas not folded yet.</summary>
    static async Task<long> CountedAsync(SqlSession sql)
    {
        var cells = await sql.Prepare("SELECT data FROM run_rollups").ListAsync(r => (byte[])r.GetValue(0), default);
        cells.AddRange(await sql.Prepare("SELECT data FROM rollup_deltas WHERE kind = 0").ListAsync(r => (byte[])r.GetValue(0), default));
        return cells.Sum(c => RollupCell.FromBytes(c).Total);
    }
}
