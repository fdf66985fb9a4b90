using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Options;
using RunHub.Http;
using RunHub.Otlp.Map;
using RunHub.Store;

namespace RunHub.Otlp;

/// <summary>How one tenant's spans are read: the installation's defaults and what the tenant set itself.</summary>
sealed record TenantRules
{
    public required string Environment { get; init; }

    public required string Type { get; init; }

    /// <summary>A span whose parent is in another process ends the run as well.</summary>
    public required bool EntryIsRoot { get; init; }

    public required TimeSpan Silence { get; init; }

    /// <summary>Field → attributes, first present wins.</summary>
    public required IReadOnlyDictionary<string, string[]> Attributes { get; init; }

    /// <summary>Why a record is not taken whose time is too far ahead.</summary>
    public const string TooFarAhead = "a time so far ahead of the hub's clock cannot be right (Ingest:MaxFutureHours)";

    /// <summary>What no time may be after.</summary>
    public IngestOptions Times { get; init; } = new();

    /// <summary>Is this time too far ahead: an hour earlier than the hub itself finds so, because the clock goes on between here and there.</summary>
    public bool IsAhead(DateTimeOffset time, DateTimeOffset now) => time > Times.Latest(now) - (Times.MaxFutureHours > 1 ? TimeSpan.FromHours(1) : TimeSpan.Zero);
}

/// <summary>The rules of each tenant, read again every half minute.</summary>
sealed class OtlpSettings(Database database, IOptions<OtlpOptions> options, IOptions<IngestOptions> ingest, TimeProvider time, ILogger<OtlpSettings> log)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    readonly ConcurrentDictionary<long, (TenantRules Rules, DateTimeOffset Read)> known = new();

    public async ValueTask<TenantRules> OfAsync(long tenantNo, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (known.TryGetValue(tenantNo, out var cached) && now - cached.Read < Fresh) return cached.Rules;
        await using var sql = await database.ReadAsync(cancellationToken);
        var settings = await sql.Prepare("SELECT settings FROM tenants WHERE tenant_no = @tenant_no").With(tenantNo).ScalarAsync<string>(cancellationToken);
        var rules = Rules(tenantNo, settings);
        known[tenantNo] = (rules, now);
        return rules;
    }

    TenantRules Rules(long tenantNo, string? settings)
    {
        var defaults = Of(options.Value, default) with { Times = ingest.Value };
        if (string.IsNullOrEmpty(settings)) return defaults;
        try
        {
            using var document = JsonDocument.Parse(settings);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("otlp", out var own) && own.ValueKind == JsonValueKind.Object
                ? Of(options.Value, own) with { Times = ingest.Value }
                : defaults;
        }
        catch (JsonException e)
        {
            log.LogWarning(e, "The settings of tenant {Tenant} are not JSON; OTLP uses the installation's", tenantNo);
            return defaults;
        }
    }

    internal static TenantRules Of(OtlpOptions options, JsonElement own)
    {
        var attributes = new Dictionary<string, string[]>(FieldNames.BuiltIn, StringComparer.Ordinal);
        foreach (var (field, names) in options.Attributes)
            if (attributes.ContainsKey(field)) attributes[field] = names;
        if (Member(own, "attributes") is { ValueKind: JsonValueKind.Object } lists)
        {
            foreach (var list in lists.EnumerateObject())
                if (attributes.ContainsKey(list.Name) && list.Value.ValueKind == JsonValueKind.Array)
                    attributes[list.Name] = [.. list.Value.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!)];
        }

        var minutes = Member(own, "silence_minutes") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var given) ? given : options.SilenceMinutes;
        return new TenantRules
        {
            Environment = Texts.Clip(Text(own, "environment") ?? options.Environment, 64) ?? "prod",
            Type = Texts.Clip(Text(own, "type") ?? options.Type, 64) ?? "otlp",
            EntryIsRoot = string.Equals(Text(own, "root") ?? options.Root, "entry", StringComparison.OrdinalIgnoreCase),
            Silence = TimeSpan.FromMinutes(Math.Clamp(minutes, 1, 10_080)),
            Attributes = attributes,
        };
    }

    static JsonElement? Member(JsonElement own, string name) => own.ValueKind == JsonValueKind.Object && own.TryGetProperty(name, out var value) ? value : null;

    static string? Text(JsonElement own, string name) => Member(own, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
