using System.Text;
using RunHub.Store.Annotations;

namespace RunHub.UnitTests.Annotations;

/// <summary>A quoted part of a payload is found, also after the payload changed.</summary>
public sealed class FindAnchorTests
{
    [Theory]
    [InlineData("""{"a":"x","b":[1,{"c":"two words"}]}""", "two words", "$", "two words")]
    [InlineData("""{"a":"line one\nline two"}""", "one\nline", "$.a", "one\nline")]
    [InlineData("\"a whole string\\r\\nwith lines\"", "string\nwith", "$", "string\nwith")]
    [InlineData("""{"a":"caf\u00e9 & <b>"}""", "café & <b>", "$", "café & <b>")]
    [InlineData("""{"odd name":["x\ty"]}""", "x\ty", "$['odd name'][0]", "x\ty")]
    public void A_quote_is_found_in_the_text_that_is_shown(string json, string quote, string path, string found)
    {
        var anchor = Find(json, new Anchor { Payload = "input", Quote = quote })!;
        Assert.Equal(path, anchor.Path);
        Assert.Equal(found, anchor.Quote);
        // What was filled in finds it again, in the same place.
        Assert.Equal(anchor, Find(json, anchor));
    }

    [Fact]
    public void Of_several_the_one_with_the_same_surroundings_is_meant()
    {
        const string Json = """["pay 5 now","pay 7 now","pay 5 later"]""";
        var third = Find(Json, new Anchor { Payload = "input", Quote = "pay 5", Suffix = " later" })!;
        var first = Find(Json, new Anchor { Payload = "input", Quote = "pay 5", Suffix = " now" })!;
        Assert.True(third.Start > first.Start);
        // Something new before it moves it, and it is still the same one.
        var moved = Find("""["new",{"and":1},"pay 5 now","pay 7 now","pay 5 later"]""", third)!;
        Assert.StartsWith(" later", moved.Suffix, StringComparison.Ordinal);
        Assert.NotEqual(third.Start, moved.Start);
    }

    [Fact]
    public void A_path_and_a_range_count_from_the_value_at_the_path()
    {
        const string Json = """{"lead":{"name":"Osprey Logistics"},"n":[10,20]}""";
        Assert.Equal("Osprey Logistics", Find(Json, new Anchor { Payload = "input", Path = "$.lead.name" })!.Quote);
        Assert.Equal("Logistics", Find(Json, new Anchor { Payload = "input", Path = "$.lead.name", Start = 7, End = 16 })!.Quote);
        Assert.Equal("20", Find(Json, new Anchor { Payload = "input", Path = "$.n[1]" })!.Quote);
        Assert.Null(Find(Json, new Anchor { Payload = "input", Path = "$.lead.name", Start = 7, End = 17 }));
        Assert.Null(Find(Json, new Anchor { Payload = "input", Path = "$.n[2]" }));
        Assert.Null(Find(Json, new Anchor { Payload = "input", Path = "$.lead.age" }));
        Assert.Null(Find(Json, new Anchor { Payload = "input", Quote = "Kestrel" }));
    }

    [Fact]
    public void A_value_that_went_elsewhere_is_found_there()
    {
        var anchor = Find("""{"lead":{"name":"Osprey Logistics"}}""", new Anchor { Payload = "input", Path = "$.lead.name" })!;
        var moved = Find("""{"company":"Osprey Logistics","lead":{"name":"-"}}""", anchor)!;
        Assert.Equal("Osprey Logistics", moved.Quote);
        Assert.Equal("$", moved.Path);
    }

    [Theory]
    [InlineData("$")]
    [InlineData("$.a.b-c[0]['x y'][12]")]
    [InlineData("$['it\\'s \\\\']")]
    public void Paths_are_read_and_written_alike(string path) => Assert.Equal(path, JsonPlaceOf(path));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("$.")]
    [InlineData("$[")]
    [InlineData("$[-1]")]
    [InlineData("$['x'")]
    [InlineData("$[99999999999]")]
    public void What_is_no_path_is_refused(string path) => Assert.Throws<RunHub.Http.ProblemException>(() => new Anchor { Payload = "input", Path = path }.Checked());

    [Fact]
    public void In_a_very_large_payload_the_quote_alone_is_looked_for()
    {
        var json = "[" + string.Join(',', Enumerable.Repeat("\"filler text\"", 200_000)) + ",\"the needle\"]";
        Assert.True(json.Length > FindAnchor.Placed);
        var anchor = Find(json, new Anchor { Payload = "input", Quote = "the needle" })!;
        Assert.Null(anchor.Start);
        Assert.Null(Find(json, new Anchor { Payload = "input", Quote = "another needle" }));
        Assert.Null(Find(json, new Anchor { Payload = "input", Path = "$[3]" }));
    }

    static string JsonPlaceOf(string path) => JsonPlace.Write(JsonPlace.Parse(path)!);

    static Anchor? Find(string json, Anchor anchor) => FindAnchor.In(Encoding.UTF8.GetBytes(json), anchor);
}
