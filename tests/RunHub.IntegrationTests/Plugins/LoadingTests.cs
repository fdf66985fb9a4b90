using RunHub.Plugins;

namespace RunHub.IntegrationTests.Plugins;

public sealed class LoadingTests
{
    [Fact]
    public async Task Loads_what_is_good_and_says_why_the_rest_is_not()
    {
        using var folder = new PluginFolder("Good", "ThrowsInRegister", "HangsInRegister", "WrongContract", "ShipsContract", "TwoPlugins");
        await using var hub = await folder.StartAsync(settings: new() { ["Plugins:LoadTimeoutMs"] = "3000" });

        var reports = hub.Get<PluginHost>().Reports.ToDictionary(r => r.Id);
        Assert.Equal(PluginState.Loaded, reports["good"].State);
        Assert.Null(reports["good"].Reason);
        Assert.Equal(("Good plugin", "1.2.3", 1, "A test plugin."), (reports["good"].Name, reports["good"].Version, reports["good"].Contract, reports["good"].Description));
        Assert.Equal(["invoice: map,present (settings)", "plain: "], reports["good"].Types.Select(t => t.Type + ": " + string.Join(',', t.Capabilities) + (t.HasSettings ? " (settings)" : "")));

        AssertFailed("throws-in-register", "No licence found.");
        AssertFailed("hangs-in-register", "did not finish to Register within 3000 ms");
        AssertFailed("wrong-contract", "contract 99; this RunHub has contract 1");
        AssertFailed("ships-contract", "ships its own RunHub.Abstractions.dll");
        AssertFailed("two-plugins", "FirstPlugin, SecondPlugin");
        Assert.Equal(["Invoices", "Plain"], hub.Get<WorkflowTypes>().All.Select(t => t.Info.DisplayName));

        void AssertFailed(string id, string reason)
        {
            Assert.Equal(PluginState.Failed, reports[id].State);
            Assert.Contains(reason, reports[id].Reason, StringComparison.Ordinal);
            Assert.Equal(reports[id].Reason, Assert.Single(reports[id].Errors).Message);
        }
    }

    [Theory]
    [InlineData(null, "The folder has no plugin.json.")]
    [InlineData("", "plugin.json is not JSON")]
    [InlineData("\u0000\u0001garbage", "plugin.json is not JSON")]
    [InlineData("[]", "plugin.json is not a JSON object.")]
    [InlineData("""{"id":"Good","version":"1","contract":1,"assembly":"Good.dll","name":"n"}""", "\"id\" must be")]
    [InlineData("""{"id":"../x","version":"1","contract":1,"assembly":"Good.dll","name":"n"}""", "\"id\" must be")]
    [InlineData("""{"id":"good","version":1,"contract":1,"assembly":"Good.dll","name":"n"}""", "\"version\" must be")]
    [InlineData("""{"id":"good","version":"1","contract":"1","assembly":"Good.dll","name":"n"}""", "\"contract\" must be")]
    [InlineData("""{"id":"good","version":"1","contract":1,"assembly":"../Good/Good.dll","name":"n"}""", "\"assembly\" must be")]
    [InlineData("""{"id":"good","version":"1","contract":1,"assembly":"Other.dll","name":"n"}""", "The folder has no Other.dll.")]
    [InlineData("""{"id":"good","version":"1","contract":1,"assembly":"Good.dll"}""", "\"name\" must be")]
    [InlineData("""{"id":"good","version":"1","contract":1,"assembly":"Good.dll","name":"\ud800"}""", "\"name\" contains half")]
    public async Task Says_what_is_wrong_with_a_manifest(string? manifest, string reason)
    {
        using var folder = new PluginFolder();
        var file = Path.Combine(folder.Add("Good", "good-folder"), "plugin.json");
        if (manifest is null) File.Delete(file);
        else await File.WriteAllTextAsync(file, manifest);
        await using var hub = await folder.StartAsync();

        var report = Assert.Single(hub.Get<PluginHost>().Reports);
        Assert.Equal(PluginState.Failed, report.State);
        Assert.Contains(reason, report.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_an_assembly_that_is_none()
    {
        using var folder = new PluginFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Add("Good"), "Good.dll"), "not an assembly");
        await using var hub = await folder.StartAsync();
        Assert.Contains("BadImageFormatException", Assert.Single(hub.Get<PluginHost>().Reports).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_second_plugin_with_the_same_id_and_one_that_wants_a_type_that_is_taken()
    {
        using var folder = new PluginFolder("TakesType");
        folder.Add("Good", "good-1");
        folder.Add("Good", "good-2");
        await using var hub = await folder.StartAsync(shipped: true);

        var reports = hub.Get<PluginHost>().Reports;
        var second = reports.Single(r => r.Folder.EndsWith("good-2", StringComparison.Ordinal));
        Assert.Contains("Another folder holds a plugin with the id good", second.Reason, StringComparison.Ordinal);
        // The folders are taken in their order: TakesType comes before the shipped ones.
        var precrafter = reports.Single(r => r.Id == "precrafter");
        Assert.Equal("The workflow type precrafter belongs to the plugin takes-type already.", precrafter.Reason);
        Assert.Equal("Takes", hub.Get<WorkflowTypes>().Find("PreCrafter")!.Info.DisplayName);
    }

    [Fact]
    public async Task Finds_a_plugin_dropped_in_later_and_one_that_was_mended()
    {
        using var folder = new PluginFolder();
        var broken = folder.Add("Good");
        File.Delete(Path.Combine(broken, "Good.dll"));
        await using var hub = await folder.StartAsync();
        var host = hub.Get<PluginHost>();
        Assert.Equal(PluginState.Failed, Assert.Single(host.Reports).State);

        folder.Add("Good");
        folder.Add("ThrowsInMap");
        await host.RefreshAsync(default);
        Assert.Equal([("good", PluginState.Loaded), ("throws-in-map", PluginState.Loaded)], host.Reports.Select(r => (r.Id, r.State)));
    }

    [Fact]
    public async Task Ships_precrafter_and_crafter()
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true);
        Assert.Equal(["Crafter", "PreCrafter"], hub.Get<WorkflowTypes>().All.Select(t => t.Info.DisplayName));
        Assert.All(hub.Get<WorkflowTypes>().All, t => Assert.Equal(["map", "present"], t.Capabilities));
        foreach (var report in hub.Get<PluginHost>().Reports)
            Assert.DoesNotContain(Directory.EnumerateFiles(report.Folder, "*", SearchOption.AllDirectories), f => f.EndsWith("RunHub.Abstractions.dll", StringComparison.OrdinalIgnoreCase));
    }
}
