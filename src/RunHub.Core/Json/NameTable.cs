using System.Runtime.InteropServices;
using System.Text;

namespace RunHub.Json;

/// <summary>One name a JSON object may have.</summary>
/// <param name="Text">As written.</param>
/// <param name="Field">What it means; several names may mean the same field.</param>
/// <param name="IsSynonym">Understood on the way in; gives way to the proper name when both are there.</param>
/// <param name="Bit">Its place in the set of names seen, for finding duplicate keys.</param>
readonly record struct JsonName(string Text, int Field, bool IsSynonym, int Bit);

/// <summary>
/// The names of one JSON object, found by their UTF-8 bytes without making a string; in any case, but as they are written at once. At most 128 names.
/// </summary>
sealed class NameTable
{
    readonly JsonName[] names;
    readonly byte[][] utf8;
    readonly short[] slots = new short[512];
    readonly Dictionary<string, int> inAnyCase = new(StringComparer.OrdinalIgnoreCase);
    readonly int longest;

    NameTable(List<JsonName> list)
    {
        if (list.Count > 128) throw new ArgumentException("At most 128 names fit the set of names seen.", nameof(list));
        names = [.. list];
        utf8 = [.. list.Select(n => Encoding.UTF8.GetBytes(n.Text))];
        Array.Fill(slots, (short)-1);
        for (var i = 0; i < utf8.Length; i++)
        {
            var slot = Slot(utf8[i]);
            while (slots[slot] >= 0) slot = (slot + 1) & 511;
            slots[slot] = (short)i;
            inAnyCase.TryAdd(names[i].Text, i);
        }

        longest = utf8.Max(n => n.Length);
    }

    /// <summary>The proper names.</summary>
    public IEnumerable<string> Proper => names.Where(n => !n.IsSynonym).Select(n => n.Text);

    /// <summary>A table from <c>name=field</c> pairs: the first word of an entry is the proper name, the rest are synonyms.</summary>
    public static NameTable Of<TField>(params (TField Field, string Words)[] entries) where TField : struct, Enum
    {
        var list = new List<JsonName>();
        foreach (var (field, words) in entries)
        {
            var synonym = false;
            foreach (var word in words.Split(' '))
            {
                // A leading ~ makes an entry of synonyms only: the proper name lives in another object.
                list.Add(new JsonName(word.TrimStart('~'), Convert.ToInt32(field, System.Globalization.CultureInfo.InvariantCulture), synonym || word[0] == '~', list.Count));
                synonym = true;
            }
        }

        return new NameTable(list);
    }

    /// <summary>Finds a name.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out JsonName found)
    {
        var slot = Slot(name);
        for (int at; (at = slots[slot]) >= 0; slot = (slot + 1) & 511)
        {
            if (!name.SequenceEqual(utf8[at])) continue;
            found = names[at];
            return true;
        }

        // All names are ASCII.
        var known = name.Length <= longest && inAnyCase.TryGetValue(Encoding.UTF8.GetString(name), out var index) ? index : -1;
        found = known < 0 ? default : names[known];
        return known >= 0;
    }

    /// <summary>The proper name nearest to a misspelt one, or null when none is near.</summary>
    public string? Nearest(string wrong)
    {
        var limit = Math.Max(1, wrong.Length / 3);
        var (best, distance) = names.Where(n => !n.IsSynonym)
            .Select(n => (n.Text, Distance: Distance(n.Text, wrong)))
            .DefaultIfEmpty(("", int.MaxValue))
            .MinBy(n => n.Item2);
        return distance <= limit ? best : null;
    }

    static int Slot(ReadOnlySpan<byte> name)
    {
        uint hash = (uint)name.Length * 0x9E3779B1;
        if (name.Length >= 4)
        {
            hash = (hash ^ MemoryMarshal.Read<uint>(name)) * 0x85EBCA6B;
            hash = (hash ^ MemoryMarshal.Read<uint>(name[^4..])) * 0xC2B2AE35;
            hash ^= name[name.Length / 2];
        }
        else
        {
            foreach (var b in name) hash = (hash ^ b) * 0x85EBCA6B;
        }

        return (int)((hash ^ hash >> 15) & 511);
    }

    static int Distance(string a, string b)
    {
        if (b.Length > 64) return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var change = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
