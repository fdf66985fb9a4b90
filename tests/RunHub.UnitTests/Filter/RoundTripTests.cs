using FsCheck;
using FsCheck.Fluent;
using RunHub.Filter;
using RunHub.Model;
using RunHub.Store.Events;

namespace RunHub.UnitTests.Filter;

public sealed class RoundTripTests
{
    static readonly Config Seeds = Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(int.MaxValue);
    static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(12);

    [Fact]
    public void Any_filter_reads_back_from_the_query_it_prints() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var filter = RunFilter.Parse(RandomRuns.Query(new Random(seed)));
            var again = RunFilter.Parse(filter.ToQuery());
            Assert.Equal(filter.ToQuery(), again.ToQuery());
            Assert.Equal(filter, again);
            Assert.Equal((filter.Sort, filter.Limit), (again.Sort, again.Limit));
            Assert.Equal(filter.Conditions.SelectMany(c => c.Values), again.Conditions.SelectMany(c => c.Values));
        }).Check(Seeds);

    [Fact]
    public void Any_filter_reads_back_from_the_line_it_prints() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var filter = RunFilter.Parse(RandomRuns.Query(random));
            if (random.Next(4) == 0) filter = filter.With("q", RandomRuns.Question(random));
            var line = filter.ToLine();
            var read = QueryLine.Parse(line, DateTimeOffset.UnixEpoch);
            Assert.True(read.Faults.Count == 0, $"{filter.ToQuery()} -> {line}: {string.Join(' ', read.Faults)}");
            var again = RunFilter.Parse("query=" + Uri.EscapeDataString(line) + (filter.Sort == RunSort.Default ? "" : "&sort=" + filter.Sort) + "&limit=" + filter.Limit);
            Assert.Equal(filter.ToQuery(), again.ToQuery());
            Assert.Equal(line, again.ToLine());
        }).Check(Seeds);

    [Fact]
    public void Any_line_is_read_without_an_exception_and_every_fault_has_its_place() =>
        Prop.ForAll(Gen.Elements("status:", "failed", "-", ":", ",", "\"", "\\", " ", "tag:", "/", "*", "a", "started:", ">", "..", "2s", "duration:", "q:", "😀", "2026-11-01", "workflow", "sttaus:").ListOf().ToArbitrary(), parts =>
        {
            var text = string.Concat(parts);
            foreach (var fault in QueryLine.Parse(text, DateTimeOffset.UnixEpoch).Faults)
            {
                Assert.InRange(fault.Start, 0, text.Length);
                Assert.True(fault.Length >= 1 && fault.Start + fault.Length <= text.Length + 1, $"{text}: {fault}");
            }
        }).Check(Many);

    [Fact]
    public void Any_text_can_be_asked_for_literally() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyString>(), text =>
        {
            var literal = string.Concat(text.Get.Where(c => !char.IsControl(c) && !char.IsSurrogate(c)));
            if (string.IsNullOrWhiteSpace(literal)) return;
            foreach (var key in new[] { "workflow", "tag", "lead" })
            {
                var filter = RunFilter.Parse(RunFilter.None.With(key, literal, "other").ToQuery());
                Assert.True(filter.Has(key, literal), $"{key}={literal}: {filter.ToQuery()}");
                Assert.Equal(2, filter.Find(key)!.Values.Count);
            }
        }).Check(Many);

    [Fact]
    public void Any_value_with_the_characters_that_mean_something_reads_back() =>
        Prop.ForAll(Gen.Elements('a', ',', '\\', '*', '/', ' ', '+', '&', '=', '%').ListOf().ToArbitrary(), chars =>
        {
            var literal = string.Concat(chars);
            foreach (var regexes in new[] { true, false })
            {
                foreach (var kind in new[] { FilterValueKind.Exact, FilterValueKind.Prefix })
                {
                    if (literal.Length == 0) continue;
                    var value = new FilterValue(kind, literal);
                    Assert.Equal([value, new(FilterValueKind.Exact, "z")], FilterValue.Split(value + ",z", prefixes: true, regexes));
                }
            }
        }).Check(Many);

    [Fact]
    public void Any_run_has_the_same_snapshot_after_writing_and_reading() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var row = RandomRuns.Row(new Random(seed), 1);
            var (expected, read) = (RunSummary.From(row), EventText.Read(EventText.Write(row, [], "ana")).Run);
            foreach (var property in typeof(RunSummary).GetProperties()) Assert.Equal(property.GetValue(expected), property.GetValue(read));
        }).Check(Seeds);

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a\uD7FF", "a\uE000")]
    [InlineData("a\U0010FFFF", "b")]
    [InlineData("\U0001F600", "\U0001F601")]
    [InlineData("\U0010FFFF", null)]
    public void Knows_what_comes_after_all_texts_with_a_prefix(string prefix, string? after) => Assert.Equal(after, FilterValue.AfterPrefix(prefix));
}
