using System.Text;
using Microsoft.Extensions.Primitives;
using RunHub.Model;

namespace RunHub.Filter;

/// <summary>
/// Which runs, in which order: the one filter type. Parsed from the URL, applied by <see cref="RunQuery"/>, asked of an
/// event's snapshot by <see cref="Matches"/>, printed by <see cref="ToQuery"/>. Immutable. The parameters are described in
/// docs/filters.md; every field stands in <see cref="FilterFields"/>.
/// </summary>
public sealed class RunFilter : IEquatable<RunFilter>
{
    /// <summary>Runs of a page where nothing is said.</summary>
    public const int DefaultLimit = 50;

    /// <summary>Most runs of a page.</summary>
    public const int MaxLimit = 200;

    /// <summary>Characters of <see cref="Columns"/>, at most, even as they stand in an address: a request line holds eight thousand in all.</summary>
    public const int MaxColumns = 4000;

    /// <summary>What is said of a time range that ends before it begins.</summary>
    public const string ReversedRange = "The range ends before it begins: to must be later than from.";

    readonly FilterCondition[] conditions;
    string? query;

    internal RunFilter(FilterCondition[] conditions, RunSort sort, int limit, string? tenant, string? nextToken)
    {
        this.conditions = conditions;
        (Sort, Limit, Tenant, NextToken) = (sort, limit, tenant, nextToken);
        Statuses = Of<StatusField.Condition>()?.Statuses ?? RunStatuses.All;
        Lanes = Of<LaneField.Condition>()?.Lanes
            ?? (conditions.Any(c => c is SearchField.Condition || c is not ExcludingCondition && c.Field is TextField { AllLanes: true }) ? [Lane.Production, Lane.Backfill] : [Lane.Production]);
    }

    /// <summary>Everything in the default view: production, newest first.</summary>
    public static RunFilter None { get; } = new([], RunSort.Default, DefaultLimit, tenant: null, nextToken: null);

    /// <summary>What is asked, in the order of <see cref="FilterFields.All"/>.</summary>
    public IReadOnlyList<FilterCondition> Conditions => conditions;

    /// <summary>Order of the list.</summary>
    public RunSort Sort { get; }

    /// <summary>Runs of a page, 1–200.</summary>
    public int Limit { get; }

    /// <summary>Id of the tenant that was asked for; the endpoint checks that it is the caller's. Null: not said.</summary>
    public string? Tenant { get; }

    /// <summary>Where the page begins, as given; not part of what the filter is.</summary>
    public string? NextToken { get; }

    /// <summary>
    /// What a page shows of each run, as in the URL; null: the usual. Travels with the filter so that an address shows everybody the
    /// same; no part of which runs these are, and no business of the API.
    /// </summary>
    public string? Columns { get; internal init; }

    /// <summary>The statuses asked for; all six where nothing is said.</summary>
    public IReadOnlyList<RunStatus> Statuses { get; }

    /// <summary>The lanes shown: as asked, else production, else all where a batch, parent, trace or <c>q</c> names the runs.</summary>
    public IReadOnlyList<Lane> Lanes { get; }

    /// <summary>Nothing is filtered: the default view in any order.</summary>
    public bool IsEmpty => conditions.Length == 0;

    /// <summary>False: the list does not update by itself, because of the conditions that say so.</summary>
    public bool IsLive => Array.TrueForAll(conditions, c => c.IsLive);

    /// <summary>Reads the query of a request.</summary>
    /// <param name="query">The URL's parameters.</param>
    /// <param name="alsoAllowed">Parameters that are the caller's own business.</param>
    /// <param name="time">Clock for <c>24h</c> and the like; the system's where not given.</param>
    /// <exception cref="Http.ProblemException">400 with every fault at once, each as <c>query.name</c>.</exception>
    public static RunFilter Parse(IQueryCollection query, IReadOnlyCollection<string>? alsoAllowed = null, TimeProvider? time = null) =>
        FilterParser.Parse(query, alsoAllowed ?? [], (time ?? TimeProvider.System).GetUtcNow());

    /// <summary>Reads what <see cref="ToQuery"/> printed, with or without a leading question mark.</summary>
    public static RunFilter Parse(string query, TimeProvider? time = null) =>
        FilterParser.Parse(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(query), [], (time ?? TimeProvider.System).GetUtcNow());

