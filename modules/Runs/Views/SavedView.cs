using System.Data.Common;
using RunHub.Access;
using RunHub.Filter;
using RunHub.Http;
using RunHub.Runs.List;
using RunHub.Store;

namespace RunHub.Runs.Views;

/// <summary>A filter somebody gave a name to, with order and columns.</summary>
/// <param name="TenantNo">Whose runs.</param>
/// <param name="Id">Public id, <c>view_…</c>.</param>
/// <param name="Name">For people.</param>
/// <param name="Filter">What stands in the list's address, without question mark; times such as <c>24h</c> stay relative.</param>
/// <param name="IsShared">Everybody in the tenant sees it; else its author alone.</param>
/// <param name="IsPinned">It stands in the navigation of whoever sees it.</param>
/// <param name="Owner">Its author, as <see cref="Caller.Key"/>.</param>
/// <param name="OwnerName">Its author's email or key name.</param>
/// <param name="CreatedAt">Microseconds since 1970, UTC.</param>
/// <param name="UpdatedAt">Microseconds since 1970, UTC.</param>
public sealed record SavedView(long TenantNo, string Id, string Name, string Filter, bool IsShared, bool IsPinned, string Owner, string OwnerName, long CreatedAt, long UpdatedAt)
{
    internal const string Columns = "tenant_no, id, name, filter, is_shared, is_pinned, owner, owner_name, created_at, updated_at";

    readonly Lazy<(RunFilter? Filter, string? Problem)> parsed = new(() => Read(Filter));

    /// <summary>The filter; null: it can no longer be read, and <see cref="Problem"/> says why.</summary>
    public RunFilter? Runs => parsed.Value.Filter;

    /// <summary>Why the filter can no longer be read, such as a field that is gone; null: it can.</summary>
    public string? Problem => parsed.Value.Problem;

    /// <summary>Address of the list it stands for.</summary>
    public string Url => ListPage.UrlOf(Runs?.ToQuery() ?? Filter);

    /// <summary>Is it this caller's own.</summary>
    public bool IsOf(Caller caller) => string.Equals(Owner, caller.Key, StringComparison.Ordinal);

    /// <summary>May this caller rename, replace or delete it: its author, and of a shared one the tenant's admins too.</summary>
    public bool MayChange(Caller caller) => IsShared ? caller.May(Allow.Admins) || IsOf(caller) && caller.May(Allow.Operators) : IsOf(caller);

    internal static SavedView Read(DbDataReader r) => new(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4) != 0, r.GetInt64(5) != 0, r.GetString(6), r.GetString(7), r.GetInt64(8), r.GetInt64(9));

    static (RunFilter?, string?) Read(string text)
    {
        try
        {
            return (RunFilter.Parse(text), null);
        }
        catch (ProblemException e)
        {
            return (null, e.Faults.Count > 0 ? string.Join(' ', e.Faults.Select(f => f.Path["query.".Length..] + ": " + f.Reason)) : e.Message);
        }
    }
}

/// <summary>How a person wants to see the list.</summary>
/// <param name="Columns">Columns, as in the address; null: the usual ones.</param>
/// <param name="Widths">Widths of columns in pixels, <c>id:120,status:90</c>; null: as they come.</param>
/// <param name="DefaultView">Id of the view that "Runs" leads to; null: the list as it is.</param>
public sealed record ListSettings(string? Columns, string? Widths, string? DefaultView)
{
    /// <summary>Nobody said anything.</summary>
    public static ListSettings None { get; } = new(null, null, null);
}
