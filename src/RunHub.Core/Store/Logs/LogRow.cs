using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using RunHub.Model;

namespace RunHub.Store.Logs;

/// <summary>A row of <c>logs</c>: one line of a run, ordered by time, then by arrival.</summary>
public sealed record LogRow
{
    /// <summary>When it was written, microseconds since 1970, UTC.</summary>
    public required long At { get; init; }

    /// <summary>Its number among the run's lines in order of arrival, from 1.</summary>
    public long Seq { get; init; }

    /// <summary>Stands for everything it says: the same at the same time is the same line.</summary>
    public long Hash { get; init; }

    /// <summary>How grave.</summary>
    public required Severity Level { get; init; }

    /// <summary>Step; null: the run as a whole.</summary>
    public string? StepId { get; init; }

    /// <summary>Span.</summary>
    public string? SpanId { get; init; }

    /// <summary>State of run or step.</summary>
    public string? State { get; init; }

    /// <summary>The text, at most <see cref="Limits.LogMessage"/> characters.</summary>
    public required string Message { get; init; }

    /// <summary>How many characters it had when it is cut; 0: it is whole.</summary>
    public long CutFrom { get; init; }

    /// <summary>What else came with it: a JSON object, or null.</summary>
    public string? Attributes { get; init; }

    /// <summary>Its place, which names it in addresses.</summary>
    public LogPosition Position => new(At, Seq);

    internal static LogRow Of(LogWrite line)
    {
        var row = new LogRow
        {
            At = line.At.ToMicros(), Level = Severities.TryParse(line.Level, out var level) ? level : Severity.Info, StepId = line.StepId, SpanId = line.SpanId, State = line.State, Message = line.Text, CutFrom = line.CutFrom,
            Attributes = line.Attributes is { } attributes ? Encoding.UTF8.GetString(attributes.Utf8.Span) : null,
        };
        return row with { Hash = HashOf(row) };
    }

    static long HashOf(LogRow row)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(row.StepId);
        Add(row.SpanId);
        Add(row.State);
        Add(row.Message);
        Add(row.Attributes);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        sha.GetHashAndReset(hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash) ^ ((long)row.Level << 8) ^ row.CutFrom;

        void Add(string? text)
        {
            if (text is not null) sha.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(text.AsSpan()));
            sha.AppendData("\u0001"u8);
        }
    }
}

/// <summary>A place among a run's lines.</summary>
/// <param name="At">Time of the line.</param>
/// <param name="Seq">Its number.</param>
public readonly record struct LogPosition(long At, long Seq)
{
    /// <summary>Before the first.</summary>
    public static LogPosition Start { get; } = new(long.MinValue, 0);

    /// <summary>After the last.</summary>
    public static LogPosition End { get; } = new(long.MaxValue, long.MaxValue);

    /// <summary>Reads what <see cref="ToString"/> wrote; null when it did not.</summary>
    public static LogPosition? Parse(string? text)
    {
        var at = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        return at > 0 && long.TryParse(text.AsSpan(0, at), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var time)
            && long.TryParse(text.AsSpan(at + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq) ? new LogPosition(time, seq) : null;
    }

    /// <summary><c>{time}-{number}</c>.</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{At}-{Seq}");
}

/// <summary>What is known of a run's lines without reading them.</summary>
/// <param name="Lines">How many.</param>
/// <param name="Levels">How many per level, ascending.</param>
/// <param name="FirstAt">Time of the earliest.</param>
/// <param name="LastAt">Time of the latest.</param>
public sealed record LogTotals(long Lines, IReadOnlyList<long> Levels, long FirstAt, long LastAt)
{
    /// <summary>No lines.</summary>
    public static LogTotals None { get; } = new(0, [0, 0, 0, 0, 0, 0], long.MaxValue, long.MinValue);
}
