using RunHub.Ui;

namespace RunHub.UnitTests.Ui;

public sealed class FormatTests
{
    static readonly long Now = new DateTimeOffset(2025, 1, 25, 14, 32, 15, TimeSpan.Zero).ToMicros();

    [Theory]
    [InlineData("", "")]
    [InlineData("abcd", "abcd")]
    [InlineData("abcde", "abcd…")]
    [InlineData("abc😀", "abc…")]
    [InlineData("ab😀x", "ab😀…")]
    public void Shortens_without_cutting_a_sign_in_two(string text, string shown) => Assert.Equal(shown, Format.Short(text, 4));

    [Theory]
    [InlineData(-60, "Just now", "Ahora mismo")]
    [InlineData(0, "Just now", "Ahora mismo")]
    [InlineData(59, "Just now", "Ahora mismo")]
    [InlineData(60, "1m ago", "hace 1 min")]
    [InlineData(59 * 60 + 59, "59m ago", "hace 59 min")]
    [InlineData(3600, "1h ago", "hace 1 h")]
    [InlineData(86_399, "23h ago", "hace 23 h")]
    [InlineData(86_400, "1d ago", "hace 1 d")]
    [InlineData(7 * 86_400 - 1, "6d ago", "hace 6 d")]
    [InlineData(7 * 86_400, "Jan 18, 2025", "18 ene 2025")]
    public void Says_how_long_ago(long seconds, string english, string spanish)
    {
        Assert.Equal(english, Format.For("en").Ago(Now - seconds * 1_000_000, Now));
        Assert.Equal(spanish, Format.For("es").Ago(Now - seconds * 1_000_000, Now));
    }

    [Theory]
    [InlineData(null, "--")]
    [InlineData(0L, "0ms")]
    [InlineData(850L, "850ms")]
    [InlineData(999L, "999ms")]
    [InlineData(1000L, "1.0s")]
    [InlineData(4200L, "4.2s")]
    [InlineData(59_949L, "59.9s")]
    [InlineData(59_950L, "1m 0s")]
    [InlineData(83_000L, "1m 23s")]
    [InlineData(3_599_600L, "1h 0m")]
    [InlineData(3_900_000L, "1h 5m")]
    [InlineData(183_600_000L, "2d 3h")]
    public void Writes_durations(long? milliseconds, string expected) => Assert.Equal(expected, Format.For("en").Duration(milliseconds));

    [Theory]
    [InlineData(null, "N/A")]
    [InlineData(0L, "$0.0000")]
    [InlineData(12_300_000L, "$0.0123")]
    [InlineData(1L, "<$0.0001")]
    [InlineData(999_999_999L, "$1.0000")]
    [InlineData(1_234_567_000_000L, "$1,234.57")]
    public void Writes_cost(long? nano, string expected) => Assert.Equal(expected, Format.For("en").Cost(nano));

    [Fact]
    public void Numbers_have_the_separators_of_their_language()
    {
        Assert.Equal("1,234,567", Format.For("en").Number(1_234_567));
        Assert.Equal("1.234.567", Format.For("es").Number(1_234_567));
        Assert.Equal("4,2s", Format.For("es").Duration(4200));
        Assert.Equal("N/D", Format.For("es").Number(null));
        Assert.Equal("0.967", Format.For("en").Decimal(0.96712));
    }

    [Theory]
    [InlineData(812, "812 B")]
    [InlineData(1024, "1 KB")]
    [InlineData(1_300, "1.3 KB")]
    [InlineData(3_565_158, "3.4 MB")]
    public void Writes_sizes(long bytes, string expected) => Assert.Equal(expected, Format.For("en").Size(bytes));
}
