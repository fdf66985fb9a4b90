using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DiffPlex;

namespace RunHub.Runs.Compare;

/// <summary>A line of a difference.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Other">As the other run has it; null: it does not.</param>
/// <param name="Run">As the run has it; null: it does not.</param>
/// <param name="Skipped">Equal lines left out here.</param>
public readonly record struct DiffLine(DiffKind Kind, string? Other, string? Run, int Skipped = 0);

/// <summary>What became of a line.</summary>
public enum DiffKind
{
    /// <summary>In both.</summary>
    Same,

    /// <summary>In one only, or in both and not the same.</summary>
    Changed,

    /// <summary>Equal lines that are left out.</summary>
    Skipped,
}

/// <summary>How much of a comparison was looked at.</summary>
public enum DiffReach
{
    /// <summary>All of it.</summary>
    Content,

    /// <summary>Too large: whether both are the same is known from size and SHA-256, not where they differ.</summary>
    Hash,

    /// <summary>The beginning of what differs; more differs than is shown.</summary>
    Part,
}

/// <summary>What two payloads have in common.</summary>
/// <param name="Same">They say the same: JSON that differs in spacing only is the same.</param>
/// <param name="Reach">How much was looked at.</param>
/// <param name="RunBytes">Size in the run; null: there is none.</param>
/// <param name="OtherBytes">Size in the other.</param>
/// <param name="RunHash">SHA-256 of the run's, hexadecimal; only with <see cref="DiffReach.Hash"/> when both have the same size.</param>
/// <param name="OtherHash">SHA-256 of the other's.</param>
/// <param name="Lines">Where they differ, with some lines around; empty when they are the same.</param>
public sealed record PayloadDiff(bool Same, DiffReach Reach, long? RunBytes, long? OtherBytes, string? RunHash, string? OtherHash, IReadOnlyList<DiffLine> Lines)
{
    /// <summary>Larger payloads are compared by size and hash.</summary>
    public const int MaxBytes = 256 * 1024;

    const int Context = 3, MaxLines = 400, MaxDiffed = 4000, MaxWidth = 500;

