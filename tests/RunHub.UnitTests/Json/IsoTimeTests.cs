using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RunHub.Json;

namespace RunHub.UnitTests.Json;

public sealed class IsoTimeTests
{
    [Theory]
    [InlineData("2025-10-28T10:14:02Z", "2025-10-28T10:14:02Z")]
    [InlineData("2025-10-28T10:14:03.800Z", "2025-10-28T10:14:03.8Z")]
    [InlineData("2025-10-28T12:14:03.123456789+02:00", "2025-10-28T10:14:03.123456Z")]
    [InlineData("2025-10-28 10:14", "2025-10-28T10:14:00Z")]
    [InlineData("2025-10-28T05:44:02-0430", "2025-10-28T10:14:02Z")]
    public void Reads_what_clients_write(string text, string time)
    {
        Assert.Null(IsoTime.TryParse(Encoding.ASCII.GetBytes(text), out var read));
        Assert.Equal(time, Times.ToIso(read.ToMicros()));
    }

    [Theory]
    [InlineData("2025-10-28")]
    [InlineData("2025-13-01T00:00:00Z")]
    [InlineData("2025-10-28T24:00:00Z")]
    [InlineData("2025-10-28T10:14:02.Z")]
    [InlineData("2025-10-28T10:14:02Zulu")]
    [InlineData("2025-10-28T10:14:02+25:00")]
    [InlineData("1970-01-01T00:00:00+01:00")]
    public void Refuses_what_is_no_time(string text) => Assert.NotNull(IsoTime.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void Writes_what_it_reads()
    {
        var anyTime = ArbMap.Default.GeneratorFor<long>().Select(n => Math.Abs(n % 7_258_118_400_000_000));
        var wholeSeconds = Gen.Choose(0, 2_000_000_000).Select(s => s * 1_000_000L);
        var micros = Gen.OneOf(anyTime, wholeSeconds);
        Check.QuickThrowOnFailure(Prop.ForAll(micros.ToArbitrary(), at =>
        {
            var text = new byte[IsoTime.MaxLength];
            var length = IsoTime.Format(at, text);
            Assert.Equal(Times.ToIso(at), Encoding.ASCII.GetString(text, 0, length));
            Assert.Null(IsoTime.TryParse(text.AsSpan(0, length), out var read));
            Assert.Equal(at, read.ToMicros());
        }));
    }
}