    /// <summary>The filter itself, for pages: each shows the tenant of who looks and says of every other that there is none.</summary>
    /// <param name="tenant">Id of that tenant.</param>
    /// <exception cref="Http.ProblemException">404: another one was asked for.</exception>
    public RunFilter Within(string tenant) => Tenant is null || string.Equals(Tenant, tenant, StringComparison.Ordinal) ? this : throw Http.ProblemException.NotFound("tenant", Tenant);

    /// <summary>Does the run of this snapshot belong to the list.</summary>
    public bool Matches(RunSummary run)
    {
        if (Lanes.Count == 1 && run.Lane != Lanes[0]) return false;
        foreach (var condition in conditions)
            if (!condition.Matches(run)) return false;
        return true;
    }

    /// <summary>Everything but the text, which only the index can answer.</summary>
    internal bool MatchesBesideText(RunSummary run)
    {
        if (Lanes.Count == 1 && run.Lane != Lanes[0]) return false;
        foreach (var condition in conditions)
            if (condition is not SearchField.Condition && !condition.Matches(run)) return false;
        return true;
    }

    /// <summary>The words asked for, for marking them; null: none.</summary>
    public Search.SearchText? Words => Of<SearchField.Condition>()?.Words;

    /// <summary>The filter in one line, as people write it: <c>status:failed workflow:invoice* "text"</c>. Order and length of a page are not in it.</summary>
    public string ToLine() => QueryLine.Print(conditions);

    /// <summary>The condition on a field, or null; a minus before the field's name: what is left out.</summary>
    public FilterCondition? Find(string key) => Array.Find(conditions, c => c.Key == key);

    /// <summary>The moment at which the range begins (<c>from</c>) or ends (<c>to</c>), in microseconds since 1970; null: none, or one that moves with the clock.</summary>
    public long? MomentOf(string key) => Find(key) is TimeField.Condition { IsMoment: true } time ? time.Micros : null;

    /// <summary>Values of a field as they stand in the URL, for an input field; empty where nothing is asked.</summary>
    public string Text(string key) => Find(key)?.ToText() ?? "";

    /// <summary>Is exactly this value (a literal text) among those asked for.</summary>
    public bool Has(string key, string literal) => Find(key)?.Values.Contains(new(FilterValueKind.Exact, literal)) == true;

    /// <summary>The filter with these values (literal texts) of a field instead of those it has; none removes the field.</summary>
    public RunFilter With(string key, params IReadOnlyList<string> literals) => WithText(key, FieldOf(key).IsMulti ? string.Join(',', literals.Select(FilterValue.Escape)) : literals.LastOrDefault() ?? "");

    /// <summary>The filter with a field as written in a URL: <c>inv*,a\,b</c>; empty removes the field.</summary>
    public RunFilter WithText(string key, string text)
    {
        var parameters = Parameters();
        parameters[FieldOf(key) is not null ? key : ""] = text;
        return FilterParser.Parse(parameters, [], TimeProvider.System.GetUtcNow());
    }

    /// <summary>The filter with one more value (a literal text) of a field; a field that takes one value gets this one.</summary>
    public RunFilter WithAlso(string key, string literal)
    {
        var had = FieldOf(key).IsMulti ? Text(key) : "";
        return had.Length == 0 ? With(key, literal) : WithText(key, had + "," + FilterValue.Escape(literal));
    }

    /// <summary>The filter without a field.</summary>
    public RunFilter Without(string key) => FieldOf(key) is not null ? Rebuilt([.. conditions.Where(c => c.Key != key)]) : this;

    /// <summary>The filter without one value of a field.</summary>
    public RunFilter Without(string key, FilterValue value)
    {
        var rest = Find(key)?.Values.Where(v => v != value).ToList();
        return rest is null or [] ? Without(key) : WithText(key, string.Join(',', rest));
    }

    /// <summary>The filter without one value (a literal text) of a field.</summary>
    public RunFilter Without(string key, string literal) => Without(key, new FilterValue(FilterValueKind.Exact, literal));

