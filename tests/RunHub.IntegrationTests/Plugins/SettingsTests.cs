using System.Globalization;
using RunHub.Plugins;
using RunHub.Store;

namespace RunHub.IntegrationTests.Plugins;

public sealed class SettingsTests
{
    static Dictionary<string, string> Good => new()
    {
        ["Workflow"] = "Facturas", ["MaxLines"] = "1", ["Accuracy"] = "0.25", ["Currency"] = "Usd", ["KeepTotals"] = "", ["Site"] = "https://crm.example.com/", ["Notes"] = "two\nlines",
    };

    [Fact]
    public async Task Makes_a_form_of_the_settings_class()
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync();
        var fields = (await hub.Get<PluginHost>().SettingsAsync("good", "invoice", default))!;
        Assert.Equal(
            [
                ("Workflow", SettingsFieldKind.Text, "Invoices"), ("MaxLines", SettingsFieldKind.Whole, "50"), ("Accuracy", SettingsFieldKind.Number, "0.5"), ("Currency", SettingsFieldKind.Choice, "Eur"),
                ("KeepTotals", SettingsFieldKind.Switch, "true"), ("Site", SettingsFieldKind.Url, ""), ("Notes", SettingsFieldKind.LongText, ""),
            ],
            fields.Select(f => (f.Name, f.Kind, f.Value)));
        Assert.Equal(("Name of the workflow.", true, 40), (fields[0].Description, fields[0].Required, fields[0].MaxLength!.Value));
        Assert.Equal(("1", "99"), (fields[1].Min, fields[1].Max));
        Assert.Equal(["Usd", "Eur"], fields[3].Options);
        Assert.Null(await hub.Get<PluginHost>().SettingsAsync("good", "plain", default));
    }

    [Fact]
    public async Task Speaks_the_readers_language_where_the_plugin_does()
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true);
        CultureInfo.CurrentUICulture = new CultureInfo("es");
        Assert.Equal("Dirección del lead", (await hub.Get<PluginHost>().SettingsAsync("precrafter", "precrafter", default))!.Single(f => f.Name == "LeadUrl").Label);
        CultureInfo.CurrentUICulture = new CultureInfo("en");
        Assert.Equal("Lead address", (await hub.Get<PluginHost>().SettingsAsync("precrafter", "precrafter", default))!.Single(f => f.Name == "LeadUrl").Label);
    }

    [Theory, Engines]
    public async Task Are_in_force_at_once_and_after_a_restart_and_audited(string engine)
    {
        using var folder = new PluginFolder("Good");
        await using var database = await TestDatabase.CreateAsync(engine);
        await using (var hub = await folder.StartAsync(engine, database))
        {
            Assert.Empty(await hub.Get<PluginHost>().SaveSettingsAsync(PluginFolder.Admin, "good", "invoice", Good, default));
            await AssertInForceAsync(hub);
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            var detail = await sql.Prepare("SELECT detail FROM audit WHERE action = 'plugin.settings_changed'").ScalarAsync<string>(default);
            Assert.Contains("\"Workflow\":{\"to\":\"Facturas\"}", detail!.Replace("\"from\":null,", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        await using (var again = await folder.StartAsync(engine, database)) await AssertInForceAsync(again);

        static async Task AssertInForceAsync(TestHub hub)
        {
            var type = hub.Get<WorkflowTypes>().Find("invoice")!;
            Assert.Equal("https://crm.example.com/leads/{lead_id}", type.Info.LeadUrl);
            var run = (await type.MapAsync(new PayloadDocument("invoice", JsonPayload.Parse("""{"number":"1","lines":[1,2]}"""), default), default)).Runs[0];
            Assert.Equal(("Facturas", "Usd"), (run.WorkflowName, Assert.Single(run.Steps!).Tool));
        }
    }

    [Theory]
    [InlineData("Workflow", "", "Required")]
    [InlineData("Workflow", "12345678901234567890123456789012345678901", "TooLong")]
    [InlineData("MaxLines", "many", "NotAWhole")]
    [InlineData("MaxLines", "", "Required")]
    [InlineData("MaxLines", "100", "Range")]
    [InlineData("Accuracy", "1,5", "NotANumber")]
    [InlineData("Accuracy", "1.5", "Range")]
    [InlineData("Currency", "Peso", "NotAChoice")]
    [InlineData("Currency", "1", "NotAChoice")]
    [InlineData("Site", "ftp://x", "NotAUrl")]
    public async Task Are_refused_as_a_whole_when_one_is_wrong(string field, string value, string problem)
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync();
        var fault = Assert.Single(await hub.Get<PluginHost>().SaveSettingsAsync(PluginFolder.Admin, "good", "invoice", new Dictionary<string, string>(Good) { [field] = value }, default));
        Assert.Equal((field, problem), (fault.Name, fault.Problem));
        Assert.Null(hub.Get<WorkflowTypes>().Find("invoice")!.Info.LeadUrl);
    }
}
