using System.Buffers;

namespace RunHub.Store.Rollups;

/// <summary>
/// The figures of one cell (an hour, one value of each dimension) or a change of them. Stored as variable-length integers
/// (zigzag, 7 bits a byte): a version, the counts in the order below, then pairs of bucket step and count.
/// </summary>
public sealed class RollupCell
{
    const int Version = 1;
    internal const int Fixed = 13;
    readonly long[] counts = new long[Fixed];

    /// <summary>Runs (or steps) by status, index = number of the status.</summary>
    public Span<long> ByStatus => counts.AsSpan(0, 6);

    /// <summary>All of them.</summary>
    public long Total => counts[0] + counts[1] + counts[2] + counts[3] + counts[4] + counts[5];

    /// <summary>Tokens.</summary>
    public ref long Tokens => ref counts[6];

    /// <summary>Cost in nano-dollars.</summary>
    public ref long CostNano => ref counts[7];

    /// <summary>Compute, milliseconds.</summary>
    public ref long ComputeMs => ref counts[8];

    /// <summary>Retries.</summary>
    public ref long Retries => ref counts[9];

    /// <summary>Right the first time.</summary>
    public ref long FirstPass => ref counts[10];

    /// <summary>Sum of durations of what ended, milliseconds.</summary>
    public ref long DurationMs => ref counts[11];

    /// <summary>Later attempts and re-runs.</summary>
    public ref long Reruns => ref counts[12];

    /// <summary>Durations of what ended.</summary>
    public Histogram Durations { get; } = new();

    /// <summary>True when nothing is left in it.</summary>
    public bool IsZero => counts.All(c => c == 0) && !Durations.Buckets.Any();

    /// <summary>Adds <paramref name="sign"/> times <paramref name="fact"/>.</summary>
    public void Add(in RollupFact fact, int sign)
    {
        counts[(int)fact.Status] += sign;
        Tokens += sign * fact.Tokens;
        CostNano += sign * fact.CostNano;
        ComputeMs += sign * fact.ComputeMs;
        Retries += sign * fact.Retries;
        FirstPass += fact.FirstPass ? sign : 0;
        Reruns += fact.IsRerun ? sign : 0;
        if (fact.DurationMs is not { } ms) return;
        DurationMs += sign * ms;
        Durations.Add(Histogram.BucketOf(ms), sign);
    }

    /// <summary>Adds another cell or delta.</summary>
    public void Add(RollupCell other)
    {
        for (var i = 0; i < Fixed; i++) counts[i] += other.counts[i];
        foreach (var (bucket, count) in other.Durations.Buckets) Durations.Add(bucket, count);
    }

    /// <summary>Writes the stored form.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        Write(buffer, Version);
        foreach (var count in counts) Write(buffer, count);
        var last = 0;
        foreach (var (bucket, count) in Durations.Buckets)
        {
            Write(buffer, bucket - last);
            Write(buffer, count);
            last = bucket;
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the stored form.</summary>
    /// <exception cref="InvalidDataException">Not a cell of a version this program knows.</exception>
    public static RollupCell FromBytes(ReadOnlySpan<byte> bytes)
    {
        var cell = new RollupCell();
        Begin(ref bytes);
        for (var i = 0; i < Fixed; i++) cell.counts[i] = Next(ref bytes);
        var bucket = 0;
        while (bytes.Length > 0)
        {
            bucket += (int)Next(ref bytes);
            cell.Durations.Add(bucket, Next(ref bytes));
        }

        return cell;
    }

    /// <summary>Adds counts in the order in which they are stored.</summary>
    internal void Add(ReadOnlySpan<long> more)
    {
        for (var i = 0; i < Fixed; i++) counts[i] += more[i];
    }

    /// <summary>Passes what stands before the counts.</summary>
    internal static void Begin(ref ReadOnlySpan<byte> bytes)
    {
        if (Next(ref bytes) != Version) throw new InvalidDataException("Unknown version of a rollup cell.");
    }

    static void Write(ArrayBufferWriter<byte> buffer, long value)
    {
        var bits = (ulong)(value << 1 ^ value >> 63);
        do
        {
            var span = buffer.GetSpan(1);
            span[0] = (byte)(bits & 0x7F | (bits > 0x7F ? 0x80UL : 0));
            buffer.Advance(1);
            bits >>= 7;
        }
        while (bits != 0);
    }

    /// <summary>The next number.</summary>
    internal static long Next(ref ReadOnlySpan<byte> bytes)
    {
        ulong bits = 0;
        var at = 0;
        while (true)
        {
            if (at >= bytes.Length || at > 9) throw new InvalidDataException("A rollup cell ends early.");
            var b = bytes[at];
            bits |= (ulong)(b & 0x7F) << (7 * at++);
            if ((b & 0x80) == 0) break;
        }

        bytes = bytes[at..];
        return (long)(bits >> 1) ^ -(long)(bits & 1);
    }
}

/// <summary>What one run or step contributes to its cell.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Tokens">Tokens.</param>
/// <param name="CostNano">Nano-dollars.</param>
/// <param name="ComputeMs">Compute, milliseconds.</param>
/// <param name="Retries">How often it was tried again.</param>
/// <param name="FirstPass">Right the first time.</param>
/// <param name="IsRerun">A later attempt or a re-run.</param>
/// <param name="DurationMs">Milliseconds, once it ended.</param>
public readonly record struct RollupFact(
    RunStatus Status, long Tokens, long CostNano, long ComputeMs, long Retries, bool FirstPass, bool IsRerun, long? DurationMs);

/// <summary>The dimensions of a cell; absent text is empty. Step fields are empty for runs.</summary>
/// <param name="IsStep">A cell of steps, else of runs.</param>
/// <param name="TenantNo">Tenant.</param>
/// <param name="Hour">Hour of <c>sort_at</c>, hours since 1970, UTC.</param>
/// <param name="Lane">Production or backfill.</param>
/// <param name="Type">Workflow type.</param>
/// <param name="WorkflowName">Workflow.</param>
/// <param name="WorkflowVersion">Version.</param>
/// <param name="Environment">Environment.</param>
/// <param name="Trigger">Trigger.</param>
/// <param name="StepName">Step.</param>
/// <param name="StepType">Number of the step's type.</param>
/// <param name="Model">Model.</param>
public readonly record struct RollupKey(
    bool IsStep, long TenantNo, long Hour, long Lane, string Type, string WorkflowName, string WorkflowVersion, string Environment, string Trigger,
    string StepName = "", long StepType = 0, string Model = "")
{
    /// <summary>Microseconds in an hour.</summary>
    public const long MicrosPerHour = 3_600_000_000;
}
