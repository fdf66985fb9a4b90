using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace RunHub.IntegrationTests.Api;

public sealed class OpenApiTests
{
    [Fact]
    public async Task Every_endpoint_under_api_is_in_the_document()
    {
        await using var hub = await TestHub.StartAsync();
        var paths = (await DocumentAsync(hub))["paths"]!;
        var endpoints = hub.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        var missing = endpoints
            .Select(e => (Path: "/" + Regex.Replace(e.RoutePattern.RawText!.TrimStart('/'), "\\{(?<name>\\w+)[^}]*\\}", "{${name}}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)), Endpoint: e))
            .Where(e => e.Path.StartsWith("/api/", StringComparison.Ordinal) || e.Path.StartsWith("/health/", StringComparison.Ordinal))
            .SelectMany(e => (e.Endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(m => (e.Path, Method: m.ToLowerInvariant())))
            .Where(e => paths[e.Path]?[e.Method] is null)
            .ToList();
        Assert.True(endpoints.Count > 10);
        Assert.Empty(missing);
    }

    [Fact]
    public async Task References_lead_somewhere_and_every_operation_says_what_it_does()
    {
        await using var hub = await TestHub.StartAsync();
        var document = await DocumentAsync(hub);
        var schemas = document["components"]!["schemas"]!.AsObject();
        foreach (Match reference in Regex.Matches(document.ToJsonString(), "\"#/components/schemas/(?<name>\\w+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)))
            Assert.True(schemas.ContainsKey(reference.Groups["name"].Value), reference.Value);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                Assert.True(ids.Add((string)operation!["operationId"]!), $"{method} {path}");
                Assert.NotEqual($"{method.ToUpperInvariant()} {path}", (string?)operation["summary"]);
                foreach (Match parameter in Regex.Matches(path, "\\{(?<name>\\w+)\\}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
                    Assert.Contains(operation["parameters"]!.AsArray(), p => (string?)p!["name"] == parameter.Groups["name"].Value && (string?)p["in"] == "path");
            }
        }
    }

    [Theory, Engines]
    public async Task Examples_of_bodies_are_accepted_as_they_stand(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await client.PostAsync("/api/runs", """{"id":"example","workflow_name":"w"}""");
        var note = (string?)(await client.PostAsync("/api/runs/example/annotate", """{"note":"n"}""")).Json!["annotation_id"];
        var count = 0;
        foreach (var (path, item) in (await DocumentAsync(hub))["paths"]!.AsObject())
        {
            if (!path.StartsWith("/api/runs", StringComparison.Ordinal)) continue;
            foreach (var (method, operation) in item!.AsObject())
            {
                if (operation!["requestBody"]?["content"]?["application/json"]?["example"] is not { } example) continue;
                var strict = operation["parameters"]!.AsArray().Any(p => (string?)p!["name"] == "strict") ? "?strict=true" : "";
                var reply = await client.CallAsync(new HttpMethod(method.ToUpperInvariant()), path.Replace("{id}", "example", StringComparison.Ordinal).Replace("{annotation}", note, StringComparison.Ordinal) + strict,
                    System.Text.Encoding.UTF8.GetBytes(example.ToJsonString()), "application/json");
                Assert.True(reply.Status is 200 or 201, $"{method} {path}: {reply.Status} {reply.Json}");
                count++;
            }
        }

        Assert.True(count >= 3);
    }

    [Fact]
    public async Task What_is_read_and_written_stands_in_the_schemas()
    {
        await using var hub = await TestHub.StartAsync();
        var client = await hub.KeyAsync(tenant: "acme-inc");
        var schemas = (await DocumentAsync(hub))["components"]!["schemas"]!;
        await client.PostAsync("/api/runs", DocumentExamplesTests.Run);
        await client.PostAsync("/api/runs/run_01HXY.../steps", DocumentExamplesTests.Step);
        // Every member that is documented as input is known to the strict reader …
        foreach (var (schema, address) in new[] { ("RunInput", "/api/runs?strict=true"), ("StepInput", "/api/runs/run_01HXY.../steps?strict=true") })
        {
            var body = new JsonObject(schemas[schema]!["properties"]!.AsObject().Select(p => KeyValuePair.Create(p.Key, (JsonNode?)null)));
            body["id"] = "x";
            body[schema == "RunInput" ? "workflow_name" : "name"] = "w";
            var reply = await client.PostAsync(address, body.ToJsonString());
            Assert.True(reply.Status is 200 or 201, $"{schema}: {reply.Json}");
        }

        // … and every member that is written is documented, the required ones always.
        AssertMembers(schemas["Run"]!, (await client.ReadAsync("/api/runs/run_01HXY...")).Json!);
        AssertMembers(schemas["Run"]!, (await client.ReadAsync("/api/runs")).Json!["runs"]![0]!);
        AssertMembers(schemas["Step"]!, (await client.ReadAsync("/api/runs/run_01HXY.../steps")).Json!["steps"]![0]!);
        AssertMembers(schemas["Problem"]!, (await client.ReadAsync("/api/runs/none")).Json!);
    }

    [Theory]
    [InlineData("en")]
    [InlineData("es")]
    public async Task The_page_tells_every_operation_to_anyone(string language)
    {
        await using var hub = await TestHub.StartAsync();
        var client = hub.Anonymous();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var html = await client.GetStringAsync("/docs");
        foreach (var (path, item) in (await DocumentAsync(hub))["paths"]!.AsObject())
            foreach (var (_, operation) in item!.AsObject())
                Assert.Contains($"id=\"{(string)operation!["operationId"]!}\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Contains(language == "es" ? "Parámetros" : "Parameters", System.Net.WebUtility.HtmlDecode(html), StringComparison.Ordinal);
    }

    static void AssertMembers(JsonNode schema, JsonNode json)
    {
        var known = schema["properties"]!.AsObject().Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        Assert.All(json.AsObject(), m => Assert.Contains(m.Key, known));
        Assert.All(schema["required"]!.AsArray(), r => Assert.True(json.AsObject().ContainsKey((string)r!), (string)r!));
    }

    static async Task<JsonNode> DocumentAsync(TestHub hub) => (await hub.Anonymous().ReadAsync("/openapi/v1.json")).Json!;
}
