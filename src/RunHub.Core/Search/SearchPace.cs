namespace RunHub.Search;

/// <summary>
/// How fast the search index is filled. After every piece of work the filler breathes: while writers wait (they did within the
/// last fifth of a second) it works in slices of some milliseconds and rests three times as long after each, a quarter of a core;
/// otherwise in longer ones, half of a core. Reports come first; the index catches up when they pause.
/// </summary>
public sealed class SearchPace
{
    /// <summary>Work between two rests while writers wait.</summary>
    public static readonly TimeSpan SmallSlice = TimeSpan.FromMilliseconds(5);

    /// <summary>Work between two rests while none does.</summary>
    public static readonly TimeSpan LargeSlice = TimeSpan.FromMilliseconds(50);

    /// <summary>How many times the work a rest is while writers wait.</summary>
    public const int RestWhileBusy = 3;

    /// <summary>For so long after a writer was seen to wait it is taken for granted that one does.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMilliseconds(200);

    /// <summary>A slice that took long took it because others had the processor: resting for ever would not help them.</summary>
    static readonly TimeSpan LongestRest = TimeSpan.FromMilliseconds(250);

    readonly Func<int> waiting;
    readonly Func<TimeSpan, CancellationToken, Task> rest;
    readonly TimeProvider time;
    long began;
    long busyAt;
    bool wasBusy;

    /// <summary>Made once per filler, and used by it alone.</summary>
    /// <param name="waiting">How many writers wait now.</param>
    /// <param name="time">Measures work.</param>
    /// <param name="rest">Rests.</param>
    public SearchPace(Func<int> waiting, TimeProvider time, Func<TimeSpan, CancellationToken, Task> rest)
    {
        (this.waiting, this.time, this.rest) = (waiting, time, rest);
        began = time.GetTimestamp();
    }

    /// <summary>Looks whether writers wait, or did a moment ago.</summary>
    public bool IsBusy
    {
        get
        {
            var now = time.GetTimestamp();
            if (waiting() > 0) (wasBusy, busyAt) = (true, now);
            else if (wasBusy && time.GetElapsedTime(busyAt, now) > Memory) wasBusy = false;
            return wasBusy;
        }
    }

    /// <summary>Work begins now: what was before was no work.</summary>
    public void Begin() => began = time.GetTimestamp();

    /// <summary>After a piece of work: rests when it is time to.</summary>
    public ValueTask BreatheAsync(CancellationToken cancellationToken)
    {
        var busy = IsBusy;
        var worked = time.GetElapsedTime(began);
        return worked < (busy ? SmallSlice : LargeSlice) ? default : RestAsync(busy ? worked * RestWhileBusy : worked, cancellationToken);
    }

    async ValueTask RestAsync(TimeSpan wanted, CancellationToken cancellationToken)
    {
        await rest(wanted < LongestRest ? wanted : LongestRest, cancellationToken);
        Begin();
    }
}
