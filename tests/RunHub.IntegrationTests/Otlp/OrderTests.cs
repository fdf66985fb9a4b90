using FsCheck;
using FsCheck.Fluent;
using RunHub.Access;

namespace RunHub.IntegrationTests.Otlp;

public sealed class OrderTests
{
    [Theory, Engines]
    public async Task Spans_of_200_traces_shuffled_over_50_requests_and_sent_twice_give_the_same_runs_as_in_order_once(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await CompareAsync(hub, traces: 200, requests: 50, seed: 20261120, "ordered", "shuffled");
    }

    [Theory, Engines]
    public async Task Whatever_the_order_the_runs_are_the_same(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var tenant = 0;
        var property = Prop.ForAll(Gen.Choose(1, 1_000_000).ToArbitrary(), seed =>
        {
            tenant++;
            CompareAsync(hub, traces: 3, requests: 9, seed, $"ordered{tenant}", $"shuffled{tenant}").GetAwaiter().GetResult();
        });
        await Task.Run(() => property.Check(Config.QuickThrowOnFailure.WithMaxTest(15)));
    }

    static async Task CompareAsync(TestHub hub, int traces, int requests, int seed, string ordered, string shuffled)
    {
        var maker = new TraceMaker(seed);
        var all = Enumerable.Range(0, traces).Select(_ => maker.Spans()).ToList();
        using var once = await hub.KeyAsync(KeyScopes.Ingest, ordered);
        foreach (var some in all.Chunk(20)) Assert.Equal("{}", await once.SendAsync(some.SelectMany(s => s)));

        var random = new Random(seed);
        var spans = all.SelectMany(s => s).ToArray();
        using var twice = await hub.KeyAsync(KeyScopes.Ingest, shuffled);
        for (var round = 0; round < 2; round++)
        {
            random.Shuffle(spans);
            var pieces = spans.Chunk(Math.Max(1, spans.Length / requests)).ToList();
            // Four clients at once.
            await Parallel.ForEachAsync(pieces, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (piece, _) => Assert.Equal("{}", await twice.SendAsync(piece)));
        }

        var (expected, actual) = (await hub.PictureAsync(ordered), await hub.PictureAsync(shuffled));
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (var (trace, picture) in expected) Assert.Equal(picture, actual[trace]);
    }
}
