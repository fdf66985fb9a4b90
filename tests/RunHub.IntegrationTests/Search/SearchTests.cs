using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RunHub.IntegrationTests.Search;

/// <summary>What is found, on both engines, as list and by rank.</summary>
public sealed class SearchTests
{
    static readonly object[] Some =
    [
        new
        {
            id = "run_a", workflow_name = "invoice_extraction", name = "Factura de María Núñez", status = "failed", diagnostics = new { error_code = "E42", error_message = "Tiempo de espera agotado: proveedor no responde" },
            inputs_summary = new { file = "invoice_98421.pdf", note = "first timeout then retry" }, outputs_summary = new { total = 1732.55, currency = "USD" }, tags = new[] { "eu-west" }, lead_id = "lead-77",
            annotations = new[] { new { author = "ana", note = "llamar al cliente mañana" } }, started_at = "2026-11-01T10:00:00Z",
            steps = new[] { new { id = "s1", name = "extract_fields", status = "failed", input = new { prompt = "Résumé the document" }, output = new { text = "kaputt zebra" } } },
        },
        new { id = "run_b", workflow_name = "lead_scoring", status = "completed", inputs_summary = new { text = "timeout first, and the zebra" }, started_at = "2026-11-02T10:00:00Z" },
        new { id = "run_c", workflow_name = "zebra_counting", status = "completed", inputs_summary = new { text = "invoices of 2026" }, batch_id = "b1", started_at = "2026-11-03T10:00:00Z" },
    ];

    [Theory, Engines]
    public async Task Finds_words_wherever_they_stand_whatever_case_and_accents(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, Some);
        await hub.IndexAsync();
        foreach (var (q, expected) in new (string, string[])[]
        {
            ("zebra", ["run_c", "run_b", "run_a"]),
            ("ZEBRA", ["run_c", "run_b", "run_a"]),
            ("maria", ["run_a"]), ("NUNEZ factura", ["run_a"]), ("mañana", ["run_a"]), ("manana", ["run_a"]), ("resume", ["run_a"]), ("Résumé", ["run_a"]),
            ("98421", ["run_a"]), ("invoice_98421.pdf", ["run_a"]), ("1732.55", ["run_a"]), ("agotado", ["run_a"]), ("E42", ["run_a"]), ("eu-west", ["run_a"]), ("extract_fields", ["run_a"]), ("extract", ["run_a"]),
            // Names of fields are not text; nor is the middle of a word.
            ("currency", []), ("voice", []),
            // All words; the last may go on, the others may not.
            ("timeout zebra", ["run_b", "run_a"]), ("timeout kaputt", ["run_a"]), ("invoi", ["run_c", "run_a"]), ("invoi 2026", []), ("2026 invoi", ["run_c"]), ("zebra nothing", []),
            // Phrases.
            ("\"first timeout\"", ["run_a"]), ("\"timeout first\"", ["run_b"]), ("\"the document\" zebra", ["run_a"]), ("\"zebra cou\"", []), ("\"document kaputt\"", []),
        })
        {
            Assert.True(expected.SequenceEqual(await SearchHub.ListAsync(client, q)), $"{q}: {string.Join(' ', await SearchHub.ListAsync(client, q))}");
            Assert.Equal(expected.Order(StringComparer.Ordinal), (await SearchHub.SearchAsync(client, q)).Order(StringComparer.Ordinal));
        }

