using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace RunHub.IntegrationTests.Api;

/// <summary>Whatever is sent to whatever address, the answer is never a 5xx.</summary>
public sealed class RubbishTests
{
    static readonly string[] Interesting =
    [
        "", " ", "null", "0", "-1", "1e999", "9223372036854775808", "true", "%00", "\u0000", "\uFFFF", "..", "../../etc/passwd", "';DROP TABLE runs;--", "\"", "{", "[", "[[[[", "{\"a\":", "𝒳", "é",
        "a,b,,c", "/(a+)+$/", "2025-13-45", "9999999999999", "<script>", "\r\nX: y", new string('a', 3000), "run_1", "acme", "*", "%", "_", "\\", "$.x",
    ];

    static readonly string[] Types = ["application/json", "application/x-ndjson", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "x/y", "application/problem+json"];
    static readonly string[] Encodings = ["", "", "", "gzip", "br", "deflate", "identity", "nonsense"];
    static readonly string[] Names = ["status", "limit", "sort", "next_token", "page", "tag", "from", "to", "q", "atomic", "strict", "include", "tenant", "lane", "handler", "format", "id", "returnUrl", "token", "since", "colour"];

    sealed record Shot(int Endpoint, int Caller, string[] Route, (string Name, string Value)[] Query, byte[] Body, string Type, string Encoding, (string, string)[] Headers);

