using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using RunHub.Access;
using RunHub.IntegrationTests.Runs;

namespace RunHub.IntegrationTests.Api;

/// <summary>Pages and JSON go out compressed to whoever asks for it, and to nobody else.</summary>
public sealed class CompressionTests
{
    [Theory]
    [InlineData("/runs", "br")]
    [InlineData("/runs", "gzip")]
    [InlineData("/runs?status=failed", "gzip, deflate, br")]
    [InlineData("/runs/r1", "br")]
    [InlineData("/runs/r1/panel", "gzip")]
    [InlineData("/errors", "br")]
    [InlineData("/nowhere", "br")]
    [InlineData("/api/runs", "gzip")]
    [InlineData("/api/runs/nowhere", "gzip")]
    public async Task A_page_and_an_answer_of_the_api_are_the_same_compressed(string url, string accepted)
    {
        await using var hub = await StartAsync();
        using var person = await hub.SignInAsync(Role.Operator);
        var plain = await person.GetByteArrayIfAnyAsync(url);
        using var answer = await AskAsync(person, url, accepted);
        var encoding = Assert.Single(answer.Content.Headers.ContentEncoding);
        Assert.Equal(accepted.Contains("br", StringComparison.Ordinal) ? "br" : "gzip", encoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        var body = await answer.Content.ReadAsByteArrayAsync();
        await using Stream reader = encoding == "br" ? new BrotliStream(new MemoryStream(body), CompressionMode.Decompress) : new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        await reader.CopyToAsync(unpacked);
        // What is made anew for each answer, such as a trace id, has the same length; what a minute changes, such as how long ago it was, is between before and after.
        var after = await person.GetByteArrayIfAnyAsync(url);
        Assert.InRange(unpacked.Length, Math.Min(plain.Length, after.Length) - 20, Math.Max(plain.Length, after.Length) + 20);
        Assert.True(plain.Length < 2000 || body.Length * 3 < plain.Length, $"{plain.Length} bytes became {body.Length}.");
    }

    [Fact]
    public async Task Whoever_does_not_ask_gets_the_bytes_and_their_number_as_they_are()
    {
        await using var hub = await StartAsync();
        using var person = await hub.SignInAsync(Role.Viewer);
        foreach (var url in new[] { "/runs/r1", "/api/runs" })
        {
            using var answer = await person.GetAsync(url);
            Assert.Empty(answer.Content.Headers.ContentEncoding);
            Assert.DoesNotContain("Accept-Encoding", answer.Headers.Vary);
        }

        using var page = await person.GetAsync("/runs/r1");
        Assert.Equal((await page.Content.ReadAsByteArrayAsync()).Length, page.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task What_another_site_asks_for_events_and_files_are_not_compressed()
    {
        await using var hub = await StartAsync();
        using var person = await hub.SignInAsync(Role.Viewer);
        foreach (var site in new[] { "cross-site", "same-site" })
        {
            using var foreign = await AskAsync(person, "/runs?query=probe", "br, gzip", ("Sec-Fetch-Site", site));
            Assert.Empty(foreign.Content.Headers.ContentEncoding);
        }

        using (var own = await AskAsync(person, "/runs", "br, gzip", ("Sec-Fetch-Site", "same-origin"))) Assert.NotEmpty(own.Content.Headers.ContentEncoding);
        using (var events = await AskAsync(person, "/api/stream", "br, gzip"))
        {
            Assert.Equal("text/event-stream", events.Content.Headers.ContentType!.MediaType);
            Assert.Empty(events.Content.Headers.ContentEncoding);
        }

        using var file = await AskAsync(person, "/api/runs/export?format=csv", "br, gzip");
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        Assert.Empty(file.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task No_two_pages_carry_the_same_token()
    {
        await using var hub = await StartAsync();
        using var person = await hub.SignInAsync(Role.Operator);
        var tokens = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 3; i++)
        {
            var page = await ViewTests.ParseAsync(await person.GetStringAsync("/bulk/new"));
            tokens.Add(page.QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!);
        }

        Assert.Equal(3, tokens.Count);
    }

    static async Task<TestHub> StartAsync()
    {
        var hub = await TestHub.StartAsync();
        using var key = await hub.KeyAsync();
        await key.PostAsync("/api/runs", "[" + string.Join(',', Enumerable.Range(0, 60).Select(i => $$$"""{"id":"r{{{i}}}","workflow_name":"invoices","status":"failed","diagnostics":{"error_message":"A timeout"},"steps":[{"id":"r{{{i}}}s","name":"fetch","output":{"n":{{{i}}} }}]}""")) + "]");
        return hub;
    }

    static Task<HttpResponseMessage> AskAsync(HttpClient client, string url, string accepted, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.AcceptEncoding.ParseAdd(accepted);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}

/// <summary>Bodies of answers that may be errors.</summary>
static class Bodies
{
    /// <summary>The body, whatever the status.</summary>
    public static async Task<byte[]> GetByteArrayIfAnyAsync(this HttpClient client, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        using var answer = await client.SendAsync(request);
        return await answer.Content.ReadAsByteArrayAsync();
    }
}
