using System.Net;
using System.Text;
using System.Text.Json;
using RunHub.Ui;

namespace RunHub.UnitTests.Ui;

public sealed class JsonHtmlTests
{
    [Fact]
    public void Formats_with_two_spaces_and_keeps_every_digit() =>
        Assert.Equal("{\n  \"a\": [\n    1.50,\n    12345678901234567890,\n    -0.0e+10\n  ],\n  \"b\": \"café\",\n  \"c\": {},\n  \"d\": []\n}",
            Format(""" {"a":[1.50, 12345678901234567890,-0.0e+10],"b" : "caf\u00e9","c":{ },"d":[]} """));

    [Fact]
    public void Formatted_again_it_is_the_same()
    {
        var once = Format("""{"a":[1,{"b":[[],{}]},"x, y: {z}"],"c":null,"d":true}""");
        Assert.Equal(once, Format(once));
    }

    [Theory]
    [InlineData("""{"a":"<script>alert(1)</script>&amp;"}""")]
    [InlineData("""["\u003cimg src=x onerror=alert(1)\u003e", "</code></pre>"]""")]
    [InlineData("""{"<b>\"'":1}""")]
    public void Nothing_in_it_is_markup(string json)
    {
        var html = Html(json);
        Assert.DoesNotContain('<', html);
        Assert.DoesNotContain('>', html);
        Assert.Equal(Canonical(json), Canonical(WebUtility.HtmlDecode(html)));
    }

    [Theory]
    [InlineData("""{"a":"\ud83d"}""", "\"\\ud83d\"")]
    [InlineData("""{"a":"\ud83d\ude00\u00e9\/"}""", "\"😀é/\"")]
    [InlineData("""{"a":"\u0000\u001b\u202e\u200b\n\\\""}""", """
        "\u0000\u001b\u202e\u200b\n\\\""
        """)]
    [InlineData("""{"a":"\u0022\u005c"}""", """
        "\u0022\u005c"
        """)]
    public void Escapes_that_stand_for_something_visible_are_resolved(string json, string shown) => Assert.Contains(shown, Format(json), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"line\\nline\\ttab \\\"q\\\" \\\\ \\u00e9 <b>\"", "line\nline\ttab \"q\" \\ é <b>")]
    [InlineData("\"half \\ud83d\"", "half \\ud83d")]
    [InlineData("\"\"", "")]
    public void A_string_is_shown_as_its_text(string json, string text)
    {
        using var html = new HtmlBuffer();
        var lines = JsonHtml.Text(html, Encoding.UTF8.GetBytes(json));
        Assert.Equal(text, WebUtility.HtmlDecode(html.ToString()));
        Assert.Equal(text.Count(c => c == '\n'), lines);
    }

    [Fact]
    public void Deep_nesting_does_not_grow_without_end()
    {
        var json = new string('[', 1000) + new string(']', 1000);
        var html = Format(json);
        Assert.Equal(json, string.Concat(html.Where(c => c is '[' or ']')));
        Assert.True(html.Length < 150_000, $"{html.Length} characters");
    }

    [Fact]
    public void What_is_not_json_is_written_without_harm()
    {
        var random = new Random(4711);
        foreach (var length in Enumerable.Range(0, 400))
        {
            var bytes = Enumerable.Range(0, length % 40).Select(_ => (byte)"\"\\u12d8{}[]:,<>& \n0a\u007f"[random.Next(21)]).ToArray();
            using var html = new HtmlBuffer();
            JsonHtml.Write(html, bytes);
            JsonHtml.Text(html, bytes);
            Assert.DoesNotContain('<', html.ToString());
        }
    }

    [Fact]
    public void Lines_are_counted() => Assert.Equal(5, JsonHtml.Write(new HtmlBuffer(), """{"a":[1,2]}"""u8));

    static string Html(string json)
    {
        using var html = new HtmlBuffer();
        JsonHtml.Write(html, Encoding.UTF8.GetBytes(json));
        return html.ToString();
    }

    static string Format(string json) => WebUtility.HtmlDecode(Html(json));

    static string Canonical(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonSerializer.Serialize(document.RootElement);
    }
}
