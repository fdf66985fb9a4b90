using System.Collections.Concurrent;
using System.Text;
using RunHub.Access;
using RunHub.Feed;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.Views;

/// <summary>What is to become of a view; null: it stays as it is.</summary>
/// <param name="Name">1–80 characters.</param>
/// <param name="Filter">What stands in the list's address.</param>
/// <param name="Shared">For everybody in the tenant.</param>
/// <param name="Pinned">In the navigation.</param>
public sealed record ViewChange(string? Name = null, string? Filter = null, bool? Shared = null, bool? Pinned = null);

/// <summary>
/// Saved views: kept in memory for each tenant, since every page shows them in its navigation, and read again when one changed, here
/// or on another node.
/// </summary>
public sealed class SavedViews
{
    /// <summary>Characters of a name.</summary>
    public const int MaxName = 80;

    /// <summary>Characters of a filter.</summary>
    public const int MaxFilter = 8000;

    /// <summary>Views of one author in a tenant.</summary>
    public const int MaxPerOwner = 200;

    /// <summary>Views of a tenant.</summary>
    public const int MaxPerTenant = 5000;

    const string Changed = "saved-views";
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    readonly ConcurrentDictionary<long, (Reading At, IReadOnlyList<SavedView> Shared, ILookup<string, SavedView> Own)> tenants = new();
    readonly ConcurrentDictionary<(long Tenant, long User), (Reading At, ListSettings Settings)> settings = new();
    readonly WriteLane lane;
    readonly Database database;
    readonly Signals signals;
    readonly TimeProvider time;
    long changes;

    /// <summary>Knows nothing yet.</summary>
    public SavedViews(WriteLane lane, Database database, Signals signals, PageFrames frames, TimeProvider time)
    {
        (this.lane, this.database, this.signals, this.time) = (lane, database, signals, time);
        signals.On(Changed, _ =>
        {
            Interlocked.Increment(ref changes);
            tenants.Clear();
            settings.Clear();
            frames.Forget();
        });
    }

    /// <summary>The views a caller sees: their own and the shared ones, by name.</summary>
    public async ValueTask<IReadOnlyList<SavedView>> ListAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (!tenants.TryGetValue(caller.Tenant.No, out var kept) || !Holds(kept.At))
        {
            var at = Now();
            await using var sql = await database.ReadAsync(cancellationToken);
            var all = await sql.Prepare($"SELECT {SavedView.Columns} FROM saved_views WHERE tenant_no = @tenant_no LIMIT {MaxPerTenant}").With(caller.Tenant.No).ListAsync(SavedView.Read, cancellationToken);
            kept = (at, [.. all.Where(v => v.IsShared)], all.Where(v => !v.IsShared).ToLookup(v => v.Owner, StringComparer.Ordinal));
            tenants[caller.Tenant.No] = kept;
        }

