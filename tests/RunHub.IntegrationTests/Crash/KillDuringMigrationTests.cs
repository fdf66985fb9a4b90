using System.Text;

namespace RunHub.IntegrationTests.Crash;

public sealed class KillDuringMigrationTests
{
    [Theory, Engines]
    public async Task A_start_that_is_killed_while_migrating_is_followed_by_one_that_works(string engine)
    {
        var random = new Random(11);
        for (var kills = 0; kills < Kills.Count;)
        {
            await using var database = await TestDatabase.CreateAsync(engine);
            // Up to three in a row on one database: the second start meets what the first one left.
            for (var again = 0; again < 3 && kills < Kills.Count; again++)
            {
                await using var hub = HubProcess.Start(database.Settings);
                // The start before this one may have been killed after its last migration: then there is none to print.
                await hub.PrintedAsync("Migrating core", "Now listening");
                await Task.Delay(random.Next(0, 120));
                Assert.False(hub.Process.HasExited, hub.Output);
                await hub.KillAsync();
                kills++;
                if (hub.Output.Contains("Now listening", StringComparison.Ordinal)) break; // too late: this database is done
            }

            await using var next = HubProcess.Start(database.Settings);
            await next.ReadyAsync();
            using var content = new StringContent("""{"id":"after","workflow_name":"crash","status":"completed"}""", Encoding.UTF8, "application/json");
            using var answer = await next.Client.PostAsync("/api/runs", content);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            Assert.Contains("\"after\"", await next.Client.GetStringAsync("/api/runs/after"), StringComparison.Ordinal);
        }
    }
}
