using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using RunHub.Ui;

namespace RunHub.Store.Annotations;

/// <summary>Finds the quoted part of a payload. Pure: bytes in, place out.</summary>
public static class FindAnchor
{
    /// <summary>In larger payloads only the quote itself is looked for, without a place.</summary>
    public const int Placed = JsonBlock.ShownAtMost;

    const int MaxDepth = 512, MaxHits = 2000;

    /// <summary>The text of a value as a page shows it.</summary>
    /// <param name="json">Valid JSON.</param>
    public static string TextOf(ReadOnlySpan<byte> json)
    {
        json = json.Trim(" \t\r\n"u8);
        using var html = new HtmlBuffer(json.Length + 1024);
        if (json is [(byte)'"', ..]) JsonHtml.Text(html, json);
        else JsonHtml.Write(html, json);
        // A browser makes one line end of each of these.
        return WebUtility.HtmlDecode(html.ToString()).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
    }

    /// <summary>The anchor with its place filled in; null: what it asks for is not in this payload.</summary>
    /// <param name="json">The payload, valid JSON.</param>
    /// <param name="anchor">With a quote, a path, or both, or offsets.</param>
    public static Anchor? In(ReadOnlyMemory<byte> json, Anchor anchor)
    {
        if (json.IsEmpty) return null;
        if (json.Length > Placed) return anchor.Quote is { } raw && json.Span.IndexOf(Encoding.UTF8.GetBytes(raw)) >= 0 ? anchor with { Path = null, Start = null, End = null } : null;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException)
        {
            // Deeper than anybody points into.
            return anchor.Path is null or "$" ? Within("$", TextOf(json.Span), anchor) : null;
        }

        using (document) return In(document.RootElement, TextOf(json.Span), anchor);
    }

    static Anchor? In(JsonElement root, string whole, Anchor anchor)
    {
        if (anchor.Path is { } path && JsonPlace.Find(root, path) is { } value && Within(path, path == "$" ? whole : TextOf(JsonMarshal.GetRawUtf8Value(value)), anchor) is { } there) return there;
        if (anchor.Quote is not { } quote) return anchor.Path is null ? Within("$", whole, anchor) : null;
        var context = anchor.Prefix + quote + anchor.Suffix;
        var strings = new Strings(context, quote);
        if (whole.Contains(context, StringComparison.Ordinal)) return Within("$", whole, anchor);
        strings.Look(root);
        if (strings.Exact is { } exact) return Within(exact.Path, exact.Text, anchor);
        return Within("$", whole, anchor) ?? (strings.Near is { } near ? Within(near.Path, near.Text, anchor) : null);
    }

    static Anchor? Within(string path, string text, Anchor anchor)
    {
        if (anchor.Quote is not { } quote)
        {
            var (from, to) = (anchor.Start ?? 0, anchor.End ?? text.Length);
            if (to > text.Length || from >= to || to - from > Anchor.MaxQuote && anchor.End is not null) return null;
            return At(path, text, anchor, from, Math.Min(to, from + Anchor.MaxQuote));
        }

        if (anchor.Path == path && anchor.Start is { } said && said + quote.Length <= text.Length && text.AsSpan(said, quote.Length).SequenceEqual(quote)) return At(path, text, anchor, said, said + quote.Length);
        var (best, score) = (-1, long.MinValue);
        for (int at = text.IndexOf(quote, StringComparison.Ordinal), hits = 0; at >= 0 && hits < MaxHits; at = text.IndexOf(quote, at + 1, StringComparison.Ordinal), hits++)
        {
            var fits = (long)CommonEnd(text.AsSpan(0, at), anchor.Prefix) + CommonStart(text.AsSpan(at + quote.Length), anchor.Suffix);
            var rank = (fits << 32) - Math.Abs(at - (anchor.Start ?? at));
            if (rank > score) (best, score) = (at, rank);
        }

        return best < 0 ? null : At(path, text, anchor, best, best + quote.Length);
    }

    static Anchor At(string path, string text, Anchor anchor, int from, int to) => anchor with
    {
        Path = path,
        Start = from,
        End = to,
        Quote = Whole(text, from, to),
        Prefix = from == 0 ? null : Whole(text, Math.Max(0, from - 32), from),
        Suffix = to == text.Length ? null : Whole(text, to, Math.Min(text.Length, to + 32)),
    };

    // No half of a character: it could not be stored.
    static string Whole(string text, int from, int to) => Ingest.ValidateRuns.Clean(text[from..to])!;

    static int CommonEnd(ReadOnlySpan<char> text, string? wanted)
    {
        var n = 0;
        while (wanted is not null && n < wanted.Length && n < text.Length && text[^(n + 1)] == wanted[^(n + 1)]) n++;
        return n;
    }

    static int CommonStart(ReadOnlySpan<char> text, string? wanted) => wanted is null ? 0 : text.CommonPrefixLength(wanted);

    /// <summary>The first string that has the quote, and the first that has it in its surroundings.</summary>
    sealed class Strings(string context, string quote)
    {
        readonly List<object> place = [];

        public (string Path, string Text)? Exact { get; private set; }

        public (string Path, string Text)? Near { get; private set; }

        public void Look(JsonElement value)
        {
            if (Exact is not null) return;
            switch (value.ValueKind)
            {
                case JsonValueKind.String:
                    var text = TextOf(JsonMarshal.GetRawUtf8Value(value));
                    if (text.Contains(context, StringComparison.Ordinal)) Exact = (JsonPlace.Write(place), text);
                    else if (Near is null && text.Contains(quote, StringComparison.Ordinal)) Near = (JsonPlace.Write(place), text);
                    break;
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject()) Look(member.Name, member.Value);
                    break;
                case JsonValueKind.Array:
                    var i = 0;
                    foreach (var item in value.EnumerateArray()) Look(i++, item);
                    break;
            }
        }

        void Look(object step, JsonElement value)
        {
            place.Add(step);
            Look(value);
            place.RemoveAt(place.Count - 1);
        }
    }
}
