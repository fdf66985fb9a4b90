using System.Text;

namespace RunHub.Filter;

/// <summary>Reads one <see cref="QueryLine"/>.</summary>
sealed class QueryLineReader(string text, DateTimeOffset now)
{
    readonly SortedDictionary<int, FilterCondition> conditions = [];
    readonly Dictionary<string, (FilterField Field, bool Excludes, List<(FilterValue Value, int Start, int Length)> Values)> terms = new(StringComparer.Ordinal);
    readonly StringBuilder words = new();
    int at;
    int firstWord = -1;

    public List<QueryFault> Faults { get; } = [];

    public IReadOnlyList<FilterCondition> Conditions => [.. conditions.Values];

    public void Read()
    {
        for (SkipSpace(); at < text.Length; SkipSpace()) Term();
        foreach (var (_, term) in terms) Condition(term.Field, term.Excludes, term.Values);
        if (words.Length > 0) Condition(FilterFields.Search, excludes: false, [(new FilterValue(FilterValueKind.Exact, words.ToString()), firstWord, text.Length - firstWord)]);
        if (Faults.Count == 0 && TimeField.Condition.AreReversed(conditions.Values) && terms["to"].Values[0] is var (value, start, length)) Wrong(start, length, "range", value.Text, "to", null, RunFilter.ReversedRange);
    }

    void Term()
    {
        var start = at;
        var excludes = text[at] == '-' && at + 1 < text.Length && (char.IsLetter(text[at + 1]) || text[at + 1] == '"');
        if (excludes) at++;
        if (Name() is not { } name)
        {
            if (excludes)
            {
                var word = Word();
                Wrong(start, at - start, "exclude", word, null, null, "Words cannot be left out, only fields: -env:dev. To search for the minus too, write it in quotes.");
                return;
            }

            Text();
            return;
        }

        if (string.Equals(name, QueryLine.Started, StringComparison.OrdinalIgnoreCase))
        {
            at += name.Length + 1;
            StartedTerm(start, excludes);
            return;
        }

        // An id has no field of its own, and people write one before it all the same.
        if (!excludes && SearchField.IsIdName(name) && at + name.Length + 1 < text.Length && !char.IsWhiteSpace(text[at + name.Length + 1]))
        {
            at += name.Length + 1;
            Text();
            return;
        }

        if (FilterParser.Find(name.ToLowerInvariant()) is not { } field || field == FilterFields.Search)
        {
            Unknown(start, name);
            return;
        }

        at += name.Length + 1;
        Values(field, excludes, start);
    }

