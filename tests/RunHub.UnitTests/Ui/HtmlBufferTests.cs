using System.Text.Encodings.Web;
using RunHub.Ui;

namespace RunHub.UnitTests.Ui;

public sealed class HtmlBufferTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a & b < c > d \" e ' f", "a &amp; b &lt; c &gt; d &quot; e &#39; f")]
    [InlineData("ñ 日本 😀", "ñ 日本 😀")]
    [InlineData("nul \0", "nul \uFFFD")]
    public void Text_is_fit_for_content_and_attributes(string text, string html)
    {
        Assert.Equal(html, HtmlBuffer.Encode(text));
        using var buffer = new HtmlBuffer();
        buffer.Text(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.Equal(html, buffer.ToString());
    }

    [Fact]
    public void What_shows_later_is_put_where_it_belongs()
    {
        using var html = new HtmlBuffer(16);
        html.Raw("<p class=\"a"u8);
        var at = html.Length;
        html.Raw("\">"u8);
        html.Text("a text that is longer than the buffer was at first");
        html.Insert(at, " b"u8);
        html.Number(-17);
        Assert.Equal("<p class=\"a b\">a text that is longer than the buffer was at first-17", html.ToString());
    }

    [Fact]
    public void A_view_gets_it_whole_wherever_it_is_cut()
    {
        using var html = new HtmlBuffer();
        var text = string.Concat(Enumerable.Repeat("xñ日😀", 9000));
        html.Text(text);
        using var writer = new StringWriter();
        html.WriteTo(writer, HtmlEncoder.Default);
        Assert.Equal(text, writer.ToString());
    }
}
