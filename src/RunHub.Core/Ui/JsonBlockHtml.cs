using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace RunHub.Ui;

/// <summary>
/// A <see cref="JsonBlock"/> as HTML. Written by hand instead of as a partial: a run's page holds dozens of them, and a
/// partial costs more than what stands in it.
/// </summary>
public sealed class JsonBlockHtml(Shell shell, JsonBlock block) : IHtmlContent
{
    readonly TextTable texts = TextTable.Of(typeof(UiTexts));

    /// <inheritdoc/>
    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        writer.Write("<div class=\"json\" id=\"");
        encoder.Encode(writer, block.Id);
        writer.Write("\">");
        if (block.Text is null) Large(writer, encoder);
        else Shown(writer, encoder, block.Text);
        writer.Write("</div>\n");
    }

    void Large(TextWriter writer, HtmlEncoder encoder)
    {
        writer.Write("<div class=\"json-large\"><span class=\"muted\">");
        encoder.Encode(writer, texts["LargePayload"]);
        writer.Write(" · ");
        encoder.Encode(writer, shell.Format.Size(block.Size));
        writer.Write("</span>");
        if (block.LoadUrl is not null)
        {
            writer.Write("<a class=\"btn btn-sm\" href=\"");
            encoder.Encode(writer, block.DownloadUrl ?? block.LoadUrl);
            writer.Write("\" hx-get=\"");
            encoder.Encode(writer, block.LoadUrl);
            writer.Write("\" hx-target=\"#");
            encoder.Encode(writer, block.Id);
            writer.Write("\" hx-swap=\"outerHTML\">");
            encoder.Encode(writer, texts["LoadPayload"]);
            writer.Write("</a>");
        }

        if (block.DownloadUrl is not null)
        {
            writer.Write("<a class=\"btn btn-sm\" href=\"");
            encoder.Encode(writer, block.DownloadUrl);
            writer.Write("\" download>");
            shell.Icon("download").WriteTo(writer, encoder);
            encoder.Encode(writer, texts["Download"]);
            writer.Write("</a>");
        }

        writer.Write("</div>");
    }

    void Shown(TextWriter writer, HtmlEncoder encoder, string text)
    {
        if (block.IsPart) Part(writer, encoder);
        writer.Write("<pre class=\"code");
        if (!block.IsJson) writer.Write(" text");
        if (block.IsLong) writer.Write(" clamped");
        writer.Write("\" id=\"");
        encoder.Encode(writer, block.Id);
        writer.Write(block.IsJson ? "-text\" tabindex=\"0\"><code data-json id=\"" : "-text\" tabindex=\"0\"><code id=\"");
        encoder.Encode(writer, block.Id);
        writer.Write("-code\">");
        encoder.Encode(writer, text);
        writer.Write("</code></pre><button class=\"copy json-copy\" data-copy-from=\"#");
        encoder.Encode(writer, block.Id);
        writer.Write("-code\" aria-label=\"");
        encoder.Encode(writer, texts["Copy"]);
        writer.Write("\" title=\"");
        encoder.Encode(writer, texts["Copy"]);
        writer.Write("\">");
        shell.Icon("copy").WriteTo(writer, encoder);
        writer.Write("</button>");
        if (!block.IsLong) return;
        writer.Write("<button class=\"json-more\" data-expand aria-controls=\"");
        encoder.Encode(writer, block.Id);
        writer.Write("-text\" aria-expanded=\"false\"><span class=\"more-text\">");
        encoder.Encode(writer, texts["ShowAll"]);
        writer.Write(" · ");
        encoder.Encode(writer, shell.Format.Size(block.Size));
        writer.Write("</span><span class=\"less-text\">");
        encoder.Encode(writer, texts["ShowLess"]);
        writer.Write("</span></button>");
    }

    void Part(TextWriter writer, HtmlEncoder encoder)
    {
        writer.Write("<p class=\"alert alert-warning\">");
        shell.Icon("alert-triangle").WriteTo(writer, encoder);
        writer.Write("<span>");
        encoder.Encode(writer, texts["PartOfPayload"]);
        writer.Write(" <a href=\"");
        encoder.Encode(writer, block.DownloadUrl ?? "");
        writer.Write("\" download>");
        encoder.Encode(writer, texts["DownloadAll"]);
        writer.Write("</a> (");
        encoder.Encode(writer, shell.Format.Size(block.Size));
        writer.Write(")</span></p>");
    }
}
