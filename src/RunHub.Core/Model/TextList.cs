namespace RunHub.Model;

/// <summary>Short texts in one column, each between line feeds (<c>\na\nb\n</c>), so that SQL finds one exactly.</summary>
public static class TextList
{
    /// <summary>Null for an empty list.</summary>
    public static string? Join(IReadOnlyCollection<string> items) => items.Count == 0 ? null : "\n" + string.Join('\n', items) + "\n";

    /// <summary>The items; empty for null.</summary>
    public static string[] Split(string? text) => text is null ? [] : text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Is <paramref name="item"/> in the list.</summary>
    public static bool Contains(string? text, string item) => text is not null && text.Contains("\n" + item + "\n", StringComparison.Ordinal);

    /// <summary>The list with <paramref name="item"/> in it.</summary>
    public static string? Add(string? text, string? item) =>
        string.IsNullOrEmpty(item) || Contains(text, item) ? text : (text ?? "\n") + item + "\n";
}
