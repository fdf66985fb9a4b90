using System.Text;
using RunHub.Http;
using RunHub.Runs.Columns;

namespace RunHub.UnitTests.Columns;

/// <summary>Places in inputs and outputs, and the columns that show them.</summary>
public sealed class PayloadPathTests
{
    const string Json = """
        {"customer":{"name":"Ana","age":41,"vip":true,"none":null},"items":[{"total":12.50},{"total":3e2}],"odd name":"a,b","":"nothing","quo\"te":1,
         "deep":{"text":"\u00e9\n","list":[ 1, "two", {"x" : "y z"} ]},"name":"first","name":"second"}
        """;

    [Theory]
    [InlineData("input.customer.name", "input.customer.name", "Ana")]
    [InlineData("$.inputs_summary.customer.age", "input.customer.age", "41")]
    [InlineData("inputs.items[1].total", "input.items[1].total", "3e2")]
    [InlineData("input[\"odd name\"]", "input[\"odd name\"]", "a,b")]
    [InlineData("input.odd name", "input[\"odd name\"]", "a,b")]
    [InlineData("input[\"quo\\\"te\"]", "input[\"quo\\\"te\"]", "1")]
    [InlineData("input[\"\"]", "input[\"\"]", "nothing")]
    [InlineData("input.customer.vip", "input.customer.vip", "true")]
    [InlineData("input.customer.none", "input.customer.none", "null")]
    [InlineData("input.deep.list", "input.deep.list", "[1,\"two\",{\"x\":\"y z\"}]")]
    [InlineData("input.deep.text", "input.deep.text", "é\n")]
    [InlineData("input.name", "input.name", "first")]
    [InlineData("input.items[2].total", "input.items[2].total", "")]
    [InlineData("input.customer.name.first", "input.customer.name.first", "")]
    [InlineData("input.items.total", "input.items.total", "")]
    public void Finds_what_stands_there(string text, string canonical, string value)
    {
        var path = PayloadPath.Parse(text, out var why);
        Assert.True(path is not null, why);
        Assert.Equal(canonical, path.Text);
        Assert.Equal(canonical, PayloadPath.Parse(path.Text, out _)!.Text);
        Assert.Equal(value, path.In(Encoding.UTF8.GetBytes(Json)).Text);
    }

    [Theory]
    [InlineData("customer.name")]
    [InlineData("inputx.name")]
    [InlineData("input..name")]
    [InlineData("input.")]
    [InlineData("input[")]
    [InlineData("input[-1]")]
    [InlineData("input[99999999999]")]
    [InlineData("input[\"open")]
    [InlineData("input[\"a\"")]
    [InlineData("input[0]x")]
    [InlineData("input.a\u0000b")]
    [InlineData("input.\ud800")]
    [InlineData("input.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q")]
    public void Says_what_is_wrong_with_a_path(string text)
    {
        Assert.Null(PayloadPath.Parse(text, out var why));
        Assert.NotEmpty(why);
        Assert.Null(PayloadPath.Parse("input." + new string('a', 10_000), out _));
    }

    [Fact]
    public void Shows_no_more_than_fits_a_cell()
    {
        var path = PayloadPath.Parse("output.t", out _)!;
        var cut = path.In(Encoding.UTF8.GetBytes($$"""{"t":"{{new string('x', 199)}}😀y"}"""));
        Assert.True(cut.IsCut);
        Assert.Equal(199, cut.Text.Length);
        var list = path.In(Encoding.UTF8.GetBytes("{\"t\":[" + string.Join(" , ", Enumerable.Range(0, 50_000)) + "]}"));
        Assert.True(list.IsCut);
        Assert.StartsWith("[0,1,2,", list.Text, StringComparison.Ordinal);
        Assert.Equal("{\"t\":1}", PayloadPath.Parse("output", out _)!.In("{ \"t\" : 1 }"u8).Text);
        Assert.Equal("x", path.In("{\"t\":\"x\"}"u8, whole: true).Text);
    }

    [Theory]
    [InlineData("{\"t\":\"\\ud800\"}")]
    [InlineData("{\"t\":")]
    [InlineData("nonsense")]
    public void Takes_damage_without_a_word(string json) => Assert.True(PayloadPath.Parse("output.t", out _)!.In(Encoding.UTF8.GetBytes(json)) is { Text: "…", IsCut: true });

    [Fact]
    public void Depth_is_no_danger() => Assert.NotNull(PayloadPath.Parse("output.t", out _)!.In(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"t\":[", 5000)))).Text);

    [Theory]
    [InlineData("tokens,input.a", "tokens,id,input.a")]
    [InlineData("input[\"a,b\"],status,status,id", "input[\"a,b\"],status,id")]
    [InlineData("id", "id")]
    [InlineData(" id , tokens ,, ", "id,tokens")]
    [InlineData("status,id,workflow_name,workflow_version,environment,started_at,duration_ms,hitl,tags,owner", null)]
    [InlineData("", null)]
    public void Columns_are_read_as_they_are_written(string text, string? canonical) => Assert.Equal(canonical, ChosenColumns.Parse(text)?.Text);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("id,input[")]
    [InlineData("ID")]
    public void An_unknown_column_is_a_fault(string text) => Assert.Equal("query.columns", Assert.Throws<ProblemException>(() => ChosenColumns.Parse(text)).Faults[0].Path);

    [Fact]
    public void There_are_no_more_than_a_list_can_show()
    {
        Assert.Throws<ProblemException>(() => ChosenColumns.Parse(string.Join(',', ListColumn.All.Select(c => c.Key))));
        Assert.Throws<ProblemException>(() => ChosenColumns.Parse(string.Join(',', Enumerable.Range(0, 13).Select(i => "input.a" + i))));
        Assert.Null(ChosenColumns.Kept("a column of another version"));
    }
}
