using System.Buffers.Text;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Store.Attachments;

namespace RunHub.IntegrationTests.Attachments;

public sealed class LinkTests
{
    [Theory, Engines]
    public async Task A_changed_link_opens_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        var url = (string)(await client.LinkAsync(await client.AttachAsync("a.txt", Files.Utf8("a"))))["url"]!;
        var token = url["/files/".Length..];
        var bytes = Base64Url.DecodeFromChars(token);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = (byte[])bytes.Clone();
            changed[i] ^= 1;
            Assert.Equal(HttpStatusCode.Forbidden, (await hub.Anonymous().GetAsync("/files/" + Base64Url.EncodeToString(changed))).StatusCode);
        }

        foreach (var other in new[] { token[..^1], token + "A", token + "=", "x", new string('A', 3000), Base64Url.EncodeToString(new byte[100]) })
            Assert.Equal(HttpStatusCode.Forbidden, (await hub.Anonymous().GetAsync("/files/" + other)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await hub.Anonymous().GetAsync(url)).StatusCode);
    }

    [Theory, Engines]
    public async Task The_signature_of_another_tenants_link_does_not_fit_this_file(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var (acme, other) = (await hub.WithRunAsync(), await hub.WithRunAsync("r", "other"));
        var mine = Base64Url.DecodeFromChars(((string)(await acme.LinkAsync(await acme.AttachAsync("a.txt", Files.Utf8("a"))))["url"]!).AsSpan("/files/".Length));
        var theirs = Base64Url.DecodeFromChars(((string)(await other.LinkAsync(await other.AttachAsync("a.txt", Files.Utf8("b"))))["url"]!).AsSpan("/files/".Length));
        byte[] forged = [.. mine[..^32], .. theirs[^32..]];
        Assert.Equal(HttpStatusCode.Forbidden, (await hub.Anonymous().GetAsync("/files/" + Base64Url.EncodeToString(forged))).StatusCode);
    }

    [Theory, Engines]
    public async Task A_link_expires_and_another_installation_does_not_know_it(string engine)
    {
        var clock = new Clock();
        await using var hub = await TestHub.StartAsync(engine, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Attachments:LinkMinutes"] = "7" }, builder => builder.Services.AddSingleton<TimeProvider>(clock));
        var client = await hub.WithRunAsync();
        var url = (string)(await client.LinkAsync(await client.AttachAsync("a.txt", Files.Utf8("a"))))["url"]!;
        clock.Ahead = TimeSpan.FromMinutes(6.9);
        Assert.Equal(HttpStatusCode.OK, (await hub.Anonymous().GetAsync(url)).StatusCode);
        clock.Ahead = TimeSpan.FromMinutes(7.1);
        var gone = await hub.Anonymous().GetAsync(url);
        Assert.Equal(HttpStatusCode.Gone, gone.StatusCode);
        Assert.Contains("expired", await gone.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var elsewhere = await TestHub.StartAsync(engine);
        Assert.Equal(HttpStatusCode.Forbidden, (await elsewhere.Anonymous().GetAsync(url)).StatusCode);
    }

    [Fact]
    public async Task What_a_link_says_is_what_was_put_into_it()
    {
        await using var hub = await TestHub.StartAsync();
        var links = hub.Get<FileLinks>();
        var row = new AttachmentRow(1L << 40 | 5, "att_X", null, "a", "text/plain", 1, "", "b", "me", 0);
        var link = links.Read(links.Make(row, shown: true).Url["/files/".Length..])!;
        Assert.Equal((row.RunNo, "att_X", true), (link.RunNo, link.AttachmentId, link.Shown));
        Assert.False(links.HasExpired(link));
    }

    sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
