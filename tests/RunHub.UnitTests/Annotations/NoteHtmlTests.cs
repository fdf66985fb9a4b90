using RunHub.Ui;

namespace RunHub.UnitTests.Annotations;

/// <summary>The text of a note: escaped, http addresses clickable, mentions marked.</summary>
public sealed class NoteHtmlTests
{
    static readonly string[] Ana = ["ana@acme.example"];

    [Theory]
    [InlineData("a <b> & \"c\"", "a &lt;b&gt; &amp; &quot;c&quot;")]
    [InlineData("see https://example.com/x.", "see <a href=\"https://example.com/x\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">https://example.com/x</a>.")]
    [InlineData("(https://example.com/a_(b))", "(<a href=\"https://example.com/a_(b)\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">https://example.com/a_(b)</a>)")]
    [InlineData("javascript:alert(1) data:text/html,x ftp://x", "javascript:alert(1) data:text/html,x ftp://x")]
    [InlineData("https://user:pw@example.com", "https://user:pw@example.com")]
    [InlineData("https://", "https://")]
    [InlineData("hi @ana@acme.example, hi @ana. hi @anna", "hi <span class=\"mention\">@ana@acme.example</span>, hi <span class=\"mention\">@ana</span>. hi @anna")]
    [InlineData("mail ana@acme.example", "mail ana@acme.example")]
    public void Text_is_text(string note, string html)
    {
        using var buffer = new HtmlBuffer();
        NoteHtml.Text(buffer, note, Ana);
        Assert.Equal(html, buffer.ToString());
    }
}
