using RunHub.Http;

namespace RunHub.UnitTests.Requests;

public sealed class BodyTurnsTests
{
    static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    readonly Clock clock = new();

    [Fact]
    public async Task Bodies_that_fit_go_at_once_and_the_rest_in_order()
    {
        var turns = new BodyTurns(10, clock);
        var first = await EnterAsync(turns, 6);
        var (large, small) = (turns.EnterAsync(8, Long, default).AsTask(), turns.EnterAsync(1, Long, default).AsTask());
        // The small one would fit, but came later: a large one is not passed by for ever.
        Assert.False(large.IsCompleted || small.IsCompleted);
        first.Dispose();
        Assert.NotNull(await large);
        Assert.NotNull(await small);
    }

    [Fact]
    public async Task Whoever_becomes_larger_waits_for_memory_and_the_oldest_does_not()
    {
        var turns = new BodyTurns(10, clock);
        var (oldest, other) = (await EnterAsync(turns, 5), await EnterAsync(turns, 5));
        var growing = other.GrowAsync(3, Long, default).AsTask();
        Assert.False(growing.IsCompleted);
        // More than there is: it comes to an end, and what it held is given back.
        Assert.True(await oldest.GrowAsync(100, TimeSpan.Zero, default));
        Assert.False(growing.IsCompleted);
        oldest.Dispose();
        Assert.True(await growing);
        Assert.Equal(8, other.Held);
    }

    [Fact]
    public async Task The_next_to_be_the_oldest_goes_on_where_nothing_is_free()
    {
        var turns = new BodyTurns(10, clock);
        var (first, second, third) = (await EnterAsync(turns, 4), await EnterAsync(turns, 4), await EnterAsync(turns, 2));
        var (a, b) = (third.GrowAsync(20, Long, default).AsTask(), second.GrowAsync(20, Long, default).AsTask());
        var next = turns.EnterAsync(1, Long, default).AsTask();
        first.Dispose();
        Assert.True(await b);
        // Who is inside comes to an end before others are let in.
        Assert.False(a.IsCompleted || next.IsCompleted);
        second.Dispose();
        Assert.True(await a);
        third.Dispose();
        Assert.NotNull(await next);
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_place_to_the_next()
    {
        var turns = new BodyTurns(10, clock);
        var first = await EnterAsync(turns, 5);
        using var gone = new CancellationTokenSource();
        var (large, small) = (turns.EnterAsync(10, Long, gone.Token).AsTask(), turns.EnterAsync(5, Long, default).AsTask());
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        var second = await small;
        Assert.NotNull(second);
        Assert.Null(await turns.EnterAsync(1, TimeSpan.Zero, default));
        Assert.False(await second.GrowAsync(1, TimeSpan.Zero, default));
        first.Dispose();
        second.Dispose();
        second.Dispose();
        Assert.Equal(10, (await EnterAsync(turns, 10)).Held);
    }

    [Fact]
    public async Task Slow_is_who_brings_too_little_while_others_wait()
    {
        var turns = new BodyTurns(10, clock);
        var turn = await EnterAsync(turns, 10);
        Assert.False(turn.IsTooSlow(1000));
        clock.Now += BodyTurns.Grace + TimeSpan.FromSeconds(1);
        Assert.False(turn.IsTooSlow(1100));
        var next = turns.EnterAsync(1, Long, default).AsTask();
        Assert.True(turn.IsTooSlow(1100));
        Assert.False(turn.IsTooSlow(1000 + 6 * BodyTurns.MinRate));
        turn.Dispose();
        Assert.NotNull(await next);
    }

    [Fact]
    public async Task Time_spent_waiting_for_memory_is_not_held_against_the_sender()
    {
        var turns = new BodyTurns(10, clock);
        var (oldest, turn) = (await EnterAsync(turns, 5), await EnterAsync(turns, 5));
        Assert.False(turn.IsTooSlow(0));
        var growing = turn.GrowAsync(5, Long, default).AsTask();
        clock.Now += TimeSpan.FromSeconds(30);
        oldest.Dispose();
        Assert.True(await growing);
        _ = turns.EnterAsync(10, Long, default).AsTask();
        Assert.False(turn.IsTooSlow(0));
        clock.Now += BodyTurns.Grace;
        Assert.True(turn.IsTooSlow(0));
    }

    static async Task<BodyTurn> EnterAsync(BodyTurns turns, long bytes)
    {
        var turn = await turns.EnterAsync(bytes, Long, default);
        Assert.NotNull(turn);
        return turn;
    }

    sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
