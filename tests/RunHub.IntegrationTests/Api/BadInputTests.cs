using System.Text;

namespace RunHub.IntegrationTests.Api;

/// <summary>Each case is answered with a 4xx problem document that says what and where, and leaves nothing behind.</summary>
public sealed class BadInputTests
{
    static readonly (string Name, string Body, int Status, string Path)[] Cases =
    [
        ("malformed", """{"workflow_name":""", 400, "$.workflow_name"),
        ("malformed batch", """[{"workflow_name":"w"},{"workflow_name":]""", 400, "$[1].workflow_name"),
        ("trailing", """{"workflow_name":"w"} more""", 400, "$"),
        ("no json", "hello", 400, "$"),
        ("empty", "", 400, "$"),
        ("a number", "7", 400, "$"),
        ("wrong type", """{"workflow_name":"w","duration_ms":"fast"}""", 400, "$.duration_ms"),
        ("wrong type below", """{"workflow_name":"w","diagnostics":{"resource_usage":{"tokens":[]}}}""", 400, "$.diagnostics.resource_usage.tokens"),
        ("unknown status", """{"workflow_name":"w","status":"exploded"}""", 400, "$.status"),
        ("empty status", """{"workflow_name":"w","status":""}""", 400, "$.status"),
        ("its own parent", """{"id":"r","workflow_name":"w","parent_run_id":"r"}""", 400, "$.parent_run_id"),
        ("absent workflow", """{"id":"a"}""", 400, "$.workflow_name"),
        ("empty id", """{"id":"","workflow_name":"w"}""", 400, "$.id"),
        ("slash in id", """{"id":"a/b","workflow_name":"w"}""", 400, "$.id"),
        ("NUL in id", """{"id":"a\u0000","workflow_name":"w"}""", 400, "$.id"),
        ("lone surrogate in id", """{"id":"\ud800","workflow_name":"w"}""", 400, "$.id"),
        ("NUL in name", """{"workflow_name":"w\u0000"}""", 400, "$.workflow_name"),
        ("lone surrogate in tag", """{"workflow_name":"w","tags":["\udfff"]}""", 400, "$.tags[0]"),
        ("duplicate key", """{"workflow_name":"w","workflow_name":"v"}""", 400, "$.workflow_name"),
        ("ends before it starts", """{"workflow_name":"w","started_at":"2025-01-02T00:00:00Z","completed_at":"2025-01-01T00:00:00Z"}""", 400, "$.completed_at"),
        ("next century", """{"workflow_name":"w","started_at":"2199-01-01T00:00:00Z"}""", 400, "$.started_at"),
        ("year 9999", """{"workflow_name":"w","started_at":"9999-12-31T23:59:59Z"}""", 400, "$.started_at"),
        ("no date", """{"workflow_name":"w","started_at":"soon"}""", 400, "$.started_at"),
        ("number out of range", """{"workflow_name":"w","duration_ms":1e30}""", 400, "$.duration_ms"),
        ("negative", """{"workflow_name":"w","cost_usd":-1}""", 400, "$.cost_usd"),
        ("long name", $$"""{"workflow_name":"{{new string('x', 300)}}"}""", 400, "$.workflow_name"),
        ("deep", $$"""{"workflow_name":"w","inputs_summary":{{new string('[', 1000)}}{{new string(']', 1000)}}}""", 400, "$.inputs_summary"),
        ("other tenant", """{"workflow_name":"w","tenant_id":"beta"}""", 403, "$.tenant_id"),
        ("step of another run", """{"id":"r","workflow_name":"w","steps":[{"name":"s","run_id":"q"}]}""", 400, "$.steps[0].run_id"),
        ("bad step", """{"workflow_name":"w","steps":[{"name":"s","type":"magic"}]}""", 400, "$.steps[0].type"),
        ("nameless step", """{"workflow_name":"w","steps":[{}]}""", 400, "$.steps[0].name"),
    ];

    [Theory, Engines]
    public async Task Each_says_what_and_where_and_writes_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        foreach (var (name, body, status, path) in Cases)
        {
            var reply = await client.PostAsync("/api/runs", body);
            Assert.True(reply.Status == status, $"{name}: {reply.Status}");
            AssertProblem(reply, name);
            Assert.True(reply.Path == path, $"{name}: {reply.Path}");
            Assert.False(string.IsNullOrEmpty(reply.Reason), name);
            // As an item of a batch it is refused alone.
            if (path == "$" || body[0] == '[' || name == "malformed") continue;
            var batch = await client.PostAsync("/api/runs", "[" + body + "]");
            Assert.True(batch.Status == status && batch.Path == "$[0]" + path[1..], $"{name} in a batch: {batch.Status} {batch.Path}");
        }

