using System.Text;
using RunHub.Access;
using static RunHub.IntegrationTests.Otlp.TraceMaker;

namespace RunHub.IntegrationTests.Otlp;

public sealed class LogTests
{
    const string Trace = "0af7651916cd43dd8448eb211c80319c";

    static readonly string[] Messages =
    [
        """{"timeUnixNano":"1","eventName":"gen_ai.system.message","body":{"kvlistValue":{"values":[{"key":"content","value":{"stringValue":"Be brief."}}]}}}""",
        """{"timeUnixNano":"2","eventName":"gen_ai.user.message","body":{"kvlistValue":{"values":[{"key":"content","value":{"stringValue":"Hi"}}]}}}""",
        """{"timeUnixNano":"3","attributes":[{"key":"event.name","value":{"stringValue":"gen_ai.choice"}}],"body":{"stringValue":"{\"index\":0,\"message\":{\"content\":\"Hello\"}}"}}""",
        """{"timeUnixNano":"4","severityNumber":17,"body":{"stringValue":"it broke"},"attributes":[{"key":"exception.type","value":{"stringValue":"Broken"}},{"key":"exception.message","value":{"stringValue":"pipe"}},{"key":"exception.stacktrace","value":{"stringValue":"at x"}}]}""",
    ];

    [Theory, Engines]
    public async Task Messages_and_exceptions_join_their_span_whichever_comes_first(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        MadeSpan[] spans = [Span(Trace, 1, 0, "agent", 0, 60), Span(Trace, 2, 1, "chat m", 10, 50, error: "call failed", attributes: [("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m")])];
        var pictures = new List<string>();
        var random = new Random(3);
        for (var i = 0; i < 6; i++)
        {
            var tenant = "t" + i;
            using var client = await hub.KeyAsync(KeyScopes.Ingest, tenant);
            Func<Task>[] sends = [() => client.SendAsync(spans), .. Messages.Select(m => (Func<Task>)(() => LogAsync(client, m)))];
            if (i > 0) random.Shuffle(sends);
            foreach (var send in sends) await send();
            foreach (var send in sends) await send();
            pictures.Add(Assert.Single(await hub.PictureAsync(tenant)).Value);
            var chat = (await hub.RunOfAsync(Trace, tenant)).Steps.Single(s => s.Step.Name == "chat m").Step;
            Assert.Equal("""[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]""", chat.Input.ToString());
            Assert.Equal("""[{"index":0,"message":{"content":"Hello"}}]""", chat.Output.ToString());
            Assert.Equal((RunStatus.Failed, "call failed", "at x"), (chat.Status, chat.ErrorMessage, chat.ErrorStack));
        }

        Assert.All(pictures, p => Assert.Equal(pictures[0], p));
    }

    [Fact]
    public async Task A_record_without_a_trace_is_refused_and_the_others_are_taken()
    {
        await using var hub = await TestHub.StartAsync();
        using var client = await hub.KeyAsync(KeyScopes.Ingest);
        var answer = await PostAsync(client, """{"body":{"stringValue":"no trace"}},""" + With(Messages[3]));
        Assert.Contains("\"rejectedLogRecords\":\"1\"", answer, StringComparison.Ordinal);
        var run = await hub.RunOfAsync(Trace);
        Assert.Equal((RunStatus.Running, "pipe"), (run.Run.Status, Assert.Single(run.Steps).Step.ErrorMessage));
    }

    static string With(string message) => "{\"traceId\":\"" + Trace + "\",\"spanId\":\"0000000000000002\"," + message[1..];

    static async Task LogAsync(HttpClient client, string message) => Assert.Equal("{}", await PostAsync(client, With(message)));

    static async Task<string> PostAsync(HttpClient client, string records)
    {
        using var content = new StringContent("{\"resourceLogs\":[{\"resource\":{},\"scopeLogs\":[{\"scope\":{\"name\":\"lib\"},\"logRecords\":[" + records + "]}]}]}", Encoding.UTF8, "application/json");
        using var response = await client.PostAsync("/v1/logs", content);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return body;
    }
}
