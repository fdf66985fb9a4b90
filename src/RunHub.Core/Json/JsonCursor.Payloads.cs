using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RunHub.Json;

/// <summary>Strings with escapes, and payloads: the parts of a body that are kept as they came.</summary>
ref partial struct JsonCursor
{
    const int FewKeys = 64;
    static readonly ulong Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    [ThreadStatic] static KeyStack? keyStack;

    /// <summary>
    /// The current value as it stands in the body. Escapes that no text column can hold (<c>\u0000</c>, half surrogate
    /// pairs) become <c>\ufffd</c>, in place, and are counted. Duplicate keys and too deep nesting are faults.
    /// </summary>
    /// <param name="replace">False: such escapes stay.</param>
    public JsonPayload? Payload(bool replace = true)
    {
        var start = (int)Reader.TokenStartIndex;
        var known = faults?.Count ?? 0;
        WalkPayload();
        if ((faults?.Count ?? 0) > known) return null;
        var slice = body[start..(int)Reader.BytesConsumed];
        if (replace && hasUnicodeEscapes) Warnings.ReplacedCharacters += ReplaceEscapes(slice.Span);
        return new JsonPayload(slice);
    }

    /// <summary>Reads to the end of the current value and checks it.</summary>
    void WalkPayload()
    {
        if (Reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return;
        var keys = keyStack ??= new KeyStack();
        keys.Reset();
        var end = Reader.CurrentDepth;
        var tooDeep = false;
        do
        {
            switch (Reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    keys.Open();
                    if (Reader.CurrentDepth - ItemDepth >= Context.MaxDepth && !tooDeep)
                    {
                        tooDeep = true;
                        Fault($"This nests deeper than {Context.MaxDepth} levels (Ingest:MaxDepth).");
                    }

                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    keys.Close();
                    if (Reader.CurrentDepth == end) return;
                    break;
                case JsonTokenType.PropertyName:
                    scoped ReadOnlySpan<byte> name = Reader.ValueSpan;
                    if (Reader.ValueIsEscaped) name = Encoding.UTF8.GetBytes(ReadText(out _));
                    if (!keys.Add(Hash(name))) Fault($"The key \"{Shorten(Encoding.UTF8.GetString(name))}\" occurs twice in one object.");
                    break;
            }
        }
        while (Reader.Read());
    }

    /// <summary>The current text with its escapes resolved.</summary>
    /// <param name="bad">Index of the first character that cannot be stored; -1 when all can.</param>
    readonly string ReadText(out int bad)
    {
        var raw = Reader.ValueSpan;
        var chars = ArrayPool<char>.Shared.Rent(raw.Length);
        var length = 0;
        for (var at = 0; at < raw.Length;)
        {
            var next = raw[at..].IndexOf((byte)'\\');
            var plain = next < 0 ? raw.Length - at : next;
            length += Encoding.UTF8.GetChars(raw.Slice(at, plain), chars.AsSpan(length));
            at += plain;
            if (next < 0) break;
            if (raw[at + 1] == 'u')
            {
                chars[length++] = (char)Hex(raw.Slice(at + 2, 4));
                at += 6;
            }
            else
            {
                chars[length++] = raw[at + 1] switch { (byte)'n' => '\n', (byte)'t' => '\t', (byte)'r' => '\r', (byte)'b' => '\b', (byte)'f' => '\f', var same => (char)same };
                at += 2;
            }
        }

        bad = FirstBad(chars.AsSpan(0, length));
        var text = new string(chars, 0, length);
        ArrayPool<char>.Shared.Return(chars);
        return text;
    }

    string Replace(string text)
    {
        var at = FirstBad(text);
        if (at < 0) return text;
        var chars = text.ToCharArray();
        for (; at >= 0; at = FirstBad(chars, at + 1))
        {
            chars[at] = '\uFFFD';
            Warnings.ReplacedCharacters++;
        }

        return new string(chars);
    }

    static int FirstBad(ReadOnlySpan<char> text, int from = 0)
    {
        for (var i = from; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\0') return i;
            if (!char.IsSurrogate(c)) continue;
            if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return i;
            i++;
        }

        return -1;
    }

    /// <summary>Replaces <c>\u0000</c> and half surrogate pairs in JSON text by <c>\ufffd</c>, in place.</summary>
    internal static int ReplaceEscapes(Span<byte> json)
    {
        var replaced = 0;
        for (var at = 0; ;)
        {
            var next = json[at..].IndexOf((byte)'\\');
            if (next < 0) return replaced;
            at += next;
            if (json[at + 1] != 'u')
            {
                at += 2;
                continue;
            }

            var code = Hex(json.Slice(at + 2, 4));
            var isPair = char.IsHighSurrogate((char)code) && at + 12 <= json.Length && json[at + 6] == '\\' && json[at + 7] == 'u' && char.IsLowSurrogate((char)Hex(json.Slice(at + 8, 4)));
            if (!isPair && (code == 0 || char.IsSurrogate((char)code)))
            {
                "fffd"u8.CopyTo(json[(at + 2)..]);
                replaced++;
            }

            at += isPair ? 12 : 6;
        }
    }

    static int Hex(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var d in digits) value = value << 4 | (d <= '9' ? d - '0' : (d | 0x20) - 'a' + 10);
        return value;
    }

    static ulong Hash(ReadOnlySpan<byte> name)
    {
        const ulong prime = 0x9E3779B97F4A7C15;
        var hash = Seed ^ (ulong)name.Length * prime;
        for (; name.Length >= 8; name = name[8..])
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(name)) * prime;
            hash ^= hash >> 32;
        }

        ulong tail = 0;
        foreach (var b in name) tail = tail << 8 | b;
        hash = (hash ^ tail) * prime;
        return hash ^ hash >> 29;
    }

    /// <summary>Hashes of the keys of all open objects; a large object's go into a set, so that no body costs quadratic time.</summary>
    sealed class KeyStack
    {
        readonly HashSet<ulong> many = [];
        ulong[] hashes = new ulong[256];
        int[] starts = new int[64];
        ulong[] serials = new ulong[64];
        int count;
        int depth;
        ulong serial;

        public void Reset()
        {
            (count, depth, serial) = (0, 0, 0);
            if (many.Count > 0)
            {
                many.Clear();
                many.TrimExcess(0);
            }
        }

        public void Open()
        {
            if (depth == starts.Length)
            {
                Array.Resize(ref starts, depth * 2);
                Array.Resize(ref serials, depth * 2);
            }

            starts[depth] = count;
            serials[depth++] = ++serial * 0xD6E8FEB86659FD93;
        }

        public void Close() => count = starts[--depth];

        public bool Add(ulong hash)
        {
            var own = hashes.AsSpan(starts[depth - 1]..count);
            bool isNew;
            if (own.Length < FewKeys)
            {
                isNew = !own.Contains(hash);
            }
            else
            {
                if (own.Length == FewKeys)
                    foreach (var other in own) many.Add(other ^ serials[depth - 1]);
                isNew = many.Add(hash ^ serials[depth - 1]);
            }

            if (count == hashes.Length) Array.Resize(ref hashes, count * 2);
            hashes[count++] = hash;
            return isNew;
        }
    }
}
