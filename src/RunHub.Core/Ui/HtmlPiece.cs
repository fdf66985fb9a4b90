using System.Text;

namespace RunHub.Ui;

/// <summary>
/// HTML with holes for one text, such as the address that several links of a page begin with; put together once
/// (<see cref="Shell.Prepared"/>) and written as bytes.
/// </summary>
public sealed class HtmlPiece
{
    /// <summary>Stands for the text: a character no HTML has.</summary>
    public const char Hole = '\0';

    readonly byte[][] parts;

    /// <summary>Of HTML in which <see cref="Hole"/> stands where the text belongs.</summary>
    public HtmlPiece(string html) => parts = [.. html.Split(Hole).Select(Encoding.UTF8.GetBytes)];

    /// <summary>Writes it.</summary>
    /// <param name="html">Where to.</param>
    /// <param name="text">What stands in the holes; encoded here.</param>
    public void Write(HtmlBuffer html, ReadOnlySpan<char> text)
    {
        html.Raw(parts[0]);
        foreach (var part in parts.AsSpan(1))
        {
            html.Text(text);
            html.Raw(part);
        }
    }
}
