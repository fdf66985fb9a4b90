using System.Globalization;
using Microsoft.Extensions.Primitives;
using RunHub.Http;

namespace RunHub.Filter;

/// <summary>Reads the parameters of a URL into a <see cref="RunFilter"/>, finding all faults at once.</summary>
static class FilterParser
{
    public const string TenantKey = "tenant";
    public const string SortKey = "sort";
    public const string LimitKey = "limit";
    public const string TokenKey = "next_token";
    public const string PageKey = "page";
    public const string LineKey = "query";
    public const string ColumnsKey = "columns";
    public const string Minus = "-";
    static readonly string[] OtherKeys = [TenantKey, SortKey, LimitKey, TokenKey, PageKey, LineKey, ColumnsKey];

    static readonly Dictionary<string, int> Order = FilterFields.All.Select((f, i) => (f.Key, i)).ToDictionary(f => f.Key, f => f.i, StringComparer.Ordinal);

    static readonly Dictionary<string, string> Synonyms = FilterFields.All.SelectMany(f => f.AlsoTried.Select(a => (a, f.Key)))
        .Concat([("order", SortKey), ("order_by", SortKey), ("sort_by", SortKey), ("page_size", LimitKey), ("per_page", LimitKey), ("count", LimitKey),
            ("cursor", TokenKey), ("token", TokenKey), ("page_token", TokenKey), ("after_token", TokenKey), ("tenant_id", TenantKey), ("workspace", TenantKey)])
        .ToDictionary(p => p.Item1, p => p.Item2, StringComparer.Ordinal);

    public static RunFilter Parse(IEnumerable<KeyValuePair<string, StringValues>> query, IReadOnlyCollection<string> alsoAllowed, DateTimeOffset now)
    {
        var reading = new FilterReading(now);
        // What is asked for, then what is left out.
        var conditions = new FilterCondition?[FilterFields.All.Count * 2];
        QueryLine? line = null;
        string? tenant = null, token = null, columns = null;
        var (sort, limit) = (RunSort.Default, RunFilter.DefaultLimit);
        foreach (var (key, given) in query)
        {
            var raw = given.Where(v => !string.IsNullOrWhiteSpace(v)).Select(v => v!).ToList();
            if (Order.TryGetValue(key, out var at))
            {
                if (raw.Count > 0) conditions[at] = Read(FilterFields.All[at], raw, reading);
                continue;
            }

            if (key.StartsWith(Minus, StringComparison.Ordinal) && Order.TryGetValue(key[1..], out at))
            {
                if (raw.Count > 0 && Read(FilterFields.All[at], raw, reading) is { } excluded) conditions[FilterFields.All.Count + at] = Exclude(excluded, reading);
                continue;
            }

            if (!OtherKeys.Contains(key, StringComparer.Ordinal))
            {
                if (!alsoAllowed.Contains(key, StringComparer.Ordinal)) reading.Faults.Add(new Fault("query." + Printable(key), Unknown(key, alsoAllowed)));
                continue;
            }

            if (raw.Count == 0) continue;
            var value = raw[^1];
            switch (key)
            {
                case TenantKey: tenant = value; break;
                case SortKey when RunSort.TryParse(value, out var parsed): sort = parsed; break;
                case SortKey: reading.Faults.Add(new Fault("query.sort", $"\"{Printable(value)}\" is not an order: use started_at, status or duration, with a leading - for the largest first.")); break;
                case LimitKey when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= RunFilter.MaxLimit: limit = number; break;
                case LineKey: line = QueryLine.Parse(value, now); break;
                case ColumnsKey when string.Join(',', raw) is var all && all.Length <= RunFilter.MaxColumns && IsPlain(all): columns = all; break;
                case ColumnsKey: reading.Faults.Add(new Fault("query.columns", $"At most {RunFilter.MaxColumns} characters, none of them a control character.")); break;
                case LimitKey: reading.Faults.Add(new Fault("query.limit", $"\"{Printable(value)}\" is not a number from 1 to {RunFilter.MaxLimit}.")); break;
                default:
                    if (token is not null && token != value) reading.Faults.Add(new Fault("query." + key, "page is another name of next_token: give one of them."));
                    token = value;
                    break;
            }
        }

        if (line is not null) Merge(line, conditions, reading);
        if (line is not { Faults.Count: > 0 } && TimeField.Condition.AreReversed([.. conditions.OfType<FilterCondition>()])) reading.Faults.Add(new Fault("query.to", RunFilter.ReversedRange));
        if (reading.Faults.Count > 0)
        {
            throw new ProblemException(400, "The request is not valid.",
                reading.Faults.Count == 1 ? reading.Faults[0].Path + ": " + reading.Faults[0].Reason : $"{reading.Faults.Count} parameters of the query are wrong.", reading.Faults);
        }

        return new RunFilter([.. conditions.OfType<FilterCondition>()], sort, limit, tenant, token) { Columns = columns };
    }

