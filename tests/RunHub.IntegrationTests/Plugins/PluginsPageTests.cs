using System.Net;
using System.Text.Json;
using AngleSharp.Html.Parser;
using RunHub.Access;
using RunHub.Plugins;

namespace RunHub.IntegrationTests.Plugins;

public sealed class PluginsPageTests
{
    [Fact]
    public async Task Shows_each_plugin_with_its_state_and_reason()
    {
        using var folder = new PluginFolder("Good", "WrongContract");
        await using var hub = await folder.StartAsync(shipped: true);
        using var admin = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        var page = await new HtmlParser().ParseDocumentAsync(await admin.GetStringAsync("/admin/plugins"));

        Assert.Equal(["plugin-crafter", "plugin-good", "plugin-precrafter", "plugin-wrong-contract"], page.QuerySelectorAll("section.card[id^='plugin-']").Select(c => c.Id!));
        Assert.Equal("Loaded", page.QuerySelector("#plugin-good .badge.green")!.TextContent);
        Assert.Contains("takes documents", page.QuerySelector("#plugin-good dl")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("Not loaded", page.QuerySelector("#plugin-wrong-contract .badge.red")!.TextContent);
        Assert.Contains("contract 99; this RunHub has contract 1", page.QuerySelector("#plugin-wrong-contract .alert")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(folder.Path, page.QuerySelectorAll("code").Select(c => c.TextContent));
        Assert.Equal("PreCrafter", page.QuerySelector("#settings-precrafter input[name='set.WorkflowName']")!.GetAttribute("value"));
    }

    [Theory]
    [InlineData("es")]
    [InlineData("es-MX")]
    [InlineData("de;q=0.9, es-ES;q=0.8, en;q=0.7")]
    public async Task Speaks_spanish(string asked)
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true);
        using var admin = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        admin.DefaultRequestHeaders.AcceptLanguage.ParseAdd(asked);
        var page = WebUtility.HtmlDecode(await admin.GetStringAsync("/admin/plugins"));
        Assert.Contains("Cargado", page, StringComparison.Ordinal);
        Assert.Contains("Dirección del lead", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switches_a_plugin_off_and_on()
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync();
        using var admin = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        using (var off = await TestHub.PostFormAsync(admin, "/admin/plugins", new() { ["id"] = "good" }, "/admin/plugins?handler=Disable")) Assert.Equal("/admin/plugins", off.Headers.Location?.ToString());
        Assert.Null(hub.Get<WorkflowTypes>().Find("invoice"));
        using (var on = await TestHub.PostFormAsync(admin, "/admin/plugins", new() { ["id"] = "good" }, "/admin/plugins?handler=Enable")) Assert.Equal("/admin/plugins", on.Headers.Location?.ToString());
        Assert.NotNull(hub.Get<WorkflowTypes>().Find("invoice"));
    }

    [Fact]
    public async Task Looking_again_leads_back_to_the_page_so_that_loading_it_anew_does_nothing_twice()
    {
        using var folder = new PluginFolder("Good");
        await using var hub = await folder.StartAsync();
        using var admin = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        using (var plain = await TestHub.PostFormAsync(admin, "/admin/plugins", [], "/admin/plugins?handler=Refresh"))
        {
            Assert.Equal(HttpStatusCode.Redirect, plain.StatusCode);
            Assert.Equal("/admin/plugins", plain.Headers.Location?.ToString());
        }

        admin.DefaultRequestHeaders.Add("HX-Request", "true");
        using var script = await TestHub.PostFormAsync(admin, "/admin/plugins", [], "/admin/plugins?handler=Refresh");
        Assert.Equal(HttpStatusCode.OK, script.StatusCode);
        Assert.StartsWith("<div id=\"plugins\"", (await script.Content.ReadAsStringAsync()).TrimStart(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Saves_settings_and_says_what_is_wrong_with_them()
    {
        using var folder = new PluginFolder();
        await using var hub = await folder.StartAsync(shipped: true);
        using var admin = await hub.SignInAsync(Role.Admin, installationAdmin: true);
        Dictionary<string, string> Form(string url) => new() { ["id"] = "crafter", ["type"] = "crafter", ["set.WorkflowName"] = "Crafter", ["set.LeadUrl"] = url };

        using var refused = await TestHub.PostFormAsync(admin, "/admin/plugins", Form("crm"), "/admin/plugins?handler=Settings");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var page = await new HtmlParser().ParseDocumentAsync(await refused.Content.ReadAsStringAsync());
        Assert.Equal("An address that begins with http:// or https:// is needed.", page.QuerySelector("#crafter-LeadUrl-fault")!.TextContent);
        Assert.Equal("crm", page.QuerySelector("#crafter-LeadUrl")!.GetAttribute("value"));

        using var saved = await TestHub.PostFormAsync(admin, "/admin/plugins", Form("https://crm.example.com/leads/{lead_id}"), "/admin/plugins?handler=Settings");
        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        Assert.Contains("The settings of Crafter are saved and in force.", await admin.GetStringAsync("/admin/plugins"), StringComparison.Ordinal);
        Assert.DoesNotContain("are saved and in force", await admin.GetStringAsync("/admin/plugins"), StringComparison.Ordinal);
        Assert.Equal("https://crm.example.com/leads/{lead_id}", hub.Get<WorkflowTypes>().Find("crafter")!.Info.LeadUrl);
    }

    [Fact]
    public async Task Is_for_admins_of_the_installation()
    {
        using var folder = new PluginFolder("Good", "TwoPlugins");
        await using var hub = await folder.StartAsync();
        using var tenantAdmin = await hub.SignInAsync(Role.Admin);
        Assert.Equal(HttpStatusCode.Forbidden, (await tenantAdmin.GetAsync("/admin/plugins")).StatusCode);
        using var tenantKey = await hub.KeyAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await tenantKey.GetAsync("/api/admin/plugins")).StatusCode);

        using var key = await hub.KeyAsync(installationAdmin: true);
        var plugins = JsonDocument.Parse(await key.GetStringAsync("/api/admin/plugins")).RootElement.GetProperty("plugins");
        Assert.Equal(["good loaded", "two-plugins failed"], plugins.EnumerateArray().Select(p => p.GetProperty("id").GetString() + " " + p.GetProperty("state").GetString()));
        Assert.Equal("map", plugins[0].GetProperty("types")[0].GetProperty("capabilities")[0].GetString());
        Assert.Contains("SecondPlugin", plugins[1].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }
}
