using System.Text;

namespace RunHub.Store.Attachments;

/// <summary>What a file is, by its first bytes. What a sender says of it counts for nothing.</summary>
public static class ContentTypes
{
    /// <summary>What is served for a file that a browser must not interpret.</summary>
    public const string Unknown = "application/octet-stream";

    /// <summary>Plain text.</summary>
    public const string Text = "text/plain";

    static readonly (byte[] Magic, int At, string Type)[] Magics =
    [
        ([0x89, .. "PNG\r\n\u001a\n"u8], 0, "image/png"),
        ([0xFF, 0xD8, 0xFF], 0, "image/jpeg"),
        ([.. "GIF87a"u8], 0, "image/gif"),
        ([.. "GIF89a"u8], 0, "image/gif"),
        ([.. "WEBP"u8], 8, "image/webp"),
        ([.. "%PDF-"u8], 0, "application/pdf"),
        ([0x50, 0x4B, 0x03, 0x04], 0, "application/zip"),
        ([0x50, 0x4B, 0x05, 0x06], 0, "application/zip"),
        ([0x1F, 0x8B], 0, "application/gzip"),
        ([0x28, 0xB5, 0x2F, 0xFD], 0, "application/zstd"),
        ([.. "WAVE"u8], 8, "audio/wav"),
        ([.. "ftyp"u8], 4, "video/mp4"),
        ([.. "OggS"u8], 0, "application/ogg"),
        ([.. "ID3"u8], 0, "audio/mpeg"),
        ([.. "SQLite format 3\0"u8], 0, "application/vnd.sqlite3"),
        ([.. "PAR1"u8], 0, "application/vnd.apache.parquet"),
    ];

    // What a browser takes for HTML wherever it is allowed to guess.
    static readonly string[] Html = ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<style", "<title", "<table", "<div", "<a", "<b", "<h1", "<p", "<br", "<img", "<font", "<!--"];

    /// <summary>The type of a file with these first bytes (some hundreds are enough; 4,096 are read).</summary>
    public static string Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty) return Unknown;
        foreach (var (magic, at, type) in Magics)
            if (head.Length >= at + magic.Length && head.Slice(at, magic.Length).SequenceEqual(magic) && (at != 8 || head.StartsWith("RIFF"u8))) return type;
        return TextOf(head) is { } text ? OfText(text) : Unknown;
    }

    /// <summary>May a browser show it in place of downloading it: pictures, plain text, PDF. Nothing that can carry a script of ours.</summary>
    public static bool MayBeShown(string type) => type is "image/png" or "image/jpeg" or "image/gif" or "image/webp" or "application/pdf" or Text;

    static string OfText(string text)
    {
        var start = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n', '\f');
        foreach (var tag in Html)
            if (start.StartsWith(tag, StringComparison.OrdinalIgnoreCase) && (start.Length == tag.Length || !char.IsAsciiLetterOrDigit(start[tag.Length]))) return "text/html";
        var isSvg = text.Contains("<svg", StringComparison.OrdinalIgnoreCase);
        if (start.StartsWith("<?xml", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase)) return isSvg ? "image/svg+xml" : "application/xml";
        return start.StartsWith("<svg", StringComparison.OrdinalIgnoreCase) ? "image/svg+xml" : start.StartsWith('<') && isSvg ? "image/svg+xml" : Text;
    }

    // UTF-8 without control characters; the last character may be cut off.
    static string? TextOf(ReadOnlySpan<byte> head)
    {
        for (var cut = 0; cut < 4 && cut < head.Length; cut++)
        {
            try
            {
                var text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(head[..^cut]);
                foreach (var c in text)
                    if (char.IsControl(c) && c is not ('\t' or '\r' or '\n' or '\f' or '\u001b')) return null;
                return text;
            }
            catch (DecoderFallbackException)
            {
                // Perhaps only its end.
            }
        }

        return null;
    }
}
