using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Access;
using RunHub.IntegrationTests.Api;
using RunHub.Store;

namespace RunHub.IntegrationTests.Attachments;

public sealed class AttachmentTests
{
    [Theory, Engines]
    public async Task A_file_comes_back_as_it_was_sent_and_says_what_it_is(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        var bytes = Files.Bytes(3_000_000);
        var sent = await client.SendAsync("r", "filename=data.bin&step_id=step_1", bytes);
        var attachment = sent.Json!["attachments"]![0]!;
        Assert.Equal((201, true, "data.bin", "step_1", "application/octet-stream", 3_000_000L), (sent.Status, (bool)attachment["created"]!, (string)attachment["name"]!, (string)attachment["step_id"]!, (string)attachment["content_type"]!, (long)attachment["size"]!));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), (string)attachment["sha256"]!);
        Assert.Equal((string)attachment["id"]!, (string)(await client.ListAsync())[0]!["id"]!);
        var link = await client.LinkAsync(attachment);
        Assert.Null(link["view_url"]);
        Assert.Equal(bytes, await hub.Anonymous().GetByteArrayAsync((string)link["url"]!));
    }

    [Theory, Engines]
    public async Task Several_files_of_a_form_are_added_together_and_sending_them_again_changes_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        (string, string?, byte[])[] parts = [("step_id", null, Files.Utf8("s1")), ("file", "a.txt", Files.Utf8("one")), ("file", "b.txt", Files.Utf8("two"))];
        var first = await client.FormAsync("r", parts);
        Assert.Equal(201, first.Status);
        Assert.Equal(["a.txt", "b.txt"], (await client.ListAsync()).Select(a => (string)a!["name"]!));
        Assert.All(await client.ListAsync(), a => Assert.Equal("s1", (string)a!["step_id"]!));
        var again = await client.FormAsync("r", parts);
        Assert.Equal(200, again.Status);
        Assert.Equal(first.Json!["attachments"]!.AsArray().Select(a => (string)a!["id"]!), again.Json!["attachments"]!.AsArray().Select(a => (string)a!["id"]!));
        Assert.All(again.Json["attachments"]!.AsArray(), a => Assert.False((bool)a!["created"]!));
        Assert.Equal((2, 2, 2), await hub.LeftAsync());
    }

    [Theory, Engines]
    public async Task Html_that_says_it_is_a_picture_is_only_ever_downloaded(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        foreach (var (name, text, type) in new[]
        {
            ("a.png", "  <!DOCTYPE html><script>alert(1)</script>", "text/html"), ("b.png", "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", "image/svg+xml"),
            ("c.txt", "<?xml version=\"1.0\"?><a/>", "application/xml"), ("d.gif", "\uFEFF<SCRIPT src=x>", "text/html"), ("e.jpg", "<svg onload=alert(1)>", "image/svg+xml"),
        })
        {
            var sent = await client.FormAsync("r", ("file", name, Files.Utf8(text)));
            var attachment = sent.Json!["attachments"]![0]!;
            Assert.Equal(type, (string)attachment["content_type"]!);
            var link = await client.LinkAsync(attachment);
            Assert.Null(link["view_url"]);
            var browser = await hub.SignInAsync(Role.Viewer);
            var redirect = await browser.GetAsync($"/runs/r/attachments/{(string)attachment["id"]!}");
            foreach (var url in new[] { (string)link["url"]!, redirect.Headers.Location!.OriginalString })
            {
                var answer = await hub.Anonymous().GetAsync(url);
                Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.MediaType);
                Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
                Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
                Assert.Contains("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            }
        }
    }

    [Theory, Engines]
    public async Task Pictures_text_and_pdf_may_be_shown(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        foreach (var (name, bytes, type) in new[] { ("a.exe", Files.Png, "image/png"), ("b.png", Files.Utf8("just words, <b>really</b>"), "text/plain"), ("c", Files.Utf8("%PDF-1.7 …"), "application/pdf"), ("d", [0xFF, 0xD8, 0xFF, 0xE0, 1, 2], "image/jpeg"), ("e", [.. "RIFF"u8, 1, 2, 3, 4, .. "WEBPVP8 "u8], "image/webp") })
        {
            var link = await client.LinkAsync(await client.AttachAsync(name, bytes));
            var answer = await hub.Anonymous().GetAsync((string)link["view_url"]!);
            Assert.Equal((type, "inline"), (answer.Content.Headers.ContentType!.MediaType!, answer.Content.Headers.ContentDisposition!.DispositionType));
            Assert.Equal("attachment", (await hub.Anonymous().GetAsync((string)link["url"]!)).Content.Headers.ContentDisposition!.DispositionType);
        }
    }

    [Theory, Engines]
    public async Task A_file_of_0_bytes_is_a_file(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        var attachment = await client.AttachAsync("empty.log", []);
        Assert.Equal(0, (long)attachment["size"]!);
        var url = (string)(await client.LinkAsync(attachment))["url"]!;
        Assert.Empty(await hub.Anonymous().GetByteArrayAsync(url));
        using var ranged = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(0, 10) } };
        Assert.InRange((int)(await hub.Anonymous().SendAsync(ranged)).StatusCode, 200, 416);
    }

    [Theory, Engines]
    public async Task Over_the_limit_is_413_with_the_limit_and_leaves_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Attachments:MaxBytes"] = "1000" });
        var client = await hub.WithRunAsync();
        await client.AttachAsync("fits", Files.Bytes(1000));
        foreach (var reply in new[]
        {
            await client.SendAsync("r", "filename=a", Files.Bytes(1001)),
            await client.FormAsync("r", ("file", "small", Files.Bytes(10)), ("file", "big", Files.Bytes(1001))),
        })
        {
            Assert.Equal(413, reply.Status);
            Assert.Contains("1000", (string)reply.Json!["detail"]!, StringComparison.Ordinal);
        }

        Assert.Equal((1, 1, 1), await hub.LeftAsync());
    }

    [Theory, Engines]
    public async Task A_name_loses_its_path_and_what_misleads(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        foreach (var (sent, kept) in new[]
        {
            ("../../etc/passwd", "passwd"), ("C:\\Users\\me\\invoice.pdf", "invoice.pdf"), ("invoice\u202Efdp.exe", "invoicefdp.exe"), ("a\u200Bb\r\nc.txt", "abc.txt"), ("..", "file"), ("con.txt", "_con.txt"),
            ("café ☕ ñ.txt", "café ☕ ñ.txt"), ("what?<x>.txt", "what__x_.txt"), (new string('x', 400) + ".tar.gz", new string('x', 197) + ".gz"),
        })
        {
            var reply = await client.SendAsync("r", "filename=" + Uri.EscapeDataString(sent), Files.Utf8(sent));
            Assert.Equal(201, reply.Status);
            var name = (string)reply.Json!["attachments"]![0]!["name"]!;
            Assert.Equal(kept, name);
            var answer = await hub.Anonymous().GetAsync((string)(await client.LinkAsync(reply.Json["attachments"]![0]!))["url"]!);
            Assert.Equal(name, answer.Content.Headers.ContentDisposition!.FileNameStar);
        }
    }

    [Theory, Engines]
    public async Task Any_part_of_10_MB_can_be_asked_for(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        var bytes = Files.Bytes(10 << 20);
        var url = (string)(await client.LinkAsync(await client.AttachAsync("video.bin", bytes)))["url"]!;
        foreach (var (from, to) in new (long, long)[] { (0, 0), ((1 << 20) - 3, (1 << 20) + 3), (5_000_000, 9_999_999), ((10 << 20) - 1, 10 << 20) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, to) } };
            using var answer = await hub.Anonymous().SendAsync(request);
            var end = Math.Min(to, bytes.Length - 1);
            Assert.Equal((HttpStatusCode.PartialContent, from, end, (long)bytes.Length), (answer.StatusCode, answer.Content.Headers.ContentRange!.From!.Value, answer.Content.Headers.ContentRange.To!.Value, answer.Content.Headers.ContentRange.Length!.Value));
            Assert.Equal(bytes.AsSpan((int)from, (int)(end - from + 1)).ToArray(), await answer.Content.ReadAsByteArrayAsync());
        }

        using var beyond = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(20 << 20, null) } };
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await hub.Anonymous().SendAsync(beyond)).StatusCode);
        using var head = await hub.Anonymous().SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        Assert.Equal((HttpStatusCode.OK, (long?)bytes.Length), (head.StatusCode, head.Content.Headers.ContentLength));
    }

    [Theory, Engines]
    public async Task Deleting_leaves_neither_bytes_nor_rows_but_audit_and_events(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        var (one, _) = (await client.AttachAsync("one", Files.Bytes(2_500_000)), await client.AttachAsync("two", Files.Bytes(2_500_000, seed: 2)));
        var url = (string)(await client.LinkAsync(one))["url"]!;
        var id = (string)one["id"]!;
        using (var viewer = await hub.SignInAsync(Role.Operator)) Assert.Equal(HttpStatusCode.Forbidden, (await viewer.DeleteAsync($"/api/runs/r/attachments/{id}")).StatusCode);
        Assert.Equal(204, (await client.CallAsync(HttpMethod.Delete, $"/api/runs/r/attachments/{id}")).Status);
        Assert.Equal(404, (await client.CallAsync(HttpMethod.Delete, $"/api/runs/r/attachments/{id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await hub.Anonymous().GetAsync(url)).StatusCode);
        Assert.Equal((1, 1, engine == "Sqlite" ? 1 : 3), await hub.LeftAsync());
        await using (var sql = await hub.Get<Database>().ReadAsync(default))
        {
            Assert.Equal(["run.queued", "attachments", "attachments", "deleted_attachments"], (await sql.Prepare("SELECT data FROM events ORDER BY seq").ListAsync(r => r.GetString(0), default))
                .Select(d => RunHub.Store.Events.EventText.Read(d).Parts is [var part] ? part.Kind : "run.queued"));
            Assert.Equal(1, await sql.Prepare("SELECT count(*) FROM audit WHERE action = 'attachment.deleted'").ScalarAsync<long>(default));
        }

        Assert.Equal(204, (await client.CallAsync(HttpMethod.Delete, "/api/runs/r")).Status);
        Assert.Equal((0, 0, 0), await hub.LeftAsync());
    }

    [Theory, Engines]
    public async Task Another_tenant_sees_and_changes_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.WithRunAsync();
        var attachment = await client.AttachAsync("secret.txt", Files.Utf8("secret"));
        var stranger = await hub.WithRunAsync("r", "other");
        var id = (string)attachment["id"]!;
        Assert.Empty(await stranger.ListAsync());
        Assert.Equal(404, (await stranger.ReadAsync($"/api/runs/r/attachments/{id}")).Status);
        Assert.Equal(404, (await stranger.CallAsync(HttpMethod.Delete, $"/api/runs/r/attachments/{id}")).Status);
        Assert.Equal(404, (await stranger.ReadAsync("/t/acme/api/runs/r/attachments")).Status);
        using var browser = await hub.SignInAsync(Role.Admin, "other");
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"/runs/r/attachments/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await hub.Anonymous().GetAsync($"/api/runs/r/attachments/{id}")).StatusCode);
    }

    [Theory, Engines]
    public async Task Bad_requests_say_what_is_wrong_and_leave_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine, new Dictionary<string, string?>(StringComparer.Ordinal) { ["Attachments:MaxPerRun"] = "2" });
        var client = await hub.WithRunAsync();
        Assert.Equal((400, "query.filename"), (await client.SendAsync("r", "", [1])) is var a ? (a.Status, a.Path) : default);
        Assert.Equal(404, (await client.SendAsync("none", "filename=a", [1])).Status);
        Assert.Equal((400, "step_id"), (await client.SendAsync("r", "filename=a&step_id=" + new string('s', 200), [1])) is var b ? (b.Status, b.Path) : default);
        Assert.Equal(400, (await client.FormAsync("r", ("note", null, [1]))).Status);
        Assert.Equal(400, (await client.CallAsync(HttpMethod.Post, "/api/runs/r/attachments", Files.Utf8("--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\ncut"), "multipart/form-data; boundary=x")).Status);
        foreach (var encoding in new[] { "gzip", "br", "zip" })
            Assert.Equal(415, (await client.CallAsync(HttpMethod.Post, "/api/runs/r/attachments?filename=a", [1, 2, 3], "text/plain", encoding: encoding)).Status);
        Assert.Equal(409, (await client.FormAsync("r", ("f", "1", [1]), ("f", "2", [2]), ("f", "3", [3]))).Status);
        Assert.Equal(400, (await client.FormAsync("r", [.. Enumerable.Range(0, 21).Select(i => ("f", (string?)("f" + i), new byte[] { 1 }))])).Status);
        Assert.Equal((0, 0, 0), await hub.LeftAsync());
    }
}
