using System.Globalization;
using System.Net;
using RunHub.Access;
using RunHub.IntegrationTests.Runs;

namespace RunHub.IntegrationTests.Search;

/// <summary>Whatever the pages show of a run's id finds the run: in the query line, over the API and in the palette.</summary>
public sealed class RunIdTests
{
    const string Run = "run_01M8P7RA8KEFG88AHZKEAVWQXY";

    [Theory, Engines]
    public async Task A_run_is_found_by_its_id_as_pages_show_it(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, [.. Enumerable.Range(0, 30).Select(i => (object)new { id = string.Create(CultureInfo.InvariantCulture, $"run_01M8P7RA8KEFG88AHZKEAV{i:D4}"), workflow_name = "w", status = "completed" }),
            new { id = Run, workflow_name = "w", status = "failed" }, new { id = "import-2026-nightly-00042", workflow_name = "w", status = "failed" }, new { id = "keav", workflow_name = "short", status = "failed" }]);
        await hub.IndexAsync();
        using var person = await hub.SignInAsync(Role.Viewer);
        foreach (var text in new[] { Run, "#01M8P7RA8KEFG88AHZKEAVWQXY", "01M8P7RA8KEFG88AHZKEAVWQXY", "01m8p7ra8kefg88ahzkeavwqxy", "run_01m8p7ra8kefg88ahzkeavwqxy", "RUN_01M8P7RA8KEFG88AHZKEAVWQXY", "01M8P7RA8KEFG88AHZKEAVW", "id:" + Run, "id:01m8p7ra8kefg88ahzkeavwqxy", "…KEAVWQXY", "KEAVWQXY", "keavwqxy" })
        {
            Assert.Equal([Run], await SearchHub.ListAsync(client, text));
            Assert.Equal([Run], await LineAsync(person, text));
            Assert.Equal("/runs/" + Run, (await PaletteAsync(person, text))[0]);
        }

        Assert.Equal(["import-2026-nightly-00042"], await SearchHub.ListAsync(client, "…ly-00042"));
        Assert.Empty(await SearchHub.ListAsync(client, "EAVWQXY"));
        Assert.Empty(await SearchHub.ListAsync(client, "8KEFG88A"));
        Assert.Equal([Run], await SearchHub.ListAsync(client, "#01M8P7RA8KEFG88AHZKEAVWQXY", "&status=failed&sort=duration"));
        Assert.Empty(await SearchHub.ListAsync(await hub.KeyAsync(tenant: "beta"), "…KEAVWQXY"));
    }

    [Theory, Engines]
    public async Task Pages_and_workflows_of_that_name_come_before_runs_with_the_text_and_after_ids(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, new { id = "a", workflow_name = "billing", status = "failed", diagnostics = new { error_message = "errors of the invoice service" } }, new { id = "b", workflow_name = "invoice_check", status = "completed" });
        await hub.IndexAsync();
        using var person = await hub.SignInAsync(Role.Viewer);
        // The palette gives the search a moment only.
        List<string> errors = [];
        await Eventually.TrueAsync(async () => (errors = await PaletteAsync(person, "errors")).Contains("/runs/a", StringComparer.Ordinal));
        Assert.Equal("/errors", errors[0]);
        Assert.Equal("/runs?workflow=invoice_check", (await PaletteAsync(person, "invoice"))[0]);
        await SearchHub.ReportAsync(client, new { id = "errors-1", workflow_name = "w", status = "completed" });
        Assert.Equal("/runs/errors-1", (await PaletteAsync(person, "errors"))[0]);
    }

    static async Task<List<string>> LineAsync(HttpClient person, string line)
    {
        using var asked = await person.GetAsync("/runs?query=" + Uri.EscapeDataString(line));
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        var page = await ViewTests.ParseAsync(await person.GetStringAsync(asked.Headers.Location));
        return [.. page.QuerySelectorAll("#rows tr[data-id]").Select(r => r.GetAttribute("data-id")!)];
    }

    static async Task<List<string>> PaletteAsync(HttpClient person, string text)
    {
        var page = await ViewTests.ParseAsync(await person.GetStringAsync("/palette?q=" + Uri.EscapeDataString(text)));
        return [.. page.QuerySelectorAll("[role=option][data-href]").Select(o => o.GetAttribute("data-href")!)];
    }
}
