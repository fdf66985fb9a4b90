using System.Text.Json;

namespace RunHub.Cli;

/// <summary>How far an import got, in a file beside what is imported, so that the next one goes on there.</summary>
/// <param name="Url">Which hub it went to.</param>
/// <param name="Length">Bytes of the file then: another length is another file, unless it only grew.</param>
/// <param name="Offset">Bytes that are done, of what is unpacked.</param>
/// <param name="Line">The line there.</param>
/// <param name="Taken">Runs the hub took.</param>
/// <param name="Rejected">Runs it did not.</param>
/// <param name="RejectedBytes">How long the file of rejected runs was then.</param>
sealed record ImportPosition(string Url, long Length, long Offset, long Line, long Taken, long Rejected, long RejectedBytes)
{
    static string FileOf(string file) => file + ".position";

    /// <summary>Where an earlier import of this file to this hub stopped; null: there was none, or it was another file.</summary>
    public static ImportPosition? Read(string file, string url)
    {
        try
        {
            var position = JsonSerializer.Deserialize<ImportPosition>(File.ReadAllBytes(FileOf(file)), JsonSerializerOptions.Web);
            return position is not null && position.Url == url && position.Length <= new FileInfo(file).Length ? position : null;
        }
        catch (Exception e) when (e is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Notes it: half of it is never seen.</summary>
    public void Write(string file)
    {
        var next = FileOf(file) + ".new";
        File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web));
        File.Move(next, FileOf(file), overwrite: true);
    }

    /// <summary>The import is done.</summary>
    public static void Delete(string file) => File.Delete(FileOf(file));
}
