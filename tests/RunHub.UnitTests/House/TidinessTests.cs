using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Store;

namespace RunHub.UnitTests.House;

public sealed partial class TidinessTests
{
    const int Lines = 300;
    static readonly string[] Text = [".cs", ".cshtml", ".csproj", ".props", ".targets", ".json", ".md", ".css", ".js", ".mjs", ".sh", ".resx", ".sql", ".service", ".txt", ".yml", ".xml"];

    [Fact]
    public void A_file_over_300_lines_says_why_at_its_top()
    {
        var silent = Tree.Files(".cs", ".cshtml", ".css", ".js", ".mjs", ".sh")
            .Where(file => File.ReadLines(Path.Combine(Tree.Root, file)).Count() > Lines)
            .Where(file => !File.ReadLines(Path.Combine(Tree.Root, file)).Take(40).Any(line => line.Contains("one file because", StringComparison.OrdinalIgnoreCase)));
        // A comment in the first 40 lines that contains "One file because …".
        Tree.AssertNone(silent);
    }

    [Fact]
    public void The_tree_names_no_package_feed_and_no_machine()
    {
        var found = from file in Tree.Files(Text)
                    where !file.EndsWith("TidinessTests.cs", StringComparison.Ordinal)
                    from line in File.ReadLines(Path.Combine(Tree.Root, file))
                    where FeedOrMachine().IsMatch(line)
                    select file + ": " + line.Trim()[..Math.Min(120, line.Trim().Length)];
        Tree.AssertNone(found);
    }

    [Fact]
    public async Task Every_table_keyed_by_run_is_deleted_with_the_run()
    {
        await using var hub = await TestHub.StartAsync();
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        var keyed = await sql.Prepare("""
            SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'run_no' WHERE m.type = 'table'
            """).ListAsync(r => r.GetString(0), default);
        var covered = hub.Services.GetServices<IRunData>().SelectMany(d => d.Tables).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("runs", keyed);
        Tree.AssertNone(keyed.Except(covered, StringComparer.Ordinal));
        Tree.AssertNone(covered.Except(keyed.Append("run_tags"), StringComparer.Ordinal));
    }

    [GeneratedRegex(@"https?://[^\s""'<>)]*(registry\.|nuget\.|npmjs|artifactory|pypi|/nuget/|/npm/)|(?<![\w.$}])/(work|root|home)/\w|[A-Z]:\\Users\\", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 5000)]
    private static partial Regex FeedOrMachine();

    [Fact]
    public void Advisory_locks_have_their_numbers_in_one_place_and_no_two_are_the_same()
    {
        var numbers = typeof(RunHub.Store.Database).Assembly.GetType("RunHub.Store.PostgresLocks", throwOnError: true)!
            .GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public).Select(f => (long)f.GetRawConstantValue()!).ToList();
        Assert.True(numbers.Count >= 4);
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Tree.AssertNone(Tree.Files(".cs").Where(f => !f.StartsWith("tests/", StringComparison.Ordinal) && Tree.Read(f) is var text
            && text.Contains("pg_try_advisory_lock", StringComparison.Ordinal) | text.Contains("pg_advisory_xact_lock", StringComparison.Ordinal) && !text.Contains("PostgresLocks.", StringComparison.Ordinal)));
    }
}
