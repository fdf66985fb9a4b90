using RunHub.Http;

namespace RunHub.UnitTests.Requests;

public sealed class BodyTurnsTests
{
    static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Bodies_that_fit_go_at_once_and_the_rest_in_order()
    {
        var turns = new BodyTurns(10);
        Assert.True(await turns.EnterAsync(6, Long, default));
        var (large, small) = (turns.EnterAsync(8, Long, default), turns.EnterAsync(1, Long, default));
        // The small one would fit, but came later: a large one is not passed by for ever.
        Assert.False(large.IsCompleted || small.IsCompleted);
        turns.Leave(6);
        Assert.True(await large && await small);
    }

    [Fact]
    public async Task A_body_larger_than_all_goes_alone()
    {
        var turns = new BodyTurns(10);
        Assert.True(await turns.EnterAsync(50, Long, default));
        var next = turns.EnterAsync(1, Long, default);
        Assert.False(next.IsCompleted);
        turns.Leave(50);
        Assert.True(await next);
    }

    [Fact]
    public async Task Who_grows_does_not_wait_but_those_after_do()
    {
        var turns = new BodyTurns(10);
        Assert.True(await turns.EnterAsync(5, Long, default));
        turns.Grow(20);
        var next = turns.EnterAsync(1, Long, default);
        Assert.False(next.IsCompleted);
        turns.Leave(25);
        Assert.True(await next);
        turns.Leave(1);
        Assert.True(await turns.EnterAsync(10, Long, default));
    }

    [Fact]
    public async Task Who_gives_up_leaves_the_place_to_the_next()
    {
        var turns = new BodyTurns(10);
        Assert.True(await turns.EnterAsync(5, Long, default));
        using var gone = new CancellationTokenSource();
        var (large, small) = (turns.EnterAsync(10, Long, gone.Token).AsTask(), turns.EnterAsync(5, Long, default));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        Assert.True(await small);
        Assert.False(await turns.EnterAsync(1, TimeSpan.Zero, default));
        turns.Leave(5);
        turns.Leave(5);
        Assert.True(await turns.EnterAsync(10, Long, default));
    }
}
