using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Checkpoints;
using RunHub.Ui;

namespace RunHub.Checkpoints.Tab;

/// <summary>A piece of a run's chain of checkpoints, newest first.</summary>
/// <param name="Run">The run.</param>
/// <param name="Items">In order.</param>
/// <param name="IsFirst">The first of them is the newest of the run.</param>
/// <param name="Next">Where older ones are asked for; null: these were the last.</param>
public sealed record CheckpointChain(RunRow Run, IReadOnlyList<CheckpointSummary> Items, bool IsFirst, string? Next)
{
    const int Size = 50;

    /// <summary>Reads a piece.</summary>
    public static async Task<CheckpointChain> ReadAsync(SqlSession sql, RunRow run, (string Id, string Ns)? before, CancellationToken cancellationToken)
    {
        var rows = await CheckpointStore.ListAsync(sql, run.RunNo, null, before, Size + 1, cancellationToken);
        var next = rows.Count > Size ? $"/runs/{Uri.EscapeDataString(run.Id)}/checkpoints?before={Uri.EscapeDataString(rows[Size - 1].Id)}&ns={Uri.EscapeDataString(rows[Size - 1].Ns)}" : null;
        return new CheckpointChain(run, rows.Count > Size ? rows[..Size] : rows, before is null, next);
    }

    /// <summary>The end of an id, which tells one from the next; ids in order of time begin alike.</summary>
    public static string Short(string id) => id.Length > 12 ? "…" + id[^8..] : Guid.TryParse(id, out _) ? id[..8] : id;

    /// <summary>An id for the page's elements.</summary>
    public static string KeyOf(string ns, string id) => "cp-" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(ns + "\n" + id)), 0, 8);
}

/// <summary>The tab.</summary>
public sealed class CheckpointsTab(Database database) : ViewComponent
{
    /// <summary>Its content.</summary>
    public async Task<IViewComponentResult> InvokeAsync(RunRow run)
    {
        await using var sql = await database.ReadAsync(HttpContext.RequestAborted);
        return View("/Pages/Checkpoints/Tab/_Checkpoints.cshtml", await CheckpointChain.ReadAsync(sql, run, null, HttpContext.RequestAborted));
    }
}

/// <summary><c>/runs/{id}/checkpoints?before=&amp;ns=</c>: older checkpoints.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class OlderPage(Database database) : PageModel
{
    /// <summary>What was found.</summary>
    public CheckpointChain Found { get; private set; } = null!;

    /// <summary>The fragment; without a place, the tab.</summary>
    public async Task<IActionResult> OnGetAsync(string id, string? before, string? ns, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(before)) return LocalRedirect($"/runs/{Uri.EscapeDataString(id)}?tab=checkpoints");
        if ((before + ns).Contains('\0', StringComparison.Ordinal)) throw ProblemException.Invalid("query.before", "This is not a place among the checkpoints.");
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        Found = await CheckpointChain.ReadAsync(sql, run, (before, ns ?? ""), cancellationToken);
        return Page();
    }
}

/// <summary>A value as the page shows it.</summary>
/// <param name="Title">Its channel, or what it is.</param>
/// <param name="Badge">What stands beside the title: a version, a special channel.</param>
/// <param name="Special">It is a special channel's.</param>
/// <param name="Block">JSON; null: it is not JSON.</param>
/// <param name="Type">How it is encoded.</param>
/// <param name="Size">Bytes.</param>
public sealed record ShownValue(string Title, string? Badge, bool Special, JsonBlock? Block, string Type, long Size);

/// <summary><c>/runs/{id}/checkpoints/{checkpoint}?ns=</c>: what a checkpoint holds.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class ContentPage(Database database) : PageModel
{
    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint { get; private set; } = null!;

    /// <summary>Public id of its run.</summary>
    public string RunId { get; private set; } = "";

    /// <summary>Its channels with their values; or the value itself where it is not a checkpoint in JSON.</summary>
    public IReadOnlyList<ShownValue> Channels { get; private set; } = [];

    /// <summary>Its pending writes by task.</summary>
    public IReadOnlyList<IGrouping<string, (CheckpointWrite Write, ShownValue Shown)>> Tasks { get; private set; } = [];

    /// <summary>Its metadata; null where there is none.</summary>
    public JsonBlock? Metadata { get; private set; }

    /// <summary>The fragment.</summary>
    public async Task OnGetAsync(string id, string checkpoint, string? ns, CancellationToken cancellationToken)
    {
        if ((checkpoint + ns).Contains('\0', StringComparison.Ordinal)) throw ProblemException.NotFound("checkpoint", checkpoint);
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        Checkpoint = await CheckpointStore.FindAsync(sql, run.RunNo, ns ?? "", checkpoint, cancellationToken) ?? throw ProblemException.NotFound("checkpoint", checkpoint);
        RunId = run.Id;
        var key = CheckpointChain.KeyOf(Checkpoint.Ns, Checkpoint.Id);
        Channels = ChannelsOf(key);
        Metadata = Checkpoint.Metadata.Length > 2 ? JsonBlock.Of(key + "-metadata", Checkpoint.Metadata) : null;
        var writes = await CheckpointStore.WritesAsync(sql, run.RunNo, Checkpoint.Ns, Checkpoint.Id, cancellationToken);
        Tasks = [.. writes.Select((w, i) => (w, Shown($"{key}-write{i}", w.Channel, null, w.Idx < 0, w.Value))).GroupBy(w => w.w.TaskId, StringComparer.Ordinal)];
    }

    List<ShownValue> ChannelsOf(string key)
    {
        var value = Checkpoint.Value;
        if (value.IsJson && value.Bytes.Length <= JsonBlock.ShownAtMost)
        {
            using var document = JsonDocument.Parse(value.Bytes, new JsonDocumentOptions { MaxDepth = 1024 });
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("channel_values", out var channels) && channels.ValueKind == JsonValueKind.Object)
            {
                var versions = document.RootElement.TryGetProperty("channel_versions", out var v) && v.ValueKind == JsonValueKind.Object ? v : default;
                return [.. channels.EnumerateObject().Select((c, i) =>
                {
                    var bytes = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(c.Value).ToArray();
                    return Shown($"{key}-channel{i}", c.Name, VersionOf(versions, c.Name), special: false, new CheckpointValue("json", bytes));
                })];
            }
        }

        return value.Type == "null" ? [] : [Shown(key + "-value", "", null, special: false, value)];
    }

    static string? VersionOf(JsonElement versions, string channel) =>
        versions.ValueKind == JsonValueKind.Object && versions.TryGetProperty(channel, out var version) && version.ValueKind is JsonValueKind.Number or JsonValueKind.String
            ? version.ValueKind == JsonValueKind.Number ? "v" + version.GetRawText() : null : null;

    static ShownValue Shown(string id, string title, string? badge, bool special, CheckpointValue value) => new(title, badge, special,
        value is { IsJson: true, Bytes.Length: > 0 and <= JsonBlock.ShownAtMost } ? JsonBlock.Of(id, value.Bytes) : null, value.Type, value.Bytes.Length);
}