        var own = kept.Own[caller.Key];
        return kept.Shared.Count == 0 && !own.Any() ? [] : [.. kept.Shared.Concat(own).OrderBy(v => v.Name, StringComparer.OrdinalIgnoreCase).ThenBy(v => v.Id, StringComparer.Ordinal)];
    }

    /// <summary>One that the caller sees; null where there is none.</summary>
    public async ValueTask<SavedView?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        (await ListAsync(caller, cancellationToken)).FirstOrDefault(v => string.Equals(v.Id, id, StringComparison.Ordinal));

    /// <summary>How a person wants to see the list; a key has no wishes.</summary>
    public async ValueTask<ListSettings> SettingsAsync(Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Kind != CallerKind.User) return ListSettings.None;
        var key = (caller.Tenant.No, caller.No);
        if (settings.TryGetValue(key, out var kept) && Holds(kept.At)) return kept.Settings;
        var at = Now();
        await using var sql = await database.ReadAsync(cancellationToken);
        var read = await ReadSettingsAsync(sql, caller, cancellationToken);
        settings[key] = (at, read);
        return read;
    }

    /// <summary>The view "Runs" leads this person to; null: the list as it is.</summary>
    public async ValueTask<SavedView?> DefaultAsync(Caller caller, CancellationToken cancellationToken) =>
        (await SettingsAsync(caller, cancellationToken)).DefaultView is { } id && await FindAsync(caller, id, cancellationToken) is { Problem: null } view ? view : null;

    /// <summary>Keeps a person's columns and widths; null: the usual ones.</summary>
    public Task KeepAsync(Caller caller, string? columns, string? widths, CancellationToken cancellationToken) =>
        ChangeSettingsAsync(caller, s => s with { Columns = columns, Widths = widths }, cancellationToken);

    /// <summary>Makes a view the one "Runs" leads to; null: none is.</summary>
    /// <exception cref="ProblemException">404; 403 for a key.</exception>
    public async Task SetDefaultAsync(Caller caller, string? id, CancellationToken cancellationToken)
    {
        if (caller.Kind != CallerKind.User) throw new ProblemException(403, "Not allowed.", "Only a person has a default view.");
        if (id is not null && await FindAsync(caller, id, cancellationToken) is null) throw ProblemException.NotFound("view", id);
        await ChangeSettingsAsync(caller, s => s with { DefaultView = id }, cancellationToken);
    }

    /// <summary>Saves a view.</summary>
    /// <exception cref="ProblemException">400: name or filter is not what it should be. 403: this caller may not share. 409: the name is taken, or there are too many.</exception>
    public async Task<SavedView> CreateAsync(Caller caller, ViewChange asked, CancellationToken cancellationToken)
    {
        var change = Checked(caller, asked with { Name = asked.Name ?? "", Filter = asked.Filter ?? "" });
        if (change.Shared == true && !caller.May(Allow.Operators)) throw MayNotShare();
        var made = await lane.Run<SavedView>(async (scope, ct) =>
        {
            await TakeTurnAsync(scope, caller, ct);
            if (await CountAsync(scope, "owner = @owner", caller, ct) >= MaxPerOwner) throw Conflict($"One person or key saves at most {MaxPerOwner} views in a tenant; delete one first.");
            if (await CountAsync(scope, "owner <> @owner", caller, ct) >= MaxPerTenant - MaxPerOwner) throw Conflict($"A tenant has at most {MaxPerTenant} views.");
            var view = new SavedView(caller.Tenant.No, "view_" + Ids.Base32(Guid.CreateVersion7(Times.FromMicros(scope.Now))), change.Name!, change.Filter!, change.Shared == true, change.Pinned == true, caller.Key, caller.Name, scope.Now, scope.Now);
            await RefuseTwinAsync(scope, view, ct);
            await scope.Sql.Prepare($"INSERT INTO saved_views ({SavedView.Columns}) VALUES (@tenant_no, @id, @name, @filter, @is_shared, @is_pinned, @owner, @owner_name, @created_at, @updated_at)")
                .With(view.TenantNo, view.Id, view.Name, view.Filter, view.IsShared ? 1L : 0L, view.IsPinned ? 1L : 0L, view.Owner, view.OwnerName, view.CreatedAt, view.UpdatedAt).ExecuteAsync(ct);
            if (view.IsShared) await AuditAsync(scope, caller, "view.created", view, ct);
            return view;
        }, cancellationToken);
        signals.Post(Changed, "");
        return made;
    }

    /// <summary>Changes a view.</summary>
    /// <exception cref="ProblemException">404: the caller does not see it. 403: they may not change it. 400 and 409 as for <see cref="CreateAsync"/>.</exception>
    public async Task<SavedView> ChangeAsync(Caller caller, string id, ViewChange asked, CancellationToken cancellationToken)
    {
        var change = Checked(caller, asked);
        var made = await lane.Run<SavedView>(async (scope, ct) =>
        {
            await TakeTurnAsync(scope, caller, ct);
            var view = await ChangeableAsync(scope, caller, id, ct);
            if (change.Shared == true && !view.IsShared && !caller.May(Allow.Operators)) throw MayNotShare();
            var now = view with { Name = change.Name ?? view.Name, Filter = change.Filter ?? view.Filter, IsShared = change.Shared ?? view.IsShared, IsPinned = change.Pinned ?? view.IsPinned };
            // Taken back by an admin it is still its author's.
            if (now.Name != view.Name || now.IsShared != view.IsShared) await RefuseTwinAsync(scope, now, ct);
            now = now with { UpdatedAt = scope.Now };
            await scope.Sql.Prepare("UPDATE saved_views SET name = @name, filter = @filter, is_shared = @is_shared, is_pinned = @is_pinned, updated_at = @updated_at WHERE tenant_no = @tenant_no AND id = @id")
                .With(now.Name, now.Filter, now.IsShared ? 1L : 0L, now.IsPinned ? 1L : 0L, now.UpdatedAt, now.TenantNo, now.Id).ExecuteAsync(ct);
            if (now.IsShared || view.IsShared) await AuditAsync(scope, caller, "view.changed", now, ct);
            return now;
        }, cancellationToken);
        signals.Post(Changed, "");
        return made;
    }

    /// <summary>Deletes a view.</summary>
    /// <exception cref="ProblemException">404: the caller does not see it. 403: they may not delete it.</exception>
    public async Task DeleteAsync(Caller caller, string id, CancellationToken cancellationToken)
    {
        await lane.Run(async (scope, ct) =>
        {
            var view = await ChangeableAsync(scope, caller, id, ct);
            await scope.Sql.Prepare("DELETE FROM saved_views WHERE tenant_no = @tenant_no AND id = @id").With(view.TenantNo, view.Id).ExecuteAsync(ct);
            await scope.Sql.Prepare("UPDATE list_settings SET default_view = NULL WHERE tenant_no = @tenant_no AND default_view = @id").With(view.TenantNo, view.Id).ExecuteAsync(ct);
            if (view.IsShared) await AuditAsync(scope, caller, "view.deleted", view, ct);
        }, cancellationToken);
        signals.Post(Changed, "");
    }

    Reading Now() => new(time.GetTimestamp(), Interlocked.Read(ref changes));

    // What was read while something changed may be from before it, whenever it comes to be kept.
    bool Holds(Reading at) => at.Changes == Interlocked.Read(ref changes) && time.GetElapsedTime(at.Begun) <= Fresh;

    async Task ChangeSettingsAsync(Caller caller, Func<ListSettings, ListSettings> change, CancellationToken cancellationToken)
    {
        if (caller.Kind != CallerKind.User) return;
        await lane.Run(async (scope, ct) =>
        {
            var now = change(await ReadSettingsAsync(scope.Sql, caller, ct));
            await scope.Sql.Prepare("""
                INSERT INTO list_settings (tenant_no, user_no, columns, widths, default_view) VALUES (@tenant_no, @user_no, @columns, @widths, @default_view)
                ON CONFLICT (tenant_no, user_no) DO UPDATE SET columns = excluded.columns, widths = excluded.widths, default_view = excluded.default_view
                """).With(caller.Tenant.No, caller.No, now.Columns, now.Widths, now.DefaultView).ExecuteAsync(ct);
        }, cancellationToken);
        signals.Post(Changed, "");
    }

    static async Task<ListSettings> ReadSettingsAsync(SqlSession sql, Caller caller, CancellationToken cancellationToken) =>
        await sql.Prepare("SELECT columns, widths, default_view FROM list_settings WHERE tenant_no = @tenant_no AND user_no = @user_no")
            .With(caller.Tenant.No, caller.No).FirstAsync(r => new ListSettings(r.Text(0), r.Text(1), r.Text(2)), cancellationToken) ?? ListSettings.None;

    static ViewChange Checked(Caller caller, ViewChange change)
    {
        var name = change.Name?.Trim();
        if (name is not null && (name.Length is 0 or > MaxName || name.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar || r.Value is 0x2028 or 0x2029)))
            throw ProblemException.Invalid("$.name", $"A name has 1 to {MaxName} characters, none of them a control character or half of a surrogate pair.");
        if (change.Filter is not { } text) return change with { Name = name };
        if (text.Length > MaxFilter) throw ProblemException.Invalid("$.filter", $"A filter has at most {MaxFilter} characters.");
        try
        {
            var filter = RunFilter.Parse(text);
            if (filter.Tenant is { } other && !string.Equals(other, caller.Tenant.Id, StringComparison.Ordinal)) throw ProblemException.Invalid("query.tenant", "A view is about one's own tenant.");
            Columns.ChosenColumns.Parse(filter.Columns);
            return change with { Name = name, Filter = filter.ToQuery() };
        }
        catch (ProblemException e) when (e.Status == StatusCodes.Status400BadRequest)
        {
            throw new ProblemException(e.Status, e.Title, e.Detail, [.. e.Faults.Select(f => f with { Path = "$.filter (" + f.Path + ")" })]);
        }
    }

    // What follows depends on what is there: on PostgreSQL the writers of one tenant's views take turns.
    static async Task TakeTurnAsync(WriteScope scope, Caller caller, CancellationToken cancellationToken)
    {
        if (!scope.Sql.IsSqlite) await scope.Sql.Prepare("SELECT tenant_no FROM tenants WHERE tenant_no = @tenant_no FOR UPDATE").With(caller.Tenant.No).ExecuteAsync(cancellationToken);
    }

    static async Task<SavedView> ChangeableAsync(WriteScope scope, Caller caller, string id, CancellationToken cancellationToken)
    {
        var view = await scope.Sql.Prepare($"SELECT {SavedView.Columns} FROM saved_views WHERE tenant_no = @tenant_no AND id = @id").With(caller.Tenant.No, id).FirstAsync(SavedView.Read, cancellationToken);
        if (view is null || !view.IsShared && !view.IsOf(caller)) throw ProblemException.NotFound("view", id);
        return view.MayChange(caller) ? view : throw new ProblemException(403, "Not allowed.", "A shared view is changed by its author or by an admin of the tenant.");
    }

    static async Task<long> CountAsync(WriteScope scope, string which, Caller caller, CancellationToken cancellationToken) =>
        await scope.Sql.Prepare($"SELECT count(*) FROM saved_views WHERE tenant_no = @tenant_no AND {which}").With(caller.Tenant.No, caller.Key).ScalarAsync<long>(cancellationToken);

    // Two of one name in one person's navigation could not be told apart.
    static async Task RefuseTwinAsync(WriteScope scope, SavedView view, CancellationToken cancellationToken)
    {
        if (await scope.Sql.Prepare("SELECT count(*) FROM saved_views WHERE tenant_no = @tenant_no AND id <> @id AND name = @name AND (is_shared = @is_shared AND (is_shared = 1 OR owner = @owner))")
            .With(view.TenantNo, view.Id, view.Name, view.IsShared ? 1L : 0L, view.Owner).ScalarAsync<long>(cancellationToken) > 0) throw Conflict($"There is a view called \"{view.Name}\" already.");
    }

    static Task AuditAsync(WriteScope scope, Caller caller, string action, SavedView view, CancellationToken cancellationToken) =>
        scope.AuditAsync(new AuditEntry(caller.Tenant.No, caller.AuditKind, caller.Name, action, "view", view.Id, new { view.Name, view.Filter, Shared = view.IsShared, Pinned = view.IsPinned }), cancellationToken);

    static ProblemException MayNotShare() => new(403, "Not allowed.", "Sharing a view needs the role operator; without it, save it for yourself.");

    static ProblemException Conflict(string why) => new(409, "This cannot be saved.", why);

    /// <summary>When something was read, and after how many changes.</summary>
    readonly record struct Reading(long Begun, long Changes);
}