    /// <summary>The filter in another order.</summary>
    public RunFilter SortedBy(RunSort sort) => new(conditions, sort, Limit, Tenant, nextToken: null) { Columns = Columns };

    /// <summary>The filter shown with other columns; null: the usual ones. The place in the list stays.</summary>
    public RunFilter WithColumns(string? columns) => new(conditions, Sort, Limit, Tenant, NextToken) { Columns = columns };

    /// <summary>The runs alone: without order, length of a page, place and columns. Equal for lists with the same runs.</summary>
    public RunFilter RunsAlone() => new(conditions, RunSort.Default, DefaultLimit, Tenant, nextToken: null);

    /// <summary>What is asked, value by value, each with the URL query that is left without it.</summary>
    public IReadOnlyList<FilterChip> Chips() =>
    [
        .. conditions.SelectMany(c => c.Values.Select(v => new FilterChip(c.Key, v.Kind == FilterValueKind.Exact ? v.Text : v.ToString(),
            (c.Values.Count == 1 ? Without(c.Key) : Without(c.Key, v)).ToQuery(), c.IsLive) { At = MomentOf(c.Key) })),
    ];

    /// <summary>
    /// The canonical query, without question mark: only what differs from the default, always in the same order, so that
    /// equal filters print alike. The place in the list is not in it.
    /// </summary>
    public string ToQuery()
    {
        if (query is not null) return query;
        var text = new StringBuilder();
        foreach (var (key, value) in Parameters())
        {
            if (text.Length > 0) text.Append('&');
            text.Append(key).Append('=').Append(Encode(value.ToString()));
        }

        return query = text.ToString();
    }

    /// <inheritdoc/>
    public bool Equals(RunFilter? other) => other is not null && ToQuery() == other.ToQuery();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RunFilter);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToQuery());

    /// <inheritdoc/>
    public override string ToString() => ToQuery();

    /// <summary>What makes two lists the same list: conditions and order, not the length of a page.</summary>
    internal string ListKey => Limit == DefaultLimit && Columns is null ? ToQuery() : new RunFilter(conditions, Sort, DefaultLimit, Tenant, nextToken: null).ToQuery();

    internal T? Of<T>() where T : FilterCondition => Array.Find(conditions, c => c is T) as T;

    Dictionary<string, StringValues> Parameters()
    {
        var parameters = new Dictionary<string, StringValues>(StringComparer.Ordinal);
        foreach (var condition in conditions) parameters[condition.Key] = condition.ToText();
        if (Tenant is not null) parameters[FilterParser.TenantKey] = Tenant;
        if (Sort != RunSort.Default) parameters[FilterParser.SortKey] = Sort.ToString();
        if (Limit != DefaultLimit) parameters[FilterParser.LimitKey] = Limit.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (Columns is not null) parameters[FilterParser.ColumnsKey] = Columns;
        return parameters;
    }

    RunFilter Rebuilt(FilterCondition[] rest) => new(rest, Sort, Limit, Tenant, nextToken: null) { Columns = Columns };

    static FilterField FieldOf(string key) =>
        FilterParser.Find(key.StartsWith(FilterParser.Minus, StringComparison.Ordinal) ? key[1..] : key) ?? throw new ArgumentException($"{key} is not a field of RunFilter.", nameof(key));

    // Readable where the standard allows it: these stand in a query as they are.
    static string Encode(string value) => new StringBuilder(Uri.EscapeDataString(value))
        .Replace("%2C", ",").Replace("%3A", ":").Replace("%2A", "*").Replace("%2F", "/").Replace("%40", "@").ToString();
}

/// <summary>One value of an active filter, for a removable chip.</summary>
/// <param name="Key">Field, as in the URL; a minus before it where runs are left out.</param>
/// <param name="Value">Value for people; prefix and regex as written.</param>
/// <param name="WithoutIt">Query of the URL that is left when it goes; may be empty.</param>
/// <param name="IsLive">False: keeps the list from updating by itself.</param>
public sealed record FilterChip(string Key, string Value, string WithoutIt, bool IsLive)
{
    /// <summary>A moment, microseconds since 1970, to be shown by the reader's clock; null: the value is something else.</summary>
    public long? At { get; init; }
}