        Assert.Equal(["run_a"], await SearchHub.ListAsync(client, "zebra", "&status=failed"));
        Assert.Equal(["run_a", "run_b"], await SearchHub.ListAsync(client, "zebra", "&sort=started_at&lane=production"));
        Assert.Equal(["run_b"], await SearchHub.ListAsync(client, "zebra", "&from=2026-11-02&to=2026-11-02"));
        Assert.Equal(["run_b"], await SearchHub.SearchAsync(client, "zebra", "&workflow=lead*"));
    }

    [Theory, Engines]
    public async Task Ids_are_found_whole_and_by_their_beginning_and_come_first(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client,
            new { id = "ord-1", workflow_name = "w", status = "completed", trace_id = "tr-1", business_event_id = "erp:invoice#9", lead_id = "ld-1", thread_id = "th 1", batch_id = "bt-1" },
            new { id = "x2", workflow_name = "ord", status = "completed" },
            new { id = "x3", workflow_name = "w", status = "completed", diagnostics = new { trace_id = "ord-9" } });
        await hub.IndexAsync();
        foreach (var q in new[] { "ord-1", "tr-1", "erp:invoice#9", "\"erp:invoice#9\"", "erp:inv", "ld-1", "th 1", "bt-1", "bt" }) Assert.Equal(["ord-1"], await SearchHub.ListAsync(client, q));
        Assert.Equal(["x3", "ord-1", "x2"], await SearchHub.ListAsync(client, "ord"));
        Assert.Equal(["x3", "ord-1", "x2"], await PagesAsync(client, "ord", 1));
        var ranked = await SearchHub.SearchAsync(client, "ord");
        Assert.Equal("x2", ranked[^1]);
    }

    [Theory, Engines]
    public async Task The_ranked_answer_shows_where_the_words_are(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, Some);
        await hub.IndexAsync();
        var answer = await client.GetFromJsonAsync<JsonElement>("/api/search?q=zebra");
        var runs = answer.GetProperty("runs").EnumerateArray().ToList();
        // The name weighs most.
        Assert.Equal("run_c", runs[0].GetProperty("id").GetString());
        Assert.True(runs[0].GetProperty("score").GetDouble() > runs[1].GetProperty("score").GetDouble());
        Assert.True(answer.GetProperty("searched").GetProperty("complete").GetBoolean());
        foreach (var snippet in runs.SelectMany(r => r.GetProperty("snippets").EnumerateArray()))
        {
            var text = snippet.GetProperty("text").GetString()!;
            foreach (var match in snippet.GetProperty("matches").EnumerateArray())
                Assert.Equal("zebra", text.Substring(match.GetProperty("start").GetInt32(), match.GetProperty("length").GetInt32()));
        }

        Assert.Equal(["name", "input", "output"], runs.OrderByDescending(r => r.GetProperty("id").GetString(), StringComparer.Ordinal).Select(r => r.GetProperty("snippets")[0].GetProperty("field").GetString()));
    }

    [Theory, Engines]
    public async Task The_beginning_of_very_many_words_is_found_by_walking_the_list(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        // Started in another order than they came in: the list's order is not the index's.
        await SearchHub.ReportAsync(client, [.. Enumerable.Range(0, 700).Select(n => (object)new
        {
            id = $"r{n:000}", workflow_name = "flow", name = n % 2 == 0 ? $"word{n}x" : "else", status = n % 3 == 0 ? "failed" : "completed", started_at = new DateTime(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(n * 7919 % 700),
        })]);
        await hub.IndexAsync();
        var expected = Enumerable.Range(0, 700).Where(n => n % 2 == 0).OrderByDescending(n => n * 7919 % 700).Select(n => $"r{n:000}").ToList();
        Assert.Equal(expected, await PagesAsync(client, "word", 37));
        Assert.Equal(expected.AsEnumerable().Reverse(), await PagesAsync(client, "word", 200, "&sort=started_at"));
        Assert.Equal(expected.Where(id => int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture) % 3 == 0), await PagesAsync(client, "word", 20, "&status=failed"));
        Assert.Equal(["r002"], await PagesAsync(client, "word2x", 20));
        Assert.Equal(expected, await PagesAsync(client, "flow word", 200));
        Assert.Equal(20, (await SearchHub.SearchAsync(client, "word")).Count);
    }

    [Theory, Engines]
    public async Task Another_tenants_texts_are_not_found(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var (mine, theirs) = (await hub.KeyAsync(), await hub.KeyAsync(tenant: "other"));
        await SearchHub.ReportAsync(theirs, Some);
        await hub.IndexAsync();
        Assert.Empty(await SearchHub.ListAsync(mine, "zebra"));
        Assert.Empty(await SearchHub.SearchAsync(mine, "zebra"));
        Assert.Empty(await SearchHub.SearchAsync(mine, "run_a"));
        Assert.Equal(3, (await SearchHub.SearchAsync(theirs, "zebra")).Count);
    }

    [Theory, Engines]
    public async Task No_question_is_a_server_error(string engine)
    {
        await using var hub = await SearchHub.StartAsync(engine);
        var client = await hub.KeyAsync();
        await SearchHub.ReportAsync(client, Some);
        await hub.IndexAsync();
        string[] questions =
        [
            "\"", "\"\"", "\"a", "'", "''", "*", "a*", "* *", "AND", "OR NOT", "NEAR(a b, 2)", "a NEAR b", "text:zebra", "{words}:a", "^zebra", "a + b", "-zebra", "!zebra", "(", ")(", "a & b | c", "<->", "a:*", "\\", "%", "_",
            "zebra\0", "\ud83d\ude00", "\ud83d\ude00 zebra", "\ud800", "ñ", "日本語", "a\u0301", "\u0301", "--", ";DROP TABLE runs", "#7", "§", "'#1'", new string('z', 10_000), new string('"', 250), string.Concat(Enumerable.Repeat("z ", 100)), "z" + new string('a', 250),
        ];
        foreach (var question in questions)
        {
            foreach (var path in new[] { "/api/runs?q=", "/api/search?q=", "/api/runs?query=", "/api/search?query=", "/api/runs?sort=duration&q=", "/api/runs?sort=status&q=" })
            {
                using var answer = await client.GetAsync(path + Escape(question));
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.RequestUriTooLong, $"{path}{question}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            }
        }

        Assert.Equal(["run_c", "run_b", "run_a"], await SearchHub.ListAsync(client, "\ud83d\ude00 zebra"));
    }

    // Half a surrogate has no UTF-8; what a client sends then is this.
    static string Escape(string text) => text.Any(char.IsSurrogate) && !text.Contains('\udE00', StringComparison.Ordinal) ? "%ED%A0%80" : Uri.EscapeDataString(text);

    internal static async Task<List<string>> PagesAsync(HttpClient client, string q, int limit, string more = "")
    {
        var ids = new List<string>();
        string? token = null;
        do
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/api/runs?q={Uri.EscapeDataString(q)}&limit={limit}{more}{(token is null ? "" : "&next_token=" + token)}");
            ids.AddRange(page.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("id").GetString()!));
            token = page.GetProperty("next_token").GetString();
        }
        while (token is not null);
        return ids;
    }
}
