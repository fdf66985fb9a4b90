using System.Text;

namespace RunHub.Ui;

/// <summary>A payload as a page shows it: formatted, folded when long, and asked for when it is large.</summary>
/// <param name="Id">Id of its element, unique on the page, letters, digits and hyphens; null: it needs none.</param>
/// <param name="Content">What is shown, UTF-8; empty: not loaded yet.</param>
/// <param name="Kind">How it is shown.</param>
/// <param name="Size">Bytes of the payload as it is stored.</param>
public readonly record struct JsonBlock(string? Id, ReadOnlyMemory<byte> Content, JsonBlockKind Kind, long Size)
{
    /// <summary>Larger payloads are asked for by the reader.</summary>
    public const int LoadedAtOnce = 256 * 1024;

    /// <summary>Larger payloads are shown in part; the whole is a download.</summary>
    public const int ShownAtMost = 2 * 1024 * 1024;

    /// <summary>Where the payload is asked for when it is large; null: nowhere.</summary>
    public string? LoadUrl { get; init; }

    /// <summary>Where the payload is downloaded; null: nowhere.</summary>
    public string? DownloadUrl { get; init; }

    /// <summary>Only the beginning is shown.</summary>
    public bool IsPart { get; init; }

    /// <summary>A stored payload, valid JSON: a string is shown as its text, anything else is formatted.</summary>
    public static JsonBlock Of(string? id, ReadOnlyMemory<byte> json) =>
        new(id, json, json.Span.TrimStart(" \t\r\n"u8) is [(byte)'"', ..] ? JsonBlockKind.JsonString : JsonBlockKind.Json, json.Length);

    /// <summary>Plain text.</summary>
    public static JsonBlock Of(string? id, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return new JsonBlock(id, utf8, JsonBlockKind.Text, utf8.Length);
    }

    /// <summary>A payload too large to come with the page.</summary>
    /// <param name="id">See <see cref="Id"/>.</param>
    /// <param name="url">Where it is asked for; with <c>?download=true</c>, downloaded.</param>
    /// <param name="size">Bytes.</param>
    public static JsonBlock Large(string? id, string url, long size) => new(id, default, JsonBlockKind.Json, size) { LoadUrl = url, DownloadUrl = url + "?download=true" };
}

/// <summary>How the content of a <see cref="JsonBlock"/> is shown.</summary>
public enum JsonBlockKind
{
    /// <summary>Formatted and highlighted.</summary>
    Json,

    /// <summary>A JSON string, shown as the text it stands for.</summary>
    JsonString,

    /// <summary>As it is.</summary>
    Text,
}
