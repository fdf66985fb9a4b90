using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;
using RunHub.Model;
using RunHub.Store.Logs;
using RunHub.Ui;

namespace RunHub.Logs.Tab;

/// <summary>
/// A line as an element of the list. Written by hand: a window holds hundreds, and a partial costs more than what stands in it.
/// </summary>
public sealed class LogLine(Shell shell, LogWindow window, LogRow line) : IHtmlContent
{
    const int Shown = 400;
    static readonly string[] Icons = ["route", "code", "info-circle", "alert-triangle", "circle-x", "bolt"];
    readonly TextTable texts = TextTable.Of(typeof(LogsTexts));

    /// <inheritdoc/>
    public void WriteTo(TextWriter writer, HtmlEncoder encoder)
    {
        var place = line.Position.ToString();
        var level = line.Level.ToName();
        writer.Write($"<li class=\"log-line log-{level}{(window.Target == line.Position ? " log-target" : "")}\" id=\"log-{place}\"><a class=\"log-time num\" data-log-link href=\"");
        encoder.Encode(writer, window.Address.Around(line.Position));
        writer.Write("\" title=\"");
        encoder.Encode(writer, Times.ToIso(line.At));
        writer.Write("\">");
        encoder.Encode(writer, window.Since(line));
        writer.Write("</a><span class=\"log-level\">");
        shell.Icon(Icons[(int)line.Level]).WriteTo(writer, encoder);
        writer.Write(level);
        writer.Write("</span>");
        Step(writer, encoder);
        Message(writer, encoder, place);
        writer.Write("</li>\n");
    }

    void Step(TextWriter writer, HtmlEncoder encoder)
    {
        if (window.StepOf(line) is { } step)
        {
            writer.Write("<a class=\"log-step\" href=\"");
            encoder.Encode(writer, $"/runs/{Uri.EscapeDataString(window.Run.Id)}#node-{Uri.EscapeDataString(step.Node)}");
            writer.Write("\" data-node=\"");
            encoder.Encode(writer, step.Id);
            writer.Write("\" title=\"");
            encoder.Encode(writer, step.Name);
            writer.Write("\">");
            encoder.Encode(writer, step.Node);
            writer.Write("</a>");
        }
        else
        {
            writer.Write("<span class=\"log-step\">");
            encoder.Encode(writer, line.StepId ?? line.SpanId ?? "");
            writer.Write("</span>");
        }
    }

    void Message(TextWriter writer, HtmlEncoder encoder, string place)
    {
        var text = line.Message;
        var end = text.AsSpan().TrimEnd().IndexOf('\n');
        var isLong = end >= 0 || text.Length > Shown;
        if (!isLong && line.Attributes is null && line.State is null && line.CutFrom == 0)
        {
            writer.Write("<div class=\"log-text\">");
            encoder.Encode(writer, text);
            writer.Write("</div>");
            return;
        }

        var first = end >= 0 && end <= Shown ? text[..end] : text.Length > Shown ? text[..(char.IsHighSurrogate(text[Shown - 1]) ? Shown - 1 : Shown)] : text;
        writer.Write("<details class=\"log-text\"><summary>");
        encoder.Encode(writer, first.TrimEnd());
        if (isLong) writer.Write(" …");
        shell.Icon("chevron-down").WriteTo(writer, encoder);
        writer.Write("</summary><div class=\"log-whole\">");
        if (line.CutFrom > 0)
        {
            writer.Write("<p class=\"log-cut\">");
            encoder.Encode(writer, string.Format(System.Globalization.CultureInfo.InvariantCulture, texts["CutFrom"], shell.Format.Number(text.Length), shell.Format.Number(line.CutFrom)));
            writer.Write("</p>");
        }

        if (isLong) new JsonBlockHtml(shell, JsonBlock.Of("logtext-" + place, text)).WriteTo(writer, encoder);
        if (line.State is { } state)
        {
            writer.Write("<p class=\"log-state\"><span class=\"muted\">");
            encoder.Encode(writer, texts["State"]);
            writer.Write("</span> ");
            encoder.Encode(writer, state);
            writer.Write("</p>");
        }

        if (line.Attributes is { } attributes) new JsonBlockHtml(shell, JsonBlock.Of("logdata-" + place, System.Text.Encoding.UTF8.GetBytes(attributes).AsMemory())).WriteTo(writer, encoder);
        writer.Write("</div></details>");
    }
}
