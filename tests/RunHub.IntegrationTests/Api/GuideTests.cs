using System.Text;
using System.Text.RegularExpressions;

namespace RunHub.IntegrationTests.Api;

/// <summary>Does what docs/api.md shows, in its order.</summary>
public sealed partial class GuideTests
{
    [Theory, Engines]
    public async Task Every_call_of_the_guide_works_as_it_stands(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        var calls = 0;
        foreach (Match call in Call().Matches(await File.ReadAllTextAsync(Guide())))
        {
            var method = call.Groups["method"].Success ? call.Groups["method"].Value : "GET";
            var body = call.Groups["body"].Success ? Encoding.UTF8.GetBytes(call.Groups["body"].Value) : null;
            var reply = await client.CallAsync(new HttpMethod(method), call.Groups["path"].Value, body, body is null ? null : "application/json", call.Groups["key"].Success ? call.Groups["key"].Value : null);
            Assert.True(reply.Status is 200 or 201, $"{call.Value}: {reply.Status} {reply.Json}");
            calls++;
        }

        Assert.Equal(15, calls);
        Assert.Equal("completed", (string?)(await client.ReadAsync("/api/runs/run_42")).Json!["status"]);
    }

    static string Guide()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RunHub.sln"))) return Path.Combine(folder.FullName, "docs", "api.md");
        throw new InvalidOperationException("The repository was not found.");
    }

    [GeneratedRegex("curl (-X (?<method>[A-Z]+) )?\"?\\$RUNHUB(?<path>[^\" \\n]+)\"?[^\\n]*?(-H 'Idempotency-Key: (?<key>[^']+)' )?(-d '(?<body>[^']+)')?\\s*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Multiline, 5000)]
    private static partial Regex Call();
}
