using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RunHub.Benchmarks.Load;

/// <summary>The bytes of requests, made before the clock runs.</summary>
static class Requests
{
    /// <summary>A GET.</summary>
    /// <param name="path">Path and query.</param>
    /// <param name="headers">Lines such as <c>Cookie: a=b</c>.</param>
    public static byte[] Get(string path, params ReadOnlySpan<string> headers) => Encoding.UTF8.GetBytes(Head("GET", path, headers) + "\r\n");

    /// <summary>A POST of JSON.</summary>
    public static byte[] Post(string path, ReadOnlySpan<byte> json, params ReadOnlySpan<string> headers)
    {
        var head = Encoding.UTF8.GetBytes(Head("POST", path, headers) + $"Content-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n");
        return [.. head, .. json];
    }

    static string Head(string method, string path, ReadOnlySpan<string> headers)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        foreach (var header in headers) text.Append(header).Append("\r\n");
        return text.ToString();
    }
}

/// <summary>
/// A POST of runs that can be sent again and again: before each sending every run's id, business event and trace get a number
/// never used before (the same event twice would be a duplicate), written over the bytes of the last.
/// </summary>
sealed class RunRequest
{
    /// <summary>Ids in the text are this and <see cref="Digits"/> zeros.</summary>
    public const string IdPrefix = "run_01JBENCH";

    /// <summary>Digits of an id's number.</summary>
    public const int Digits = 18;

    const int PerRun = 3;
    static long lastNumber = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() * 100_000_000;
    readonly int[] numbers;

    /// <param name="path">Where to post.</param>
    /// <param name="runs">JSON texts of runs whose ids are <see cref="Placeholder"/>; one is sent as an object, several as an array.</param>
    /// <param name="headers">More header lines.</param>
    public RunRequest(string path, IReadOnlyList<byte[]> runs, params ReadOnlySpan<string> headers)
    {
        var json = new MemoryStream();
        if (runs.Count > 1) json.WriteByte((byte)'[');
        for (var i = 0; i < runs.Count; i++)
        {
            if (i > 0) json.WriteByte((byte)',');
            json.Write(runs[i]);
        }

        if (runs.Count > 1) json.WriteByte((byte)']');
        Runs = runs.Count;
        Bytes = Requests.Post(path, json.ToArray(), headers);
        var find = Encoding.ASCII.GetBytes(PlaceholderNumber);
        var found = new List<int>(runs.Count * PerRun);
        for (var at = 0; Bytes.AsSpan(at).IndexOf(find) is >= 0 and var next; at = found[^1] + Digits) found.Add(at + next);
        numbers = [.. found];
        if (numbers.Length != Runs * PerRun) throw new JsonException($"{numbers.Length} numbers in {Runs} runs.");
    }

    /// <summary>The id a run must come with.</summary>
    public static string Placeholder { get; } = IdPrefix + PlaceholderNumber;

    /// <summary>Stands in the id, in the business event and in the trace id.</summary>
    public static string PlaceholderNumber => new('0', Digits);

    /// <summary>Runs in a request.</summary>
    public int Runs { get; }

    /// <summary>Head and body.</summary>
    public byte[] Bytes { get; }

    /// <summary>An id that was never sent, for those who write without HTTP.</summary>
    public static byte[] NextId()
    {
        var id = Encoding.ASCII.GetBytes(Placeholder);
        Number(id.AsSpan(IdPrefix.Length), Interlocked.Increment(ref lastNumber) - 1);
        return id;
    }

    /// <summary>The request with ids that were never sent.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var first = Interlocked.Add(ref lastNumber, Runs) - Runs;
        for (var i = 0; i < numbers.Length; i++) Number(Bytes.AsSpan(numbers[i], Digits), first + i / PerRun);
        return Bytes;
    }

    static void Number(Span<byte> digits, long number)
    {
        for (var i = digits.Length - 1; i >= 0; i--, number /= 10) digits[i] = (byte)('0' + number % 10);
    }
}
