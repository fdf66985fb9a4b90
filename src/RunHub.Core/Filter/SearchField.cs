using System.Text;
using RunHub.Model;
using RunHub.Search;

namespace RunHub.Filter;

/// <summary>
/// Free text: an id the run carries, or the beginning of one (case matters), its own id as people have it (<see cref="RunIdText"/>), or words in its
/// text (<see cref="SearchText"/>). Its canonical form has one space between pieces and closes every quote.
/// </summary>
sealed class SearchField : FilterField
{
    public SearchField() : base("q") => AlsoTried = ["search", "text", "id", "run_id", "run"];

    /// <summary>Columns with ids, beside the run's own, that are looked for as they stand; each leads an index.</summary>
    public static IReadOnlyList<string> OtherIdColumns { get; } = ["trace_id", "business_event_id", "lead_id", "batch_id", "thread_id"];

    /// <summary>A text may say that it is an id: <c>id:run_…</c>.</summary>
    public static bool IsIdName(string name) => name.ToLowerInvariant() is "id" or "run_id" or "run";

    public override bool IsMulti => false;

    internal override FilterCondition? Read(IReadOnlyList<FilterValue> values, FilterReading reading) =>
        Canonical(values[0].Text.Trim().TrimEnd('*')) is { Length: > 0 } text ? new Condition(this, text) : null;

    static string Canonical(string given)
    {
        var text = new StringBuilder(given.Length);
        for (var i = 0; i < given.Length;)
        {
            if (char.IsWhiteSpace(given[i]))
            {
                i++;
                continue;
            }

            var quoted = given[i] == '"';
            var from = quoted ? ++i : i;
            while (i < given.Length && (quoted ? given[i] != '"' : !char.IsWhiteSpace(given[i]) && given[i] != '"')) i++;
            var piece = given.AsSpan(from, i - from);
            if (quoted) i++;
            if (piece.IsWhiteSpace()) continue;
            if (text.Length > 0) text.Append(' ');
            if (quoted) text.Append('"').Append(piece).Append('"');
            else text.Append(piece);
        }

        return text.ToString();
    }

    internal sealed class Condition(FilterField field, string text) : FilterCondition(field, [new(FilterValueKind.Exact, text)])
    {
        /// <summary>What an id begins with: a text that is one phrase means what is in the quotes.</summary>
        public string Prefix { get; } = Unquoted(text);

        /// <summary>The run's own id, in the ways it is written.</summary>
        public RunIdText RunId { get; } = RunIdText.Of(Unquoted(text));

        public SearchText Words { get; } = SearchText.Parse(text);

        public override bool IsLive => false;

        public override string ToText() => text;

        public override void ToSql(SqlText sql)
        {
            sql.Add("(");
            IdsToSql(sql);
            sql.Add(" OR ");
            TextToSql(sql);
            sql.Add(")");
        }

        public void IdsToSql(SqlText sql)
        {
            var or = sql.Either();
            RunId.ToSql(or);
            foreach (var column in OtherIdColumns) or.Next().BeginsWith("r." + column, Prefix);
            or.End();
        }

        /// <summary>Asks the text of the run <c>r</c>; the session has been prepared for it.</summary>
        public void TextToSql(SqlText sql)
        {
            if (!Words.HasWords)
            {
                sql.Add("1 = 0");
            }
            else if (sql.IsSqlite)
            {
                sql.Add("coalesce((SELECT search_has(");
                sql.Value(text);
                sql.Add(", t.data) FROM search.texts t WHERE t.run_no = r.run_no), 0) = 1");
            }
            else
            {
                // A value and not EXISTS, which the planner would turn into a join with every match.
                sql.Add("coalesce((SELECT t.words @@ CAST(");
                sql.Value(Words.ToVectorQuery());
                sql.Add(" AS tsquery) FROM search t WHERE t.run_no = r.run_no), FALSE)");
            }
        }

        /// <summary>Of a snapshot only the ids can be asked.</summary>
        public override bool Matches(RunSummary run) => RunId.Matches(run.Id) || Begins(run.TraceId) || Begins(run.BusinessEventId) || Begins(run.LeadId) || Begins(run.BatchId) || Begins(run.ThreadId);

        static string Unquoted(string text) => text is ['"', .. var inner, '"'] && !inner.Contains('"', StringComparison.Ordinal) ? inner : text;

        bool Begins(string? id) => id?.StartsWith(Prefix, StringComparison.Ordinal) == true;
    }
}
