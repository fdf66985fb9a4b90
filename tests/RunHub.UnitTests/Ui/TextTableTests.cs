using RunHub.Ui;

namespace RunHub.UnitTests.Ui;

public sealed class TextTableTests
{
    [Theory]
    [InlineData("{0} of {1}", "{1} of b")]
    [InlineData("{1}{0}{1}", "b{1}b")]
    [InlineData("{id} {2} {0", "{id} {2} {0")]
    [InlineData("nothing", "nothing")]
    public void Places_are_filled_once_whatever_stands_in_the_values(string text, string filled) =>
        // A key without a text is its own.
        Assert.Equal(filled, TextTable.Of(typeof(UiTexts)).Put(text, "{1}", "b"));
}