    /// <summary>Where a condition stands among all.</summary>
    public static int PlaceOf(FilterCondition condition) => Order[condition.Field.Key] + (condition is ExcludingCondition ? FilterFields.All.Count : 0);

    /// <summary>The field of this name, or null.</summary>
    public static FilterField? Find(string key) => Order.TryGetValue(key, out var at) ? FilterFields.All[at] : null;

    /// <summary>What somebody may have meant by a name that is none; null: no idea.</summary>
    public static string? Meant(string key, IEnumerable<string> known) => Synonyms.GetValueOrDefault(key.ToLowerInvariant()) ?? Spelling.Nearest(key.ToLowerInvariant(), known);

    /// <summary>Turns a condition round.</summary>
    public static FilterCondition? Exclude(FilterCondition condition, FilterReading reading)
    {
        if (!condition.Field.CanExclude) return reading.Wrong(condition.Field, $"{condition.Field.Key} cannot be left out, only asked for.");
        return condition is TagField.Condition { Values: var values } && values.Any(v => v.Kind == FilterValueKind.Regex)
            ? reading.Wrong(condition.Field, "Tags can be left out by name and by prefix, not by a regular expression.")
            : new ExcludingCondition(condition);
    }

    static void Merge(QueryLine line, FilterCondition?[] conditions, FilterReading reading)
    {
        foreach (var fault in line.Faults) reading.Faults.Add(new Fault("query." + LineKey, $"At character {fault.Start + 1}: {fault.Reason}"));
        foreach (var condition in line.Conditions)
        {
            var place = PlaceOf(condition);
            if (conditions[place] is null) conditions[place] = condition;
            else reading.Wrong(condition.Field, $"{condition.Key} stands in query and as a parameter of its own: give it once.");
        }
    }

    static FilterCondition? Read(FilterField field, List<string> raw, FilterReading reading)
    {
        if (!field.IsMulti && raw.Distinct(StringComparer.Ordinal).Count() > 1) return reading.Wrong(field, $"{field.Key} takes one value, {raw.Count} were given.");
        var values = field.IsMulti
            ? raw.SelectMany(r => FilterValue.Split(r, field.TakesPrefixes, field.TakesRegexes)).Distinct().Take(FilterValue.MaxValues + 1).ToList()
            : [new FilterValue(FilterValueKind.Exact, raw[0])];
        return Read(field, values, reading);
    }

    /// <summary>The condition that values make; null when there are none, or when they are wrong.</summary>
    public static FilterCondition? Read(FilterField field, List<FilterValue> values, FilterReading reading)
    {
        if (values.Count == 0) return null;
        if (values.Count > FilterValue.MaxValues) return reading.Wrong(field, $"{field.Key} takes at most {FilterValue.MaxValues} values.");
        if (values.Find(v => v.Text.Length > FilterValue.MaxLength) is { Text: { } tooLong })
            return reading.Wrong(field, $"A value has at most {FilterValue.MaxLength} characters, \"{Printable(tooLong)}\" has {tooLong.Length}.");
        if (values.Find(v => !IsPlain(v.Text)) is { Text: { } odd })
            return reading.Wrong(field, $"\"{Printable(odd)}\" contains a control character or half of a surrogate pair.");
        return field.Read(values, reading);
    }

    static string Unknown(string key, IReadOnlyCollection<string> alsoAllowed)
    {
        var lower = key.ToLowerInvariant();
        var near = Synonyms.GetValueOrDefault(lower) ?? Spelling.Nearest(lower, Order.Keys.Concat(OtherKeys).Concat(alsoAllowed));
        return near is null ? "There is no such parameter; docs/filters.md lists them." : $"There is no such parameter. Did you mean {near}?";
    }

    static bool IsPlain(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i])) return false;
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i]))) return false;
        }

        return true;
    }

    /// <summary>Somebody's text in a sentence of ours: not too long, nothing that cannot be shown.</summary>
    internal static string Printable(string text)
    {
        var shown = text.Length > 60 ? text[..60] + "…" : text;
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c));
    }
}
