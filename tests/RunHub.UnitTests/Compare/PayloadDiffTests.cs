using System.Text;
using System.Text.Json;
using RunHub.Runs.Compare;

namespace RunHub.UnitTests.Compare;

public sealed class PayloadDiffTests
{
    [Fact]
    public void Json_that_differs_in_spacing_only_is_the_same()
    {
        Assert.True(Of("""{"a":1,"b":[1,2]}""", """{ "a": 1, "b": [ 1, 2 ] }""")!.Same);
        Assert.Null(Of("", ""));
    }

    [Theory]
    [InlineData("1", "\"1\"")]
    [InlineData("1", "1.0")]
    [InlineData("", "{}")]
    [InlineData("{}", "")]
    [InlineData("null", "")]
    public void What_is_not_the_same_value_differs_and_shows_where(string run, string other)
    {
        var diff = Of(run, other)!;
        Assert.False(diff.Same);
        Assert.Contains(diff.Lines, l => l.Kind == DiffKind.Changed);
    }

    [Fact]
    public void A_member_that_changed_is_one_line_and_what_is_equal_far_away_is_left_out()
    {
        var members = string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"m{i}\":{i}"));
        var diff = Of("{" + members + "}", "{" + members.Replace("\"m20\":20", "\"m20\":21", StringComparison.Ordinal) + "}")!;
        var changed = Assert.Single(diff.Lines, l => l.Kind == DiffKind.Changed);
        Assert.Equal(("\"m20\": 21,", "\"m20\": 20,"), (changed.Other!.Trim(), changed.Run!.Trim()));
        Assert.Equal(42 - 7, diff.Lines.Where(l => l.Kind == DiffKind.Skipped).Sum(l => l.Skipped));
        Assert.Equal(6, diff.Lines.Count(l => l.Kind == DiffKind.Same));
    }

    [Fact]
    public void Lines_that_were_added_in_the_middle_leave_the_others_as_they_are()
    {
        var diff = Of(JsonSerializer.Serialize("one\ntwo\nnew\nthree\nfour"), JsonSerializer.Serialize("one\ntwo\nthree\n4"))!;
        Assert.Equal([(null, "new"), ("4", "four")], diff.Lines.Where(l => l.Kind == DiffKind.Changed).Select(l => (l.Other, l.Run)));
    }

    [Fact]
    public void Texts_without_a_line_in_common_are_shown_in_part()
    {
        var diff = Of(Many("a"), Many("b"))!;
        Assert.Equal((DiffReach.Part, 400), (diff.Reach, diff.Lines.Count));
        static string Many(string word) => JsonSerializer.Serialize(string.Join('\n', Enumerable.Range(0, 9000).Select(i => word + i)));
    }

    [Fact]
    public void A_long_line_is_cut_to_where_it_differs()
    {
        var changed = Assert.Single(Of(JsonSerializer.Serialize(new string('x', 5000) + "here"), JsonSerializer.Serialize(new string('x', 5000) + "there"))!.Lines);
        Assert.EndsWith("xxhere", changed.Run, StringComparison.Ordinal);
        Assert.True(changed.Run!.Length < 60);
    }

    static PayloadDiff? Of(string run, string other) => PayloadDiff.Of(Encoding.UTF8.GetBytes(run), Encoding.UTF8.GetBytes(other));
}
