using RunHub.Search;

namespace RunHub.UnitTests.Search;

/// <summary>How the filling of the search index gives way to writers; a piece of work here takes as long as the clock is moved.</summary>
public sealed class SearchPaceTests
{
    readonly MovedClock clock = new();
    readonly List<TimeSpan> rests = [];
    int waiting;

    [Fact]
    public async Task While_writers_wait_it_takes_small_slices_and_rests_three_times_as_long()
    {
        waiting = 3;
        await WorkAsync(Pace(), pieces: 100);
        // 5 ms of work each.
        Assert.Equal(20, rests.Count);
        Assert.All(rests, r => Assert.Equal(TimeSpan.FromMilliseconds(15), r));
    }

    [Fact]
    public async Task While_none_waits_it_takes_large_slices_and_rests_as_long_as_it_worked()
    {
        await WorkAsync(Pace(), pieces: 100);
        Assert.Equal([SearchPace.LargeSlice, SearchPace.LargeSlice], rests);
    }

    [Fact]
    public async Task A_writer_that_comes_in_the_middle_of_a_slice_ends_it()
    {
        var pace = Pace();
        await WorkAsync(pace, pieces: 20);
        Assert.Empty(rests);
        waiting = 1;
        await WorkAsync(pace, pieces: 1);
        Assert.Equal([TimeSpan.FromMilliseconds(63)], rests);
    }

    [Fact]
    public async Task A_writer_seen_a_moment_ago_counts_and_one_longer_ago_does_not()
    {
        var pace = Pace();
        waiting = 1;
        Assert.True(pace.IsBusy);
        waiting = 0;
        clock.Move(SearchPace.Memory);
        Assert.True(pace.IsBusy);
        clock.Move(TimeSpan.FromMilliseconds(1));
        Assert.False(pace.IsBusy);
        pace.Begin();
        await WorkAsync(pace, pieces: 49);
        Assert.Empty(rests);
    }

    [Fact]
    public async Task However_long_a_slice_took_it_does_not_rest_for_ever()
    {
        waiting = 1;
        var pace = Pace();
        clock.Move(TimeSpan.FromMinutes(1));
        await pace.BreatheAsync(default);
        Assert.InRange(Assert.Single(rests), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
    }

    SearchPace Pace() => new(() => waiting, clock, (time, _) =>
    {
        rests.Add(time);
        clock.Move(time);
        return Task.CompletedTask;
    });

    async Task WorkAsync(SearchPace pace, int pieces)
    {
        for (var i = 0; i < pieces; i++)
        {
            clock.Move(TimeSpan.FromMilliseconds(1));
            await pace.BreatheAsync(default);
        }
    }

    sealed class MovedClock : TimeProvider
    {
        long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Move(TimeSpan by) => now += by.Ticks;
    }
}
