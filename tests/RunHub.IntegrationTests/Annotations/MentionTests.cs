using System.Net;
using RunHub.Access;
using static RunHub.IntegrationTests.Api.JsonCalls;

namespace RunHub.IntegrationTests.Annotations;

/// <summary>Members are mentioned, told, and read it; forms work without script.</summary>
public sealed class MentionTests
{
    [Theory, Engines]
    public async Task Members_are_mentioned_and_nobody_else(string engine)
    {
        await using var hub = await AnnotationTests.StartAsync(engine);
        var (acme, beta) = (await hub.TenantAsync(), await hub.TenantAsync("beta"));
        var ana = await hub.PersonAsync("ana.ruiz@acme.example", Role.Viewer, acme);
        await hub.PersonAsync("tom@acme.example", Role.Viewer, acme);
        await hub.PersonAsync("tom@other.example", Role.Viewer, acme);
        await hub.PersonAsync("eve@beta.example", Role.Admin, beta);
        using var oper = await hub.SignInAsync(Role.Operator);
        var id = await AnnotationTests.AddAsync(oper, new { note = "Look, @ana.ruiz@acme.example. And @eve@beta.example, @tom (two of them), mail@ana.ruiz@acme.example" });
        var url = "/api/runs/r1/annotations/" + id;
        Assert.Equal(["ana.ruiz@acme.example"], (await GetAsync(oper, url)).GetProperty("mentions").EnumerateArray().Select(m => m.GetString()));

        using var browser = hub.Browser(ana, acme);
        var page = await browser.GetStringAsync("/mentions");
        Assert.Contains("<span class=\"mention\">@ana.ruiz@acme.example</span>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<span class=\"mention\">@eve", page, StringComparison.Ordinal);
        Assert.Contains("Mentions, 1 unread", page, StringComparison.Ordinal);
        Assert.Contains("Mentions, 1 unread", await browser.GetStringAsync("/runs/r1"), StringComparison.Ordinal);

        using var read = await TestHub.PostFormAsync(browser, "/mentions", new(StringComparer.Ordinal) { ["annotation"] = id });
        Assert.Equal(HttpStatusCode.Redirect, read.StatusCode);
        Assert.Contains("Nothing unread", await browser.GetStringAsync("/mentions"), StringComparison.Ordinal);
        Assert.DoesNotContain("1 unread", await browser.GetStringAsync("/runs/r1"), StringComparison.Ordinal);
        Assert.Contains("/runs/r1#annotation-" + id, await browser.GetStringAsync("/mentions?all=true"), StringComparison.Ordinal);

        // An edit that mentions somebody else tells them, not those who were told; the one that is left out no longer has it.
        using var other = hub.Browser(await hub.PersonAsync("zoe@acme.example", Role.Operator, acme), acme);
        await PatchAsync(oper, url, new { note = "Rather @zoe." });
        Assert.Contains("Rather", await other.GetStringAsync("/mentions"), StringComparison.Ordinal);
        Assert.DoesNotContain("Rather", await browser.GetStringAsync("/mentions?all=true"), StringComparison.Ordinal);
        (await oper.DeleteAsync(url)).EnsureSuccessStatusCode();
        Assert.DoesNotContain("Rather", await other.GetStringAsync("/mentions?all=true"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Only_members_of_the_tenant_are_suggested(string engine)
    {
        await using var hub = await AnnotationTests.StartAsync(engine);
        var (acme, beta) = (await hub.TenantAsync(), await hub.TenantAsync("beta"));
        await hub.PersonAsync("ana.ruiz@acme.example", Role.Viewer, acme);
        await hub.PersonAsync("ana.other@beta.example", Role.Viewer, beta);
        using var oper = await hub.SignInAsync(Role.Operator);
        var options = await oper.GetStringAsync("/mentions/members?q=ana");
        Assert.Contains("data-insert=\"ana.ruiz@acme.example\"", options, StringComparison.Ordinal);
        Assert.DoesNotContain("beta.example", options, StringComparison.Ordinal);
        using var viewer = await hub.SignInAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await viewer.GetAsync("/mentions/members?q=ana")).StatusCode);
    }

    [Theory, Engines]
    public async Task Comments_are_added_changed_and_deleted_without_script(string engine)
    {
        await using var hub = await AnnotationTests.StartAsync(engine);
        using var ana = await hub.SignInAsync(Role.Operator);
        using var tom = await hub.SignInAsync(Role.Operator);
        using var added = await TestHub.PostFormAsync(ana, "/runs/r1?tab=annotations", new(StringComparer.Ordinal) { ["note"] = "On the step.", ["step"] = "s1" }, "/runs/r1/annotate");
        Assert.Equal(HttpStatusCode.Redirect, added.StatusCode);
        var id = added.Headers.Location!.ToString().Split("#annotation-")[1];
        var tab = await tom.GetStringAsync("/runs/r1?tab=annotations");
        Assert.Contains($"id=\"annotation-{id}\"", tab, StringComparison.Ordinal);
        Assert.DoesNotContain($"{id}/edit", tab, StringComparison.Ordinal);
        var edit = $"/runs/r1/annotations/{id}/edit";
        Assert.Equal(HttpStatusCode.Forbidden, (await tom.GetAsync(edit)).StatusCode);

        using var changed = await TestHub.PostFormAsync(ana, edit, new(StringComparer.Ordinal) { ["note"] = "Changed.", ["version"] = "0" });
        Assert.Equal(HttpStatusCode.Redirect, changed.StatusCode);
        using var late = await TestHub.PostFormAsync(ana, edit, new(StringComparer.Ordinal) { ["note"] = "Typed meanwhile.", ["version"] = "0" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
        var form = await late.Content.ReadAsStringAsync();
        Assert.Contains("Typed meanwhile.", form, StringComparison.Ordinal);
        Assert.Contains("Changed.", form, StringComparison.Ordinal);
        using var empty = await TestHub.PostFormAsync(ana, "/runs/r1/annotate?step=s1", new(StringComparer.Ordinal) { ["note"] = " ", ["step"] = "s1" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, empty.StatusCode);
        using var notThere = await TestHub.PostFormAsync(ana, "/runs/r1/annotate", new(StringComparer.Ordinal) { ["note"] = "x", ["step"] = "s1", ["payload"] = "output", ["quote"] = "nowhere" });
        Assert.Contains("not in the payload", await notThere.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var deleted = await TestHub.PostFormAsync(ana, edit, [], edit + "?handler=delete");
        Assert.Equal(HttpStatusCode.Redirect, deleted.StatusCode);
        Assert.Contains("No annotations yet", await tom.GetStringAsync("/runs/r1?tab=annotations"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Decisions_tell_what_people_decided_and_when(string engine)
    {
        await using var hub = await AnnotationTests.StartAsync(engine);
        using var key = await hub.KeyAsync();
        using var viewer = await hub.SignInAsync();
        Assert.Contains("No person was asked", await viewer.GetStringAsync("/runs/r1?tab=hitl"), StringComparison.Ordinal);
        await PatchAsync(key, "/api/runs/r1", new { hitl = "requested" });
        await PatchAsync(key, "/api/runs/r1", new { owner = "ana" });
        await PatchAsync(key, "/api/runs/r1", new { hitl = "approved" });
        var tab = await viewer.GetStringAsync("/runs/r1?tab=hitl");
        Assert.Equal(2, tab.Split("test key").Length - 1);
        Assert.Contains("Requested", tab, StringComparison.Ordinal);
        Assert.Contains("Approved", tab, StringComparison.Ordinal);
    }
}
