using System.Buffers;
using System.Text.Json;
using RunHub.Ingest;
using RunHub.Json;

namespace RunHub.Http;

/// <summary>An item of a body that was not written.</summary>
/// <param name="Index">Its place in the body, from 0.</param>
/// <param name="Id">Its id, where it has one.</param>
/// <param name="Status">HTTP status it alone would be answered with.</param>
/// <param name="Faults">What is wrong; paths are relative to the item.</param>
public sealed record RefusedItem(int Index, string? Id, int Status, IReadOnlyList<Fault> Faults)
{
    /// <summary>From the reader.</summary>
    public static RefusedItem Of(ReadFault fault) => new(fault.Index, fault.Id, 400, fault.Faults);

    /// <summary>From the store.</summary>
    public static RefusedItem Of(Rejection rejection, int index) => new(index, rejection.Id, rejection.Status, [new Fault(rejection.Path, rejection.Reason)]);
}

/// <summary>Answers to writes: one object, a batch, and refusals of either.</summary>
public static class WriteAnswer
{
    static readonly string[] Titles = ["The request is not valid.", "Not allowed.", "Not found.", "This conflicts with what is known.", "The request cannot be processed."];

    /// <summary>Makes an answer that can be kept.</summary>
    public static KeptAnswer Make(int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, RunJson.WriterOptions)) write(json);
        return new KeptAnswer(status, buffer.WrittenSpan.ToArray());
    }

    /// <summary>Sends an answer; a 201 or 200 for one run gets its address when <paramref name="location"/> is given.</summary>
    public static Task SendAsync(HttpContext context, KeptAnswer answer, string? location = null)
    {
        if (answer.IsReplay) context.Response.Headers["Idempotent-Replayed"] = "true";
        if (location is not null) context.Response.Headers.Location = location;
        return context.Response.WriteJsonAsync(answer.Status, answer.Body);
    }

    /// <summary>A problem for one item that was refused.</summary>
    public static ProblemException Problem(RefusedItem item) => new(item.Status, Title(item.Status), Detail(item.Faults), item.Faults);

    /// <summary>
    /// A problem for a batch of which nothing was written: each item with index, id, status, path and reason in
    /// <c>rejected</c>.
    /// </summary>
    public static ProblemException Problem(IReadOnlyList<RefusedItem> items, bool atomic)
    {
        var status = items.All(i => i.Status == items[0].Status) ? items[0].Status : 400;
        var faults = items.SelectMany(i => i.Faults.Select(f => new Fault(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"$[{i.Index}]{f.Path.AsSpan(1)}"), f.Reason))).Take(100).ToList();
        return new ProblemException(status, atomic ? "The batch was refused as a whole." : "Nothing was accepted.", Detail(faults), faults)
        {
            Extend = json =>
            {
                json.WriteNumber("accepted", 0);
                Rejected(json, items);
            },
        };
    }

    /// <summary>Writes <c>rejected</c>.</summary>
    public static void Rejected(Utf8JsonWriter json, IReadOnlyList<RefusedItem> items)
    {
        json.WriteStartArray("rejected");
        foreach (var item in items)
        {
            json.WriteStartObject();
            json.WriteNumber("index", item.Index);
            json.WriteString("id", item.Id);
            json.WriteNumber("status", item.Status);
            json.WriteString("path", item.Faults[0].Path);
            json.WriteString("reason", item.Faults[0].Reason);
            if (item.Faults.Count > 1)
            {
                json.WriteStartArray("errors");
                foreach (var fault in item.Faults)
                {
                    json.WriteStartObject();
                    json.WriteString("path", fault.Path);
                    json.WriteString("reason", fault.Reason);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes <c>warnings</c> when there are any.</summary>
    public static void Warnings(Utf8JsonWriter json, ReadWarnings warnings)
    {
        if (warnings.IsEmpty) return;
        json.WriteStartArray("warnings");
        foreach (var (path, reason, count) in warnings.Unknown) Warning(json, path, reason, count);
        if (warnings.ReplacedCharacters > 0) Warning(json, "$", "Characters that cannot be stored (U+0000, halves of surrogate pairs) were replaced by U+FFFD.", warnings.ReplacedCharacters);
        json.WriteEndArray();
    }

    static void Warning(Utf8JsonWriter json, string path, string reason, int count)
    {
        json.WriteStartObject();
        json.WriteString("path", path);
        json.WriteString("reason", reason);
        json.WriteNumber("count", count);
        json.WriteEndObject();
    }

    static string Title(int status) => Titles[status switch { 403 => 1, 404 => 2, 409 => 3, 422 => 4, _ => 0 }];

    static string Detail(IReadOnlyList<Fault> faults) => faults.Count == 1
        ? $"{faults[0].Path}: {faults[0].Reason}"
        : $"{faults.Count} things are wrong; the first is {faults[0].Path}: {faults[0].Reason}";
}
