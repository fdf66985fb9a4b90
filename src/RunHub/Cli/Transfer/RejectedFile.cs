using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunHub.Cli;

/// <summary>Runs that were not taken, one per line with line number, path and reason; made when there is the first.</summary>
sealed class RejectedFile(string path, long keep) : IDisposable
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    FileStream? file;

    /// <summary>Where it is.</summary>
    public string Path => path;

    /// <summary>How long it is.</summary>
    public long Length => file?.Length ?? keep;

    /// <summary>Adds one.</summary>
    public void Add(long line, string? id, int status, string where, string reason, ReadOnlySpan<byte> run)
    {
        if (file is null)
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
            // What an import that broke off wrote after its last position comes again.
            file.SetLength(Math.Min(file.Length, keep));
            file.Seek(0, SeekOrigin.End);
        }

        using (var json = new Utf8JsonWriter(file, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("line", line);
            json.WriteString("id", id);
            json.WriteNumber("status", status);
            json.WriteString("path", where);
            json.WriteString("reason", reason);
            json.WritePropertyName("run");
            try
            {
                json.WriteRawValue(run);
            }
            catch (JsonException)
            {
                // Not JSON: that is why it is here.
                json.WriteStringValue(System.Text.Encoding.UTF8.GetString(run));
            }

            json.WriteEndObject();
        }

        file.WriteByte((byte)'\n');
    }

    /// <summary>Everything is in the file.</summary>
    public void Flush() => file?.Flush();

    public void Dispose() => file?.Dispose();
}
