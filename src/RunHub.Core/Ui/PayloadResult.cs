using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace RunHub.Ui;

/// <summary>Answers with a large payload: as a block to be shown in place of the one that asked, or as a file.</summary>
public static class PayloadResult
{
    /// <summary>The answer.</summary>
    /// <param name="page">Who answers.</param>
    /// <param name="id">Id of the block's element.</param>
    /// <param name="json">The payload.</param>
    /// <param name="download">As a file.</param>
    /// <param name="url">Address of the payload, without query.</param>
    public static IActionResult Of(PageModel page, string id, ReadOnlyMemory<byte> json, bool download, string url)
    {
        if (download) return page.File(json.ToArray(), "application/json", id + ".json");
        var block = json.Length <= JsonBlock.ShownAtMost
            ? JsonBlock.Of(id, json)
            : new JsonBlock(id, Beginning(json.Span), JsonBlockKind.Text, json.Length) { IsPart = true };
        return page.Partial("_JsonBlock", block with { DownloadUrl = url + "?download=true" });
    }

    // As it came: half a document cannot be formatted. A character cut in two is left out.
    static byte[] Beginning(ReadOnlySpan<byte> json)
    {
        var end = JsonBlock.LoadedAtOnce;
        while (end > 0 && (json[end] & 0xC0) == 0x80) end--;
        return [.. json[..end], .. "…"u8];
    }
}