    [Fact]
    public async Task A_bracket_that_is_not_closed_in_a_form_is_no_error_of_ours()
    {
        await using var hub = await TestHub.StartAsync();
        using var client = hub.Anonymous();
        using var form = new StringContent("a[b=1&]=2", System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        foreach (var url in new[] { "/setup", "/sign-in", "/setup?a[b=1" })
            Assert.InRange((int)(await client.PostAsync(url, form)).StatusCode, 200, 499);
    }

    [Theory, Engines]
    public async Task No_rubbish_is_answered_with_a_5xx(string engine)
    {
        var errors = new LastError();
        await using var hub = await TestHub.StartAsync(engine, configure: builder => builder.Logging.AddProvider(errors));
        var admin = await hub.KeyAsync(installationAdmin: true);
        await admin.PostAsync("/api/runs", """{"id":"run_1","workflow_name":"w","status":"running","steps":[{"id":"s","name":"n"}]}""");
        HttpClient[] callers = [admin, await hub.SignInAsync(RunHub.Access.Role.Admin, installationAdmin: true), hub.Anonymous()];
        var endpoints = hub.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => !e.RoutePattern.RawText!.StartsWith("/assets", StringComparison.Ordinal))
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"]).Select(m => (Method: m, Pattern: "/" + e.RoutePattern.RawText!.TrimStart('/'))))
            .Distinct().OrderBy(e => e.Pattern, StringComparer.Ordinal).ToArray();
        Assert.True(endpoints.Length > 15);

        // The same rubbish each time, so that a build that was green stays green; other rubbish in the long run.
        var seed = Environment.GetEnvironmentVariable("RUNHUB_LONG") is { Length: > 0 } ? (ulong)Random.Shared.NextInt64() : 20261120UL;
        var shots = ShotOf(endpoints.Length).Sample(size: 50, seed: new Rnd(seed), numberOfSamples: 1 + endpoints.Length * 12);
        // Every endpoint is met by every caller at least once, whatever chance says.
        var all = shots.Concat(endpoints.SelectMany((_, e) => Enumerable.Range(0, callers.Length).Select(c => shots.First() with { Endpoint = e, Caller = c })));
        var failures = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var shot in all)
        {
            var (method, pattern) = endpoints[shot.Endpoint];
            int status;
            try
            {
                using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                using var request = RequestOf(shot, method, pattern);
                using var answer = await callers[shot.Caller].SendAsync(request, HttpCompletionOption.ResponseHeadersRead, hurry.Token);
                status = (int)answer.StatusCode;
            }
            catch (HttpRequestException e) when (e.InnerException is IOException or null || e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse)
            {
                // The server refused while the body was still on its way.
                continue;
            }

            if (status >= 500) failures.TryAdd($"{method} {pattern}", $"{status}: {errors.Text[..Math.Min(700, errors.Text.Length)]} <- {string.Join('&', shot.Query)} {shot.Type} {shot.Encoding} {Encoding.Latin1.GetString(shot.Body)[..Math.Min(200, shot.Body.Length)]}");
            errors.Text = "";
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures.Select(f => f.Key + " " + f.Value)));
        Assert.Equal(200, (await hub.Anonymous().ReadAsync("/health/ready")).Status);
    }

    /// <summary>Keeps what the server logged last, to tell it when the test fails.</summary>
    sealed class LastError : ILoggerProvider, ILogger
    {
        public string Text { get; set; } = "";

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error) Text = (exception?.ToString() ?? "") + " " + formatter(state, exception);
        }

        public void Dispose() { }
    }

    static HttpRequestMessage RequestOf(Shot shot, string method, string pattern)
    {
        var at = 0;
        var path = Regex.Replace(pattern, "\\{[^}]+\\}", _ => Uri.EscapeDataString(shot.Route[at++ % shot.Route.Length]), RegexOptions.None, TimeSpan.FromSeconds(1));
        var query = string.Join('&', shot.Query.Select(q => $"{Uri.EscapeDataString(q.Name)}={Uri.EscapeDataString(q.Value)}"));
        var request = new HttpRequestMessage(new HttpMethod(method), path + (query.Length > 0 ? "?" + query : ""));
        foreach (var (name, value) in shot.Headers) request.Headers.TryAddWithoutValidation(name, value);
        if (method is "GET" or "HEAD") return request;
        request.Content = new ByteArrayContent(shot.Body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(shot.Type);
        if (shot.Encoding.Length > 0) request.Content.Headers.ContentEncoding.Add(shot.Encoding);
        return request;
    }

    static Gen<Shot> ShotOf(int endpoints)
    {
        var word = Gen.Elements(Interesting).Where(w => !w.Contains('\r', StringComparison.Ordinal) || w.Length > 0);
        var segment = Gen.Elements(Interesting.Where(w => w.Trim('.', ' ').Length > 0 && w != "../../etc/passwd").Append("run_1").Append("run_1").Append("acme").ToArray());
        var query = Gen.Zip(Gen.Elements(Names), word);
        var headers = Gen.Zip(Gen.Elements("Idempotency-Key", "Accept", "HX-Request", "HX-Target", "Last-Event-ID", "Accept-Language", "If-None-Match", "Range", "traceparent"), Gen.Elements(Interesting.Where(w => w.All(c => c is >= ' ' and <= '~')).ToArray()));
        return from endpoint in Gen.Choose(0, endpoints - 1)
               from caller in Gen.Elements(0, 0, 0, 1, 2)
               from route in segment.ArrayOf(3)
               from q in Gen.Choose(0, 3).SelectMany(n => query.ArrayOf(n))
               from body in Body()
               from type in Gen.Frequency((6, Gen.Constant("application/json")), (4, Gen.Elements(Types)))
               from encoding in Gen.Elements(Encodings)
               from h in Gen.Choose(0, 2).SelectMany(n => headers.ArrayOf(n))
               select new Shot(endpoint, caller, route, q, body, type, encoding, h);
    }

    /// <summary>Random bytes, random JSON, and good bodies with something broken in them.</summary>
    static Gen<byte[]> Body()
    {
        var bytes = Gen.Choose(0, 200).SelectMany(n => Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(n));
        var good = Gen.Elements(DocumentExamplesTests.Run, DocumentExamplesTests.Step, "[" + DocumentExamplesTests.Run + "]", """{"status":"completed","owner":null}""", """{"name":"x","email":"a@b.c","scopes":["read"],"role":"viewer"}""");
        var mutated = from text in good
                      from place in Gen.Choose(0, text.Length - 1)
                      from length in Gen.Choose(0, 40)
                      from replacement in Gen.OneOf(Gen.Elements(Interesting), Gen.Elements("\"\\ud800\"", "\"\\u0000\"", "1e400", "-0", "{}", "[]", "null", "\\", ",", ":", "\"id\":"))
                      select Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, place), replacement, text.AsSpan(Math.Min(text.Length, place + length))));
        var swapped = from text in good
                      from value in Gen.Elements("null", "7", "-1.5e300", "\"\"", "[]", "{}", "[[]]", "true", "\"\\ud83d\"", "\"2025-10-28T10:14:02Z\"", "\"x\"")
                      from nth in Gen.Choose(0, 20)
                      select Encoding.UTF8.GetBytes(ReplaceValue(text, nth, value));
        return Gen.Frequency((1, bytes), (3, mutated), (4, swapped), (1, Gen.Elements(Interesting).Select(Encoding.UTF8.GetBytes)));
    }

    static string ReplaceValue(string json, int nth, string value)
    {
        var values = Regex.Matches(json, "(?<=\": ?)(\"[^\"]*\"|[0-9.]+|null|true)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        if (values.Count == 0) return json;
        var hit = values[nth % values.Count];
        return string.Concat(json.AsSpan(0, hit.Index), value, json.AsSpan(hit.Index + hit.Length));
    }
}
