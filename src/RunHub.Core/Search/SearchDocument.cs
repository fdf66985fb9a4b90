using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace RunHub.Search;

/// <summary>Where in a run a text stands.</summary>
public enum SearchKind
{
    /// <summary>Workflow and name of the run. <c>name</c>.</summary>
    Name,

    /// <summary>Tags. <c>tag</c>.</summary>
    Tag,

    /// <summary>Codes, messages and stacks of errors. <c>error</c>.</summary>
    Error,

    /// <summary>Names, labels and tools of steps. <c>step</c>.</summary>
    Step,

    /// <summary>What people wrote beside it. <c>note</c>.</summary>
    Note,

    /// <summary>Inputs of the run and of its steps. <c>input</c>.</summary>
    Input,

    /// <summary>Outputs. <c>output</c>.</summary>
    Output,

    /// <summary>Log lines. <c>log</c>.</summary>
    Log,
}

/// <summary>
/// The text of a run as it was indexed: sections in the order of <see cref="SearchKind"/>, cut at <see cref="MaxLength"/> characters. It is
/// kept beside the index, because SQLite's takes a text out only when it is told it again, and because hits are shown in it.
/// </summary>
sealed class SearchDocument(IReadOnlyList<(SearchKind Kind, string Text)> sections)
{
    /// <summary>Characters of a run that are indexed.</summary>
    public const int MaxLength = 64 * 1024;

    const char Mark = '\u0001';
    const byte Plain = 0;
    const byte Brotli = 1;
    const int HeadLength = 5;

    public IReadOnlyList<(SearchKind Kind, string Text)> Sections => sections;

    /// <summary>Characters of all of them.</summary>
    public int Length => sections.Sum(s => s.Text.Length);

    /// <summary>As it is stored.</summary>
    public byte[] ToBytes()
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(sections.Sum(s => 2 + s.Text.Length * 3));
        try
        {
            var length = 0;
            foreach (var (kind, content) in sections)
            {
                buffer[length++] = (byte)Mark;
                buffer[length++] = (byte)('a' + (int)kind);
                length += Encoding.UTF8.GetBytes(content, buffer.AsSpan(length));
            }

            return Pack(buffer.AsSpan(0, length));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    static byte[] Pack(ReadOnlySpan<byte> raw)
    {
        var packed = new byte[HeadLength + raw.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(1), raw.Length);
        if (raw.Length > 128 && BrotliEncoder.TryCompress(raw, packed.AsSpan(HeadLength), out var written, quality: 1, window: 17))
        {
            packed[0] = Brotli;
            return packed[..(HeadLength + written)];
        }

        packed[0] = Plain;
        raw.CopyTo(packed.AsSpan(HeadLength));
        return packed;
    }

    public static SearchDocument Read(ReadOnlySpan<byte> stored)
    {
        var data = stored[HeadLength..];
        string text;
        if (stored[0] == Plain)
        {
            text = Encoding.UTF8.GetString(data);
        }
        else
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(stored[1..]);
            var raw = System.Buffers.ArrayPool<byte>.Shared.Rent(length);
            try
            {
                if (!BrotliDecoder.TryDecompress(data, raw.AsSpan(0, length), out var written) || written != length) throw new InvalidDataException("A text of the search index is damaged.");
                text = Encoding.UTF8.GetString(raw, 0, length);
            }
            finally
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(raw);
            }
        }

        var sections = new List<(SearchKind, string)>();
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf(Mark, at + 1);
            if (end < 0) end = text.Length;
            sections.Add(((SearchKind)(text[at + 1] - 'a'), text[(at + 2)..end]));
            at = end;
        }

        return new SearchDocument(sections);
    }

    /// <summary>The words with spaces between them, for SQLite's index; a lone § stands between sections, so that no phrase reaches across.</summary>
    public string ToWords()
    {
        var words = new StringBuilder(Length + 64);
        Span<char> word = stackalloc char[SearchWords.MaxLength + 1];
        foreach (var (_, text) in sections)
        {
            if (words.Length > 0) words.Append("§ ");
            var reader = new SearchWords(text);
            while (reader.Next(word[..^1]) is var length and > 0)
            {
                word[length] = ' ';
                words.Append(word[..(length + 1)]);
            }
        }

        return words.ToString();
    }

    /// <summary>The words with their places as a literal of PostgreSQL's <c>tsvector</c>.</summary>
    public string ToVector()
    {
        const int MaxPosition = 16_383;
        const int MaxPositions = 255;
        var places = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var lookup = places.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> word = stackalloc char[SearchWords.MaxLength];
        var position = 0;
        foreach (var (_, text) in sections)
        {
            position++;
            var reader = new SearchWords(text);
            while (reader.Next(word) is var length and > 0)
            {
                position++;
                if (!lookup.TryGetValue(word[..length], out var list)) lookup[word[..length]] = list = [];
                if (list.Count < MaxPositions) list.Add(Math.Min(position, MaxPosition));
            }
        }

        var vector = new StringBuilder();
        foreach (var (key, list) in places)
        {
            vector.Append('\'').Append(key).Append("':").AppendJoin(',', list).Append(' ');
        }

        return vector.ToString();
    }
}

/// <summary>Puts a run's text together, within its limit.</summary>
sealed class SearchDocumentBuilder
{
    /// <summary>Stands between the texts of a section.</summary>
    public const string Between = " · ";

    static readonly System.Buffers.SearchValues<char> Controls = System.Buffers.SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(char.IsControl)]);
    readonly StringBuilder[] sections = new StringBuilder[Enum.GetValues<SearchKind>().Length];
    int left = SearchDocument.MaxLength;

    /// <summary>Nothing more fits.</summary>
    public bool IsFull => left <= 0;

    /// <summary>Characters that still fit.</summary>
    public int Left => left;

    public void Add(SearchKind kind, ReadOnlySpan<char> text)
    {
        if (left <= 0 || text.IsEmpty) return;
        if (text.Length > left) text = text[..left];
        var section = sections[(int)kind] ??= new StringBuilder();
        if (section.Length > 0) section.Append(Between);
        left -= text.Length;
        for (var control = text.IndexOfAny(Controls); control >= 0; control = text.IndexOfAny(Controls))
        {
            section.Append(text[..control]).Append(' ');
            text = text[(control + 1)..];
        }

        section.Append(text);
    }

    public SearchDocument Build() => new([.. sections.Select((text, kind) => ((SearchKind)kind, text?.ToString() ?? "")).Where(s => s.Item2.Length > 0)]);
}
