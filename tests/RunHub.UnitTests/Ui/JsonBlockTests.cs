using System.Text;
using RunHub.Ui;

namespace RunHub.UnitTests.Ui;

public sealed class JsonBlockTests
{
    [Fact]
    public void Formats_with_two_spaces_and_keeps_every_digit()
    {
        var pretty = JsonBlock.Pretty(Encoding.UTF8.GetBytes("""{"a":[1.50,12345678901234567890],"b":"caf\u00e9 <b>"}"""));
        Assert.Equal("{\n  \"a\": [\n    1.50,\n    12345678901234567890\n  ],\n  \"b\": \"café <b>\"\n}", pretty);
    }

    [Fact]
    public void A_string_is_shown_as_its_text()
    {
        var block = JsonBlock.Of("x", Encoding.UTF8.GetBytes("\"line\\nline\""));
        Assert.False(block.IsJson);
        Assert.Equal("line\nline", block.Text);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_it_came() =>
        Assert.Equal("""{"a":"\ud83d"}""", JsonBlock.Pretty(Encoding.UTF8.GetBytes("""{"a":"\ud83d"}""")));

    [Fact]
    public void Deep_nesting_is_formatted() =>
        Assert.StartsWith("[", JsonBlock.Pretty(Encoding.UTF8.GetBytes(new string('[', 500) + new string(']', 500))), StringComparison.Ordinal);

    [Fact]
    public void Many_lines_are_folded()
    {
        Assert.False(JsonBlock.Of("x", "short").IsLong);
        Assert.True(JsonBlock.Of("x", string.Concat(Enumerable.Repeat("line\n", 20))).IsLong);
    }
}
