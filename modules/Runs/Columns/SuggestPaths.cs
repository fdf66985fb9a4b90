using System.Text.Json;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Payloads;

namespace RunHub.Runs.Columns;

/// <summary>Places that the newest runs of a list have in their inputs and outputs, to choose columns from.</summary>
public sealed class SuggestPaths(Database database, RunQuery query)
{
    const int LooksAt = 5;
    const int Most = 80;
    const int MaxDepth = 5;
    const int FirstElements = 1;

    /// <summary>The places, each with a value somebody has there; those of the first run first.</summary>
    public async Task<IReadOnlyList<(string Path, string Example)>> HandleAsync(long tenantNo, RunFilter filter, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        RunPage page;
        try
        {
            page = await query.ListAsync(tenantNo, filter.RunsAlone(), null, LooksAt, RunRow.Table.All, cancellationToken);
        }
        catch (ProblemException)
        {
            // A list that cannot be shown has nothing to suggest.
            return [];
        }

        await using var sql = await database.ReadAsync(cancellationToken);
        foreach (var run in page.Runs)
        {
            foreach (var (reference, isInput) in new[] { (run.Inputs, true), (run.Outputs, false) })
            {
                if (found.Count >= Most || reference is not { Length: > 0 and <= ReadPathValues.MaxPayload }) continue;
                try
                {
                    var payloads = await PayloadReader.ReadAsync(sql, run.RunNo, [reference], cancellationToken);
                    using var document = JsonDocument.Parse(payloads[reference], new JsonDocumentOptions { MaxDepth = 1000 });
                    Collect(found, PayloadPath.Whole(isInput), document.RootElement, 0);
                }
                catch (Exception e) when (e is InvalidDataException or JsonException or InvalidOperationException)
                {
                    // Deleted since its row was read, or deeper than anybody looks.
                }
            }
        }

        return [.. found.Select(f => (f.Key, f.Value))];
    }

    static void Collect(Dictionary<string, string> found, PayloadPath path, JsonElement element, int depth)
    {
        if (found.Count >= Most || path.Text.Length > PayloadPath.MaxLength) return;
        if (element.ValueKind == JsonValueKind.Object && depth < MaxDepth)
        {
            foreach (var member in element.EnumerateObject()) Collect(found, path.Member(member.Name), member.Value, depth + 1);
        }
        else if (element.ValueKind == JsonValueKind.Array && depth < MaxDepth)
        {
            for (var i = 0; i < Math.Min(FirstElements, element.GetArrayLength()); i++) Collect(found, path.Element(i), element[i], depth + 1);
        }
        else if (PayloadPath.Parse(path.Text, out _) is not null)
        {
            var text = element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();
            found.TryAdd(path.Text, Ui.Format.Short(text, 60));
        }
    }
}