        Assert.Equal(0, await WriteTests.RunsAsync(hub));
    }

    [Theory, Engines]
    public async Task Bytes_that_are_not_text_are_refused(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var reply = await client.CallAsync(HttpMethod.Post, "/api/runs", [(byte)'{', (byte)'"', 0xFF, 0xFE, (byte)'"', (byte)':', (byte)'1', (byte)'}'], "application/json");
        Assert.Equal((400, "$"), (reply.Status, reply.Path));
        AssertProblem(reply, "bytes");
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_before_and_after_decompression()
    {
        await using var hub = await TestHub.StartAsync(settings: new() { ["Ingest:MaxBodyBytes"] = "10000" });
        var client = await hub.KeyAsync();
        var large = Encoding.UTF8.GetBytes($$"""{"workflow_name":"w","inputs_summary":"{{new string('x', 20_000)}}"}""");
        foreach (var (body, encoding) in new[] { (large, null), (WriteTests.Compress("gzip", large), "gzip"), (WriteTests.Compress("br", large), "br") })
        {
            var reply = await client.CallAsync(HttpMethod.Post, "/api/runs", body, "application/json", encoding: encoding);
            Assert.Equal(413, reply.Status);
            AssertProblem(reply, encoding ?? "plain");
        }

        // Chunked: the length is not announced.
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/api/runs") { Content = new StreamContent(new MemoryStream(large)) };
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Content.Headers.ContentType = new("application/json");
        Assert.Equal(413, (int)(await client.SendAsync(chunked)).StatusCode);
        Assert.Equal(0, await WriteTests.RunsAsync(hub));
    }

    [Fact]
    public async Task Content_types_and_encodings_nobody_knows_are_refused()
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync();
        var form = await client.PostAsync("/api/runs", """{"workflow_name":"w"}""", "application/x-www-form-urlencoded");
        Assert.Equal((415, "header.Content-Type"), (form.Status, form.Path));
        var latin = await client.PostAsync("/api/runs", """{"workflow_name":"w"}""", "application/json; charset=iso-8859-1");
        Assert.Equal((415, "header.Content-Type"), (latin.Status, latin.Path));
        var zstd = await client.CallAsync(HttpMethod.Post, "/api/runs", """{"workflow_name":"w"}"""u8.ToArray(), "application/json", encoding: "zstd");
        Assert.Equal((415, "header.Content-Encoding"), (zstd.Status, zstd.Path));
        Assert.Equal(415, (await client.CallAsync(HttpMethod.Patch, "/api/runs/x", "{}"u8.ToArray(), "application/x-ndjson")).Status);
        Assert.Equal(0, await WriteTests.RunsAsync(hub));
    }

    [Theory, Engines]
    public async Task Queries_that_make_no_sense_are_refused(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        foreach (var (query, path) in new[]
        {
            ("limit=0", "query.limit"), ("limit=x", "query.limit"), ("limit=1000", "query.limit"), ("sort=size", "query.sort"), ("status=nope", "query.status"),
            ("from=someday", "query.from"), ("colour=red", "query.colour"), ("include=everything", "query.include"), ("next_token=AAAA", "query.next_token"),
        })
        {
            var reply = await client.ReadAsync("/api/runs?" + query);
            Assert.True(reply.Status == 400 && reply.Path == path, $"{query}: {reply.Status} {reply.Path}");
            AssertProblem(reply, query);
        }

        foreach (var bomb in new[] { "/(a+)+$/", "/(((((a*)*)*)*)*)*b/", "/[/" })
        {
            var reply = await client.ReadAsync("/api/runs?tag=" + Uri.EscapeDataString(bomb));
            Assert.True(reply.Status < 500, $"{bomb}: {reply.Status}");
        }

        var large = await client.ReadAsync("/api/runs?tag=" + Uri.EscapeDataString("/(a{999}){999}/"));
        Assert.Equal((400, "query.tag"), (large.Status, large.Path));
        Assert.Contains("too large", large.Reason, StringComparison.Ordinal);
        Assert.Contains("looks ahead", (await client.ReadAsync("/api/runs?tag=" + Uri.EscapeDataString("/(?=a)b{2}/"))).Reason, StringComparison.Ordinal);
        var either = await client.ReadAsync("/api/runs?query=" + Uri.EscapeDataString("status:failed OR status:completed"));
        Assert.Equal((400, "query.query"), (either.Status, either.Path));
        Assert.Contains("status:failed,completed", either.Reason, StringComparison.Ordinal);
        Assert.Equal(200, (await client.ReadAsync("/api/runs?query=" + Uri.EscapeDataString("status:failed \"OR\" or"))).Status);
        Assert.Equal((400, "query.atomic"), ((await client.PostAsync("/api/runs?atomic=maybe", "[]")) is var r ? r.Status : 0, r.Path));
    }

    [Theory]
    [InlineData("steps", "limt=1", "Did you mean limit?")]
    [InlineData("logs", "foo=1", "level")]
    [InlineData("logs/stream", "order=desc", "no such parameter")]
    [InlineData("checkpoints", "foo=1", "no such parameter")]
    [InlineData("annotations", "foo=1", "takes none")]
    [InlineData("attachments", "foo=1", "takes none")]
    [InlineData("lineage", "foo=1", "takes none")]
    public async Task What_belongs_to_a_run_refuses_parameters_nobody_knows(string below, string query, string reason)
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"r","workflow_name":"w"}""");
        foreach (var path in new[] { "/api", "/t/acme/api" })
        {
            var reply = await client.ReadAsync($"{path}/runs/r/{below}?{query}");
            Assert.Equal((400, "query." + query.Split('=')[0]), (reply.Status, reply.Path));
            Assert.Contains(reason, reply.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_packed_body_that_was_cut_short_is_refused_whole()
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync();
        var lines = string.Join('\n', Enumerable.Range(0, 200).Select(i => $$"""{"id":"r{{i}}","workflow_name":"w","inputs_summary":"{{Guid.NewGuid()}}"}"""));
        var (first, second) = (WriteTests.Compress("gzip", Encoding.UTF8.GetBytes(lines)), WriteTests.Compress("gzip", "\n{\"id\":\"last\",\"workflow_name\":\"w\"}"u8.ToArray()));
        byte[] both = [.. first, .. second];
        foreach (var cut in new[] { both[..(first.Length / 2)], both[..^1], both[..^8], first[..^4], [.. first, .. second[..12]] })
        {
            var reply = await client.CallAsync(HttpMethod.Post, "/api/runs", cut, "application/x-ndjson", encoding: "gzip");
            Assert.Equal((400, "header.Content-Encoding"), (reply.Status, reply.Path));
        }

        foreach (var encoding in new[] { "br", "deflate" })
            Assert.Equal(400, (await client.CallAsync(HttpMethod.Post, "/api/runs", WriteTests.Compress(encoding, Encoding.UTF8.GetBytes(lines))[..^5], "application/x-ndjson", encoding: encoding)).Status);
        Assert.Equal(0, await WriteTests.RunsAsync(hub));
        var whole = await client.CallAsync(HttpMethod.Post, "/api/runs", both, "application/x-ndjson", encoding: "gzip");
        Assert.Equal((200, 201), (whole.Status, (int)whole.Json!["accepted"]!));
    }

    [Fact]
    public async Task Names_are_understood_in_any_case_and_in_the_words_of_others()
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync();
        var reply = await client.PostAsync("/api/runs?strict=true", """{"ID":"r","Agent":"w","STATUS":"Success","adapter_type":"etl","workspace":"acme","Nodes":[{"Name":"n","NODE_ID":"n1"}]}""");
        Assert.Equal(201, reply.Status);
        var run = (await client.ReadAsync("/api/runs/r")).Json!;
        Assert.Equal(("w", "completed", "etl", 1), ((string?)run["workflow_name"], (string?)run["status"], (string?)run["type"], (int)run["step_count"]!));
        Assert.Equal((400, "$.status"), (await client.PostAsync("/api/runs", """{"workflow_name":"w","status":"queued","Status":"failed"}""")) is var twice ? (twice.Status, twice.Path) : default);
    }

    [Theory]
    [InlineData("\"a\"b\"", 400)]
    [InlineData("a\"b", 400)]
    [InlineData("\"a", 400)]
    [InlineData("\"\"", 400)]
    [InlineData("\"a\\\"b\"", 201)]
    [InlineData("a b", 201)]
    public async Task An_idempotency_key_is_a_key_or_refused(string key, int status)
    {
        await using var hub = await TestHub.StartAsync();
        var reply = await (await hub.KeyAsync()).PostAsync("/api/runs", """{"workflow_name":"w"}""", key: key);
        Assert.Equal((status, status == 400 ? "header.Idempotency-Key" : null), (reply.Status, reply.Path));
    }

    [Theory]
    [InlineData(72, 48, 201)]
    [InlineData(72, 96, 400)]
    [InlineData(2, 3, 400)]
    public async Task How_far_ahead_a_time_may_lie_is_the_settings_to_say(int hours, int ahead, int status)
    {
        await using var hub = await TestHub.StartAsync(settings: new() { ["Ingest:MaxFutureHours"] = hours.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        var client = await hub.KeyAsync();
        var at = TimeProvider.System.GetUtcNow().AddHours(ahead);
        Assert.Equal(status, (await client.PostAsync("/api/runs", $$"""{"id":"r","workflow_name":"w","started_at":"{{at:O}}"}""")).Status);
        await client.PostAsync("/api/runs", """{"id":"q","workflow_name":"w"}""");
        Assert.Equal(status == 201 ? 200 : 400, (await client.PostAsync("/api/runs/q/logs", $$"""{"msg":"m","ts":"{{at:O}}"}""")).Status);
        var nanos = at.ToUnixTimeMilliseconds() * 1_000_000;
        var trace = $$$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"0000000000000001","name":"n","startTimeUnixNano":"{{{nanos}}}","endTimeUnixNano":"{{{nanos}}}"}]}]}]}""";
        var record = $$$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"0af7651916cd43dd8448eb211c80319c","timeUnixNano":"{{{nanos}}}","body":{"stringValue":"m"}}]}]}]}""";
        foreach (var (path, body) in new[] { ("/v1/traces", trace), ("/v1/logs", record) })
        {
            var reply = await client.PostAsync(path, body);
            Assert.Equal((200, status != 201), (reply.Status, reply.Json!["partialSuccess"] is not null));
        }
    }

    [Theory, Engines]
    public async Task A_cursor_that_was_tampered_with_is_refused(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var (client, other) = (await hub.KeyAsync(), await hub.KeyAsync(tenant: "beta"));
        await client.PostAsync("/api/runs", """[{"workflow_name":"w"},{"workflow_name":"w"}]""");
        var token = (string)(await client.ReadAsync("/api/runs?limit=1")).Json!["next_token"]!;
        Assert.Equal(200, (await client.ReadAsync($"/api/runs?limit=1&next_token={token}")).Status);
        Assert.Equal(400, (await client.ReadAsync($"/api/runs?limit=1&next_token={token[..^2]}")).Status);
        Assert.Equal(400, (await client.ReadAsync($"/api/runs?limit=1&status=failed&next_token={token}")).Status);
        Assert.Equal(400, (await other.ReadAsync($"/api/runs?limit=1&next_token={token}")).Status);
    }

    [Fact]
    public async Task Addresses_and_methods_that_do_not_exist_are_problems_too()
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync();
        foreach (var (method, path, status) in new[] { ("GET", "/api/nothing", 404), ("PUT", "/api/runs", 405), ("DELETE", "/api/runs", 405), ("GET", "/t/acme/api/nothing", 404), ("GET", "/api/runs/none", 404) })
        {
            var reply = await client.CallAsync(new HttpMethod(method), path);
            Assert.True(reply.Status == status, $"{method} {path}: {reply.Status}");
            AssertProblem(reply, path);
        }

        Assert.Contains("POST", (await client.CallAsync(HttpMethod.Put, "/api/runs")).Message.Content.Headers.Allow);
        var anonymous = await hub.Anonymous().ReadAsync("/api/runs");
        Assert.Equal(401, anonymous.Status);
        AssertProblem(anonymous, "anonymous");
    }

    internal static void AssertProblem(ApiReply reply, string what)
    {
        Assert.True(reply.Type == "application/problem+json", $"{what}: {reply.Type}");
        Assert.True((int?)reply.Json!["status"] == reply.Status, what);
        Assert.False(string.IsNullOrEmpty((string?)reply.Json["title"]), what);
    }
}
