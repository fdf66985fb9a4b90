using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace RunHub.Ui;

/// <summary>
/// HTML being written, in UTF-8: payloads go from the database to the browser without becoming strings. A view shows it as
/// <see cref="IHtmlContent"/>, once: its memory is lent and goes back when it has been shown.
/// </summary>
public sealed class HtmlBuffer : IHtmlContent, IDisposable
{
    static readonly SearchValues<byte> Markup = SearchValues.Create("&<>\"'\0"u8);
    static readonly SearchValues<char> MarkupChars = SearchValues.Create("&<>\"'\0");
    byte[] buffer;
    int length;

    /// <summary>Empty.</summary>
    /// <param name="capacity">Bytes it will have, roughly.</param>
    public HtmlBuffer(int capacity = 4096) => buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>A text as HTML.</summary>
    public static string Encode(string text)
    {
        using var html = new HtmlBuffer(text.Length + 64);
        html.Text(text);
        return html.ToString();
    }

    /// <summary>Bytes so far.</summary>
    public int Length => length;

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>Appends HTML as it is.</summary>
    /// <returns>This buffer, as with everything that appends: a line of markup, text and numbers is written in one breath.</returns>
    public HtmlBuffer Raw(ReadOnlySpan<byte> html)
    {
        html.CopyTo(Room(html.Length));
        length += html.Length;
        return this;
    }

    /// <summary>Appends HTML as it is.</summary>
    public HtmlBuffer Raw(ReadOnlySpan<char> html)
    {
        length += Encoding.UTF8.GetBytes(html, Room(html.Length * 3));
        return this;
    }

    /// <summary>Appends one byte of HTML.</summary>
    public HtmlBuffer Raw(byte html)
    {
        Room(1)[0] = html;
        length++;
        return this;
    }

    /// <summary>Appends text, fit for an element's content and for an attribute in quotes.</summary>
    public HtmlBuffer Text(ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(MarkupChars) is var at and >= 0)
        {
            Raw(text[..at]);
            Entity((byte)text[at]);
            text = text[(at + 1)..];
        }

        return Raw(text);
    }

    /// <summary>Appends text that is in UTF-8 already, fit for an element's content and for an attribute in quotes.</summary>
    public HtmlBuffer Text(ReadOnlySpan<byte> utf8)
    {
        while (utf8.IndexOfAny(Markup) is var at and >= 0)
        {
            Raw(utf8[..at]);
            Entity(utf8[at]);
            utf8 = utf8[(at + 1)..];
        }

        return Raw(utf8);
    }

    /// <summary>Appends a number.</summary>
    public HtmlBuffer Number(long number)
    {
        Utf8Formatter.TryFormat(number, Room(20), out var written);
        length += written;
        return this;
    }

    /// <summary>Appends the entity of a character that means something in HTML.</summary>
    public HtmlBuffer Entity(byte character) => Raw(character switch
    {
        (byte)'&' => "&amp;"u8,
        (byte)'<' => "&lt;"u8,
        (byte)'>' => "&gt;"u8,
        (byte)'"' => "&quot;"u8,
        (byte)'\'' => "&#39;"u8,
        _ => "\uFFFD"u8, // NUL, which HTML does not have
    });

    /// <summary>Puts HTML where it should have been written earlier, when only what followed told so.</summary>
    /// <param name="at">A former <see cref="Length"/>.</param>
    /// <param name="html">What belongs there.</param>
    public void Insert(int at, ReadOnlySpan<byte> html)
    {
        Room(html.Length);
        buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + html.Length));
        html.CopyTo(buffer.AsSpan(at));
        length += html.Length;
    }

    /// <summary>Takes back what was written after a former <see cref="Length"/>.</summary>
    public void Truncate(int to) => length = Math.Clamp(to, 0, length);

    /// <inheritdoc/>
    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        const int Piece = 8 * 1024;
        var chars = ArrayPool<char>.Shared.Rent(Piece);
        var decoder = Encoding.UTF8.GetDecoder();
        for (var at = 0; at < length;)
        {
            decoder.Convert(buffer.AsSpan(at, length - at), chars, flush: false, out var read, out var written, out _);
            writer.Write(chars, 0, written);
            at += read;
        }

        ArrayPool<char>.Shared.Return(chars);
        Dispose();
    }

    /// <summary>The HTML as a string, for tests and for small pieces that are kept.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Written);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        (buffer, length) = ([], 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Span<byte> Room(int size)
    {
        if (buffer.Length - length < size) Grow(size);
        return buffer.AsSpan(length);
    }

    void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, length + size));
        Written.CopyTo(larger);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