    static readonly JsonWriterOptions Pretty = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000, SkipValidation = true };
    static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1000 };

    /// <summary>Both are too large to be shown, or one is.</summary>
    public static PayloadDiff OfLarge(ReadOnlyMemory<byte> run, long? runBytes, ReadOnlyMemory<byte> other, long? otherBytes)
    {
        if (run.IsEmpty || other.IsEmpty) return new(runBytes == otherBytes && runBytes is null, DiffReach.Hash, runBytes, otherBytes, null, null, []);
        var (a, b) = (Convert.ToHexStringLower(SHA256.HashData(run.Span)), Convert.ToHexStringLower(SHA256.HashData(other.Span)));
        return new(a == b, DiffReach.Hash, runBytes, otherBytes, a, b, []);
    }

    /// <summary>Compares two stored payloads, valid JSON or nothing.</summary>
    /// <param name="run">Of the run.</param>
    /// <param name="other">Of the other; empty: none.</param>
    /// <param name="withLines">Say where they differ, not only whether.</param>
    /// <returns>Null: neither has one.</returns>
    public static PayloadDiff? Of(ReadOnlyMemory<byte> run, ReadOnlyMemory<byte> other, bool withLines = true)
    {
        if (run.IsEmpty && other.IsEmpty) return null;
        long? runBytes = run.IsEmpty ? null : run.Length, otherBytes = other.IsEmpty ? null : other.Length;
        if (run.Span.SequenceEqual(other.Span)) return new(true, DiffReach.Content, runBytes, otherBytes, null, null, []);
        // As text only where both are: the string "1" and the number 1 are not the same.
        var asText = (run.IsEmpty || IsString(run)) && (other.IsEmpty || IsString(other));
        var (after, before) = (Text(run, asText), Text(other, asText));
        if (!run.IsEmpty && !other.IsEmpty && after == before) return new(true, DiffReach.Content, runBytes, otherBytes, null, null, []);
        if (!withLines) return new(false, DiffReach.Content, runBytes, otherBytes, null, null, []);
        var (lines, all) = Differing(before, after, run.IsEmpty, other.IsEmpty);
        return new(false, all ? DiffReach.Content : DiffReach.Part, runBytes, otherBytes, null, null, lines);
    }

    static bool IsString(ReadOnlyMemory<byte> json) => json.Span.TrimStart(" \t\r\n"u8) is [(byte)'"', ..];

    /// <summary>A payload as it is compared: JSON with a line for each member, a JSON string as the text it stands for.</summary>
    static string Text(ReadOnlyMemory<byte> json, bool asText)
    {
        if (json.IsEmpty) return "";
        try
        {
            using var document = JsonDocument.Parse(json, Deep);
            if (asText) return document.RootElement.GetString()!.ReplaceLineEndings("\n");
            using var pretty = new MemoryStream(json.Length * 2);
            using (var writer = new Utf8JsonWriter(pretty, Pretty)) document.WriteTo(writer);
            return Encoding.UTF8.GetString(pretty.GetBuffer(), 0, (int)pretty.Length).ReplaceLineEndings("\n");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Encoding.UTF8.GetString(json.Span).ReplaceLineEndings("\n");
        }
    }

    static (List<DiffLine> Lines, bool All) Differing(string before, string after, bool runIsEmpty, bool otherIsEmpty)
    {
        var (a, b) = (otherIsEmpty ? [] : before.Split('\n'), runIsEmpty ? [] : after.Split('\n'));
        var head = 0;
        while (head < a.Length && head < b.Length && a[head] == b[head]) head++;
        var tail = 0;
        while (tail < a.Length - head && tail < b.Length - head && a[^(tail + 1)] == b[^(tail + 1)]) tail++;
        var (left, right) = (a.AsSpan(head, a.Length - head - tail).ToArray(), b.AsSpan(head, b.Length - head - tail).ToArray());
        var all = left.Length + right.Length <= MaxDiffed;
        if (!all) (left, right) = (left[..Math.Min(left.Length, MaxDiffed / 2)], right[..Math.Min(right.Length, MaxDiffed / 2)]);
        var rows = new List<DiffLine>();
        Around(rows, a.AsSpan(0, head), atEnd: true);
        var at = 0;
        foreach (var block in Blocks(left, right))
        {
            for (; at < block.From; at++) rows.Add(InBoth(left[at]));
            for (var i = 0; i < Math.Max(block.Old, block.New); i++)
                rows.Add(Cut(i < block.Old ? left[block.From + i] : null, i < block.New ? right[block.To + i] : null));
            at += block.Old;
        }

        for (; at < left.Length; at++) rows.Add(InBoth(left[at]));
        if (all) Around(rows, a.AsSpan(a.Length - tail), atEnd: false);
        rows = Fold(rows);
        return rows.Count <= MaxLines ? (rows, all) : (rows[..MaxLines], false);
    }

    static IEnumerable<(int From, int Old, int To, int New)> Blocks(string[] left, string[] right)
    {
        if (left.Length == 0 || right.Length == 0) return [(0, left.Length, 0, right.Length)];
        return new Differ().CreateLineDiffs(string.Join('\n', left), string.Join('\n', right), ignoreWhitespace: false)
            .DiffBlocks.Select(d => (d.DeleteStartA, d.DeleteCountA, d.InsertStartB, d.InsertCountB));
    }

    // Of what both begin or end with, the lines next to the difference.
    static void Around(List<DiffLine> rows, ReadOnlySpan<string> lines, bool atEnd)
    {
        var shown = lines.Length <= Context + 1 ? lines : atEnd ? lines[^Context..] : lines[..Context];
        if (atEnd && shown.Length < lines.Length) rows.Add(new(DiffKind.Skipped, null, null, lines.Length - shown.Length));
        foreach (var line in shown) rows.Add(InBoth(line));
        if (!atEnd && shown.Length < lines.Length) rows.Add(new(DiffKind.Skipped, null, null, lines.Length - shown.Length));
    }

    static List<DiffLine> Fold(List<DiffLine> rows)
    {
        var folded = new List<DiffLine>();
        for (var i = 0; i < rows.Count;)
        {
            var end = i;
            while (end < rows.Count && rows[end].Kind == DiffKind.Same) end++;
            if (end - i <= 2 * Context + 1)
            {
                for (; i < end; i++) folded.Add(rows[i]);
            }
            else
            {
                folded.AddRange(rows[i..(i + Context)]);
                folded.Add(new(DiffKind.Skipped, null, null, end - i - 2 * Context));
                folded.AddRange(rows[(end - Context)..end]);
                i = end;
            }

            if (i < rows.Count) folded.Add(rows[i++]);
        }

        return folded;
    }

    static DiffLine InBoth(string line)
    {
        var shown = line.Length <= MaxWidth ? line : string.Concat(line.AsSpan(0, MaxWidth), "…");
        return new(DiffKind.Same, shown, shown);
    }

    // A long line is cut to where it differs.
    static DiffLine Cut(string? other, string? run)
    {
        var from = 0;
        if (other is not null && run is not null && Math.Max(other.Length, run.Length) > MaxWidth) from = Math.Max(0, other.AsSpan().CommonPrefixLength(run) - 40);
        return new(DiffKind.Changed, Part(other, from), Part(run, from));
    }

    static string? Part(string? line, int from)
    {
        if (line is null) return null;
        var start = Math.Min(from, line.Length);
        if (start > 0 && start < line.Length && char.IsLowSurrogate(line[start])) start--;
        var end = Math.Min(line.Length, start + MaxWidth);
        if (end < line.Length && char.IsLowSurrogate(line[end])) end--;
        return (start > 0 ? "…" : "") + line[start..end] + (end < line.Length ? "…" : "");
    }
}
