using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace RunHub.IntegrationTests.Demo;

public sealed partial class DemoTests
{
    [Fact]
    public async Task The_demo_shows_two_weeks_of_two_tenants_signs_in_once_and_goes_on()
    {
        var folder = Directory.CreateTempSubdirectory("runhub-demo-").FullName;
        try
        {
            await using var demo = HubProcess.Start(new Dictionary<string, string?>(StringComparer.Ordinal), folder: folder, arguments: ["demo"]);
            await demo.PrintedAsync("Ctrl+C stops it");
            Assert.Contains("Sign in once", demo.Output, StringComparison.Ordinal);

            await using var database = new SqliteConnection($"Data Source={Path.Combine(folder, "data-demo", "runhub.db")};Mode=ReadOnly;Pooling=False");
            await database.OpenAsync();
            Assert.InRange(await CountAsync(database, "SELECT count(*) FROM runs"), 4000, 7000);
            Assert.Equal(2, await CountAsync(database, "SELECT count(DISTINCT tenant_no) FROM runs"));
            Assert.Equal(6, await CountAsync(database, "SELECT count(DISTINCT workflow_name) FROM runs"));
            Assert.InRange(await CountAsync(database, "SELECT (max(sort_at) - min(sort_at)) / 86400000000 FROM runs"), 13, 14);
            Assert.Equal(6, await CountAsync(database, "SELECT count(DISTINCT status) FROM runs"));
            Assert.True(await CountAsync(database, "SELECT count(*) FROM runs WHERE parent_run_id IS NOT NULL AND attempt = 2") > 10);
            Assert.True(await CountAsync(database, "SELECT count(*) FROM runs WHERE status = 4 AND error_message IS NOT NULL") > 50);
            Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM runs WHERE step_count = 0 AND status > 2"));

            using var handler = new HttpClientHandler { AllowAutoRedirect = true, CookieContainer = new CookieContainer() };
            using var browser = new HttpClient(handler) { BaseAddress = demo.Client.BaseAddress };
            var link = Link().Match(demo.Output).Value;
            Assert.Contains("invoice_extraction", await (await browser.GetAsync(link)).EnsureSuccessStatusCode().Content.ReadAsStringAsync() + await browser.GetStringAsync("/runs"), StringComparison.Ordinal);

            var before = await CountAsync(database, "SELECT count(*) FROM events");
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (await CountAsync(database, "SELECT count(*) FROM events") < before + 3) await Task.Delay(200, limit.Token);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<long> CountAsync(SqliteConnection database, string sql)
    {
        await using var command = database.CreateCommand();
        command.CommandText = sql;
        return (long)(await command.ExecuteScalarAsync())!;
    }

    [GeneratedRegex(@"http://\S+/sign-in/once\S+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
