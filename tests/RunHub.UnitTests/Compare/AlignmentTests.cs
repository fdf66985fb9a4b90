using FsCheck;
using FsCheck.Fluent;
using RunHub.Runs.Compare;

namespace RunHub.UnitTests.Compare;

public sealed class AlignmentTests
{
    [Theory]
    [InlineData("a b c", "a b c", "aa bb cc")]
    [InlineData("a c", "a b c", "aa -b cc")]
    [InlineData("a b c", "a c", "aa b- cc")]
    [InlineData("a b", "", "a- b-")]
    [InlineData("", "", "")]
    public void Steps_that_one_run_lacks_stand_alone_in_their_place(string run, string other, string expected) => Assert.Equal(expected, Shown(run, other));

    [Theory]
    [InlineData("x x", "x x x", "xx xx -x")]
    [InlineData("x x x", "x", "xx x- x-")]
    [InlineData("a x b x c", "a x c", "aa xx b- x- cc")]
    public void Repeated_steps_are_matched_from_the_first(string run, string other, string expected) => Assert.Equal(expected, Shown(run, other));

    [Theory]
    [InlineData("a c b", "a b c", "aa bb* cc")]
    [InlineData("b a", "a b", "aa* bb")]
    public void Steps_in_another_order_are_put_together_and_marked(string run, string other, string expected)
    {
        var rows = Rows(run, other);
        Assert.Equal(expected.Count(c => c == '*'), rows.Count(r => r.Moved));
        Assert.All(rows, r => Assert.Equal(r.Run, r.Other));
        Assert.Equal(expected.Split(' ').Length, rows.Count);
    }

    [Fact]
    public void Every_step_of_both_stands_there_once_and_what_is_not_moved_is_in_order()
    {
        var word = Gen.Elements("a", "b", "c", "d").ListOf().Select(l => l.Take(12).ToList());
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Zip(word, word).ToArbitrary(), pair =>
        {
            var (run, other) = (pair.Item1, pair.Item2);
            var rows = AlignSteps.Of(run, other, k => k);
            Assert.Equal(run, rows.Select(r => r.Run).OfType<string>());
            Assert.Equal(other.Order(StringComparer.Ordinal), rows.Select(r => r.Other).OfType<string>().Order(StringComparer.Ordinal));
            Assert.All(rows.Where(r => r.Run is not null && r.Other is not null), r => Assert.Equal(r.Run, r.Other));
            // Nothing is left alone on both sides: one of the two would have been matched.
            Assert.Empty(rows.Where(r => r.Other is null).Select(r => r.Run).Intersect(rows.Where(r => r.Run is null).Select(r => r.Other)));
        }));
    }

    [Fact]
    public void A_run_beside_itself_is_matched_step_by_step() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Elements("a", "b", "c").ListOf().ToArbitrary(), steps =>
            Assert.All(AlignSteps.Of([.. steps], [.. steps], k => k), r => Assert.True(r.Run == r.Other && !r.Moved))));

    static string Shown(string run, string other) => string.Join(' ', Rows(run, other).Select(r => (r.Run ?? "-") + (r.Other ?? "-") + (r.Moved ? "*" : "")));

    static List<AlignedSteps<string>> Rows(string run, string other) =>
        AlignSteps.Of(run.Split(' ', StringSplitOptions.RemoveEmptyEntries), other.Split(' ', StringSplitOptions.RemoveEmptyEntries), k => k);
}
