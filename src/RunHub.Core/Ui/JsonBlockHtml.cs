using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace RunHub.Ui;

/// <summary>A <see cref="JsonBlock"/> in a view.</summary>
public sealed class JsonBlockHtml(Shell shell, JsonBlock block) : IHtmlContent
{
    /// <inheritdoc/>
    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        using var html = new HtmlBuffer(block.Content.Length * 2 + 2048);
        shell.Prepared(static s => new JsonBlockWriter(s)).Write(html, block);
        html.WriteTo(writer, encoder);
    }
}

/// <summary>
/// Writes <see cref="JsonBlock"/>s by hand, not as a partial: a run's page holds dozens of them, and a partial costs more than
/// what stands in it. Made once for a language (<see cref="Shell.Prepared"/>).
/// </summary>
public sealed class JsonBlockWriter
{
    const int FoldedLines = 18;
    const int FoldedBytes = 1600;
    readonly Format format;
    readonly byte[] copy, more, less, large, load, download, part, downloadAll;

    /// <summary>Looks its texts and icons up.</summary>
    public JsonBlockWriter(Shell shell)
    {
        var texts = TextTable.Of(typeof(UiTexts));
        string Text(string key) => HtmlBuffer.Encode(texts[key]);
        format = shell.Format;
        copy = Utf8($"</code></pre><button class=\"copy json-copy\" data-copy-from aria-label=\"{Text("Copy")}\" title=\"{Text("Copy")}\">{shell.Icon("copy")}</button>");
        more = Utf8($"<button class=\"json-more\" data-expand aria-expanded=\"false\"><span class=\"more-text\">{Text("ShowAll")} · ");
        less = Utf8($"</span><span class=\"less-text\">{Text("ShowLess")}</span></button>");
        large = Utf8($"<div class=\"json-large\"><span class=\"muted\">{Text("LargePayload")} · ");
        load = Utf8($"\" hx-target=\"closest .json\" hx-swap=\"outerHTML\">{Text("LoadPayload")}</a>");
        download = Utf8($"\" download>{shell.Icon("download")}{Text("Download")}</a>");
        part = Utf8($"<p class=\"alert alert-warning\">{shell.Icon("alert-triangle")}<span>{Text("PartOfPayload")} <a href=\"");
        downloadAll = Utf8($"\" download>{Text("DownloadAll")}</a> (");
    }

    /// <summary>Writes one.</summary>
    public void Write(HtmlBuffer html, in JsonBlock block)
    {
        html.Raw("<div class=\"json\""u8);
        if (block.Id is { } id)
        {
            html.Raw(" id=\""u8);
            html.Text(id);
            html.Raw((byte)'"');
        }

        // The same before and after it was asked for: a page that is drawn anew keeps what was.
        if (block.DownloadUrl is { } whole)
        {
            html.Raw(" data-payload=\""u8);
            html.Number(block.Size);
            html.Raw((byte)':');
            html.Text(whole);
            html.Raw((byte)'"');
        }

        html.Raw((byte)'>');
        if (block.Content.Length == 0 && block.LoadUrl is not null) Large(html, block);
        else
        {
            if (block.IsPart) Part(html, block);
            Shown(html, block.Content.Span, block.Kind, block.Size);
        }

        html.Raw("</div>\n"u8);
    }

    /// <summary>Writes a payload that comes with the page, without anything that is made for it alone.</summary>
    public void Write(HtmlBuffer html, ReadOnlySpan<byte> content, JsonBlockKind kind)
    {
        html.Raw("<div class=\"json\">"u8);
        Shown(html, content, kind, content.Length);
        html.Raw("</div>\n"u8);
    }

    /// <summary>Begins a block of JSON that the caller writes itself; <see cref="End"/> ends it.</summary>
    /// <returns>To be given to <see cref="End"/>.</returns>
    public static int Begin(HtmlBuffer html)
    {
        html.Raw("<div class=\"json\">"u8);
        return Open(html, "<pre class=\"code"u8, "\" tabindex=\"0\"><code data-json>"u8);
    }

    /// <summary>Ends what <see cref="Begin"/> began.</summary>
    public void End(HtmlBuffer html, int begun, int lines, long size)
    {
        Close(html, begun, lines, size);
        html.Raw("</div>\n"u8);
    }

    void Shown(HtmlBuffer html, ReadOnlySpan<byte> content, JsonBlockKind kind, long size)
    {
        var begun = kind == JsonBlockKind.Json
            ? Open(html, "<pre class=\"code"u8, "\" tabindex=\"0\"><code data-json>"u8)
            : Open(html, "<pre class=\"code text"u8, "\" tabindex=\"0\"><code>"u8);
        var lines = 0;
        switch (kind)
        {
            case JsonBlockKind.Json:
                lines = JsonHtml.Write(html, content);
                break;
            case JsonBlockKind.JsonString:
                lines = JsonHtml.Text(html, content.Trim(" \t\r\n"u8));
                break;
            default:
                html.Text(content);
                lines = content.Count((byte)'\n');
                break;
        }

        Close(html, begun, lines, size);
    }

    // How long it is shows when it has been written; where its class stands is remembered.
    static int Open(HtmlBuffer html, ReadOnlySpan<byte> pre, ReadOnlySpan<byte> code)
    {
        html.Raw(pre);
        var begun = html.Length;
        html.Raw(code);
        return begun;
    }

    void Close(HtmlBuffer html, int begun, int lines, long size)
    {
        var isLong = lines > FoldedLines || html.Length - begun > FoldedBytes;
        if (isLong) html.Insert(begun, " clamped"u8);
        html.Raw(copy);
        if (!isLong) return;
        html.Raw(more);
        html.Raw(format.Size(size));
        html.Raw(less);
    }

    void Large(HtmlBuffer html, in JsonBlock block)
    {
        html.Raw(large);
        html.Raw(format.Size(block.Size));
        html.Raw("</span><a class=\"btn btn-sm\" href=\""u8);
        html.Text(block.DownloadUrl ?? block.LoadUrl);
        html.Raw("\" hx-get=\""u8);
        html.Text(block.LoadUrl);
        html.Raw(load);
        if (block.DownloadUrl is not null)
        {
            html.Raw("<a class=\"btn btn-sm\" href=\""u8);
            html.Text(block.DownloadUrl);
            html.Raw(download);
        }

        html.Raw("</div>"u8);
    }

    void Part(HtmlBuffer html, in JsonBlock block)
    {
        html.Raw(part);
        html.Text(block.DownloadUrl);
        html.Raw(downloadAll);
        html.Raw(format.Size(block.Size));
        html.Raw(")</span></p>"u8);
    }

    static byte[] Utf8(string html) => Encoding.UTF8.GetBytes(html);
}
