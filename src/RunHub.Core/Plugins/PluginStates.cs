using RunHub.Access;
using RunHub.Store;

namespace RunHub.Plugins;

/// <summary>A row of <c>plugin_states</c>: what admins and misbehaviour decided about a plugin.</summary>
/// <param name="PluginId">The plugin.</param>
/// <param name="Enabled">False: its code is not run.</param>
/// <param name="Reason">Why it is disabled.</param>
/// <param name="Settings">Its settings.</param>
sealed record PluginStateRow(string PluginId, bool Enabled, string? Reason, PluginSettings Settings);

/// <summary>Reads and writes <c>plugin_states</c>; every change with its audit row.</summary>
sealed class PluginStates(Database database, WriteLane lane)
{
    public async Task<Dictionary<string, PluginStateRow>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        var rows = await sql.Prepare("SELECT plugin_id, enabled, reason, settings FROM plugin_states")
            .ListAsync(r => new PluginStateRow(r.GetString(0), r.GetInt64(1) != 0, r.Text(2), PluginSettings.Parse(r.Text(3))), cancellationToken);
        return rows.ToDictionary(r => r.PluginId, StringComparer.Ordinal);
    }

    public Task EnableAsync(Actor actor, string id, CancellationToken cancellationToken) => SwitchAsync(actor, id, enabled: true, null, cancellationToken);

    public Task DisableAsync(Actor actor, string id, string? reason, CancellationToken cancellationToken) => SwitchAsync(actor, id, enabled: false, reason, cancellationToken);

    public Task SaveSettingsAsync(Actor actor, string id, string type, PluginSettings settings, object changes, CancellationToken cancellationToken) =>
        lane.Run(async (scope, ct) =>
        {
            await scope.Sql.Prepare("""
                INSERT INTO plugin_states (plugin_id, enabled, settings, updated_at) VALUES (@plugin_id, 1, @settings, @updated_at)
                ON CONFLICT (plugin_id) DO UPDATE SET settings = excluded.settings, updated_at = excluded.updated_at
                """).With(id, settings.ToJson(), scope.Now).ExecuteAsync(ct);
            await scope.AuditAsync(new AuditEntry(null, actor.Kind, actor.Name, "plugin.settings_changed", "plugin", id, new { type, changes }), ct);
        }, cancellationToken);

    Task SwitchAsync(Actor actor, string id, bool enabled, string? reason, CancellationToken cancellationToken) =>
        lane.Run(async (scope, ct) =>
        {
            await scope.Sql.Prepare("""
                INSERT INTO plugin_states (plugin_id, enabled, reason, updated_at) VALUES (@plugin_id, @enabled, @reason, @updated_at)
                ON CONFLICT (plugin_id) DO UPDATE SET enabled = excluded.enabled, reason = excluded.reason, updated_at = excluded.updated_at
                """).With(id, enabled ? 1L : 0L, reason, scope.Now).ExecuteAsync(ct);
            await scope.AuditAsync(new AuditEntry(null, actor.Kind, actor.Name, enabled ? "plugin.enabled" : "plugin.disabled", "plugin", id, reason is null ? null : new { reason }), ct);
        }, cancellationToken);
}
