using RunHub.Runs;

namespace RunHub.UnitTests.Plugins;

public sealed class RunFileNameTests
{
    [Theory]
    [InlineData("8f2a4b", "run_8f2a_2025-01-25.json")]
    [InlineData("run_8f2a4b", "run_8f2a_2025-01-25.json")]
    [InlineData("run_01JJ0000000ABCDEFGHJKMNPQR", "run_ABCD_2025-01-25.json")]
    [InlineData("01JJ0000000ABCDEFGHJKMNPQR", "run_01JJ_2025-01-25.json")]
    [InlineData("a\"b; c.\\d", "run_abcd_2025-01-25.json")]
    [InlineData("erp-98421", "run_erp-_2025-01-25.json")]
    [InlineData("ñü", "run_0000_2025-01-25.json")]
    public void Names_the_file_after_the_run_and_its_day(string id, string name) =>
        Assert.Equal(name, RunFileName.Of(id, DateTimeOffset.Parse("2025-01-26T00:30:00+02:00")));

    [Fact]
    public void Takes_what_differs_between_runs_of_the_same_moment()
    {
        var now = DateTimeOffset.Parse("2025-01-25T14:32:15Z");
        var names = Enumerable.Range(0, 50).Select(_ => RunFileName.Of(Ids.NewRun(now), now)).ToHashSet(StringComparer.Ordinal);
        Assert.True(names.Count > 45, $"{names.Count} of 50 names differ.");
    }
}