    // The name of a field before a colon; null: this is text. "http://…" is text too.
    string? Name()
    {
        var end = at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '-')) end++;
        return end > at && end < text.Length && text[end] == ':' && char.IsAsciiLetter(text[at]) && !text.AsSpan(end).StartsWith("://", StringComparison.Ordinal) ? text[at..end] : null;
    }

    void Unknown(int start, string name)
    {
        var meant = FilterParser.Meant(name, FilterFields.All.Select(f => f.Key).Append(QueryLine.Started));
        if (meant is not null && FilterParser.Find(meant) is null && meant != QueryLine.Started) meant = null;
        var from = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at])) at++;
        var whole = text[from..at];
        if (meant == FilterFields.Search.Key)
            Wrong(start, at - start, "text", whole, null, null, $"There is no field {name}: write a text or an id without one.");
        else
            Wrong(start, name.Length + (from - start), "unknown", name, null, meant, $"There is no field {name}." + (meant is null ? $" To search for it as text, put it in quotes: \"{whole}\"." : $" Did you mean {meant}?"));
    }

    void Values(FilterField field, bool excludes, int start)
    {
        var values = new List<(FilterValue, int, int)>();
        if (!field.IsMulti)
        {
            var from = at;
            if (Value(field) is { } one && one.Text.Length > 0) values.Add((new FilterValue(FilterValueKind.Exact, one.Kind == FilterValueKind.Prefix ? one.Text + "*" : one.Text), from, at - from));
            if (at < text.Length && text[at] == ',') Wrong(from, Skip() - from, "single", text[from..at], field.Key, null, $"{field.Key} takes one value.");
        }
        else
        {
            while (true)
            {
                var from = at;
                var value = Value(field);
                if (value is { Text.Length: > 0 } some) values.Add((some, from, at - from));
                if (at >= text.Length || text[at] != ',') break;
                at++;
            }
        }

        if (values.Count == 0)
        {
            if (!Faults.Exists(f => f.Start >= start)) Wrong(start, at - start, "empty", field.Key, field.Key, null, $"{field.Key} has no value: write one right behind the colon.");
            return;
        }

        var key = (excludes ? FilterParser.Minus : "") + field.Key;
        if (!terms.TryGetValue(key, out var known)) terms[key] = (field, excludes, values);
        else if (field.IsMulti) known.Values.AddRange(values);
        else Wrong(start, at - start, "single", field.Key, field.Key, null, $"{field.Key} takes one value; it stands here twice.");
    }

    /// <summary>A value up to the next comma or space; null when it is wrong.</summary>
    FilterValue? Value(FilterField field)
    {
        var start = at;
        if (field.TakesRegexes && at < text.Length && text[at] == '/')
        {
            for (at++; at < text.Length; at++)
            {
                if (text[at] == '\\') at++;
                else if (text[at] == '/' && (at + 1 == text.Length || char.IsWhiteSpace(text[at + 1]) || text[at + 1] == ',')) return new FilterValue(FilterValueKind.Regex, text[(start + 1)..at++]);
            }

            at = text.Length;
            Wrong(start, at - start, "quote", text[start..], field.Key, null, "The expression does not end: a slash is missing.");
            return null;
        }

        var value = new StringBuilder();
        var quoted = false;
        if (at < text.Length && text[at] == '"')
        {
            quoted = true;
            for (at++; at < text.Length && text[at] != '"'; at++)
            {
                if (text[at] == '\\' && at + 1 < text.Length) at++;
                value.Append(text[at]);
            }

            if (at >= text.Length)
            {
                at = text.Length;
                Wrong(start, at - start, "quote", text[start..], field.Key, null, "The quote does not end: a \" is missing.");
                return null;
            }

            at++;
        }

        var star = false;
        for (; at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] != ','; at++)
        {
            var escaped = text[at] == '\\' && at + 1 < text.Length;
            if (escaped) at++;
            value.Append(text[at]);
            star = text[at] == '*' && !escaped;
        }

        if (!star) return new FilterValue(FilterValueKind.Exact, value.ToString());
        value.Length--;
        if (field.TakesPrefixes) return value.Length > 0 ? new FilterValue(FilterValueKind.Prefix, value.ToString()) : null;
        if (!field.IsMulti) return new FilterValue(FilterValueKind.Exact, value + (quoted ? "" : "*"));
        Wrong(start, at - start, "star", value + "*", field.Key, null, $"{field.Key} takes whole values, not the beginning of one.");
        return null;
    }

    // started:24h, started:>2026-11-01, started:2026-11-01..2026-11-03, started:today
    void StartedTerm(int start, bool excludes)
    {
        var from = at;
        var value = text[from..Skip()].Trim('"');
        if (excludes)
        {
            Wrong(start, at - start, "exclude", value, QueryLine.Started, null, "started cannot be left out; use started:<… or started:>….");
            return;
        }

        if (value.Length == 0)
        {
            Wrong(start, at - start, "empty", QueryLine.Started, QueryLine.Started, null, "started has no value: write one right behind the colon.");
            return;
        }

        var (since, until) = ((string?)null, (string?)null);
        if (value.Split("..") is [var a, var b]) (since, until) = (a, b);
        else if (value.StartsWith('>')) since = value[1..].TrimStart('=');
        else if (value.StartsWith("<=", StringComparison.Ordinal)) until = value[2..];
        else if (value.StartsWith('<')) until = value.Length == 11 && char.IsAsciiDigit(value[1]) ? value[1..] + "T00:00Z" : value[1..];
        else if (value is "today" || value.EndsWith('m') || value.EndsWith('h') || value.EndsWith('d') || value.EndsWith('w')) since = value;
        else (since, until) = (value, value);
        if (since?.Length > 0) Add("from", since);
        if (until?.Length > 0) Add("to", until);
        if (since is null or "" && until is null or "") Wrong(start, at - start, "empty", QueryLine.Started, QueryLine.Started, null, "started has no value: write one right behind the colon.");

        void Add(string key, string time)
        {
            if (!terms.TryAdd(key, (FilterParser.Find(key)!, false, [(new FilterValue(FilterValueKind.Exact, time), from, at - from)])))
                Wrong(start, at - start, "single", key, key, null, $"{key} takes one value; it stands here twice.");
        }
    }

    void Text()
    {
        var start = at;
        if (firstWord < 0) firstWord = at;
        if (text[at] == '"')
        {
            var end = text.IndexOf('"', at + 1);
            if (end < 0)
            {
                at = text.Length;
                Wrong(start, at - start, "quote", text[start..], null, null, "The quote does not end: a \" is missing.");
                return;
            }

            if (words.Length > 0) words.Append(' ');
            words.Append(text, at, end + 1 - at);
            at = end + 1;
            return;
        }

        var word = Word();
        if (text[start..at] is "OR" or "AND" or "NOT")
        {
            Wrong(start, at - start, "operator", word, null, null, $"{word} is not known here: all terms must hold; separate values of a field by commas (status:failed,completed), and put a minus before what to leave out (-env:dev). To search for the word, put it in quotes.");
            return;
        }

        if (words.Length > 0) words.Append(' ');
        words.Append(word);
    }

    string Word()
    {
        var word = new StringBuilder();
        for (; at < text.Length && !char.IsWhiteSpace(text[at]); at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length) at++;
            word.Append(text[at]);
        }

        return word.ToString();
    }

    void Condition(FilterField field, bool excludes, List<(FilterValue Value, int Start, int Length)> values)
    {
        var reading = new FilterReading(now);
        var condition = FilterParser.Read(field, [.. values.Select(v => v.Value).Distinct()], reading);
        if (condition is not null && excludes) condition = FilterParser.Exclude(condition, reading);
        if (reading.Faults.Count == 0)
        {
            if (condition is not null) conditions[FilterParser.PlaceOf(condition)] = condition;
            return;
        }

        // Which of the values it was.
        foreach (var (value, start, length) in values)
        {
            var alone = new FilterReading(now);
            if (values.Count > 1 && FilterParser.Read(field, [value], alone) is not null) continue;
            var reason = (alone.Faults.Count > 0 ? alone : reading).Faults[0].Reason;
            var kind = excludes && condition is null && alone.Faults.Count == 0 ? "exclude" : "value";
            Wrong(start, length, kind, value.Text, field.Key, kind == "value" && field.Choices.Count > 0 ? Spelling.Nearest(value.Text.ToLowerInvariant(), field.Choices) : null, reason);
            return;
        }

        Wrong(values[0].Start, values[^1].Start + values[^1].Length - values[0].Start, excludes ? "exclude" : "value", values[0].Value.Text, field.Key, null, reading.Faults[0].Reason);
    }

    void Wrong(int start, int length, string kind, string word, string? field, string? meant, string reason) =>
        Faults.Add(new QueryFault(start, Math.Max(1, length), kind, word, field, meant, reason));

    void SkipSpace()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }

    int Skip()
    {
        while (at < text.Length && !char.IsWhiteSpace(text[at])) at++;
        return at;
    }
}
