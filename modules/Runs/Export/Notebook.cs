using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunHub.Json;
using RunHub.Ui;

namespace RunHub.Runs.Export;

/// <summary>
/// A Jupyter notebook (nbformat 4.5) with runs in it: the data stands in a cell, the cells after it look at it with Python's standard library,
/// the last one with pandas where that is installed. Nothing in it was run.
/// </summary>
static class Notebook
{
    public const string ContentType = "application/x-ipynb+json";

    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true };

    const string Overview = """
        for run in RUNS[:50]:
            usage = run["diagnostics"]["resource_usage"]
            print(run["id"], run["workflow_name"], run["status"], f'{run["duration_ms"]} ms', f'{usage["tokens"]} tokens', f'{run.get("cost_usd")} USD', sep="  ")
        """;

    const string Statistics = """
        from collections import Counter, defaultdict
        from statistics import median

        print(Counter(run["status"] for run in RUNS))
        durations = defaultdict(list)
        for run in RUNS:
            if run["duration_ms"] is not None:
                durations[run["workflow_name"]].append(run["duration_ms"])
        for workflow, values in sorted(durations.items()):
            print(f"{workflow}: {len(values)} runs, median {median(values):,.0f} ms, longest {max(values):,} ms")
        """;

    const string Steps = """
        def steps_of(run):
            return run.get("steps", [])


        for run in RUNS[:5]:
            print(run["id"])
            for step in steps_of(run)[:200]:
                usage = step["diagnostics"]["resource_usage"]
                error = step["diagnostics"]["error_message"] or ""
                print(f'  {step["name"][:32]:32} {step["type"]:9} {step["status"]:13} {step["duration_ms"] or 0:>9,} ms {usage["tokens"] or 0:>8,} tokens  {error[:60]}')
        """;

    const string Bars = """
        from datetime import datetime


        def moment(text):
            return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else None


        def bars(run, width=60):
            timed = [(moment(s["started_at"]), s) for s in steps_of(run) if s["started_at"] and s["duration_ms"] is not None]
            if not timed:
                return
            begin = min(at for at, _ in timed)
            total = max(at + s["duration_ms"] / 1000 for at, s in timed) - begin or 1
            for at, step in timed[:100]:
                left = int((at - begin) / total * width)
                length = max(1, int(step["duration_ms"] / 1000 / total * width))
                print(f'{step["name"][:24]:24} |{" " * left}{"#" * length}')


        for run in RUNS[:1]:
            bars(run)
        """;

    const string Frames = """
        try:
            import pandas as pd
        except ImportError:
            print("pandas is not installed: pip install pandas")
        else:
            runs = pd.json_normalize(RUNS).drop(columns=["steps"], errors="ignore")
            steps = pd.json_normalize([step for run in RUNS for step in steps_of(run)])
            print(runs.shape, steps.shape)
        """;

    /// <summary>Writes it.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="texts">Words of the reader's language.</param>
    /// <param name="title">What it is about, as text.</param>
    /// <param name="data">The runs.</param>
    /// <param name="address">Where they were looked at.</param>
    /// <param name="at">When.</param>
    public static void Write(IBufferWriter<byte> to, TextTable texts, string title, NotebookData data, string address, DateTimeOffset at)
    {
        using var json = new Utf8JsonWriter(to, Options);
        json.WriteStartObject();
        json.WriteStartArray("cells");
        Markdown(json, "about", About(texts, title, data, address, at));
        Data(json, data);
        Markdown(json, "overview-text", "## " + texts["Notebook_overview"]);
        Code(json, "overview", Overview);
        Markdown(json, "statistics-text", "## " + texts["Notebook_statistics"]);
        Code(json, "statistics", Statistics);
        Markdown(json, "steps-text", "## " + texts["Notebook_steps"]);
        Code(json, "steps", Steps);
        Code(json, "bars", Bars);
        Markdown(json, "frames-text", "## " + texts["Notebook_frames"]);
        Code(json, "frames", Frames);
        json.WriteEndArray();
        json.WriteStartObject("metadata");
        json.WriteStartObject("kernelspec");
        json.WriteString("display_name", "Python 3");
        json.WriteString("language", "python");
        json.WriteString("name", "python3");
        json.WriteEndObject();
        json.WriteStartObject("language_info");
        json.WriteString("name", "python");
        json.WriteString("file_extension", ".py");
        json.WriteString("mimetype", "text/x-python");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteNumber("nbformat", 4);
        json.WriteNumber("nbformat_minor", 5);
        json.WriteEndObject();
    }

    static string About(TextTable texts, string title, NotebookData data, string address, DateTimeOffset at)
    {
        var format = Format.Current;
        var text = new StringBuilder("# ").Append(Plain(title)).Append("\n\n").Append(texts["Notebook_about"].Replace("{0}", format.Number(data.Runs), StringComparison.Ordinal)
            .Replace("{1}", at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture), StringComparison.Ordinal)).Append(" `").Append(address.Replace('`', '\'')).Append('`');
        if (data.IsFull) text.Append("\n\n").Append(texts["Notebook_full"].Replace("{0}", format.Number(NotebookData.MaxRuns), StringComparison.Ordinal).Replace("{1}", format.Size(NotebookData.MaxBytes), StringComparison.Ordinal));
        if (data.StepsLeftOut > 0) text.Append("\n\n").Append(texts["Notebook_steps_left_out"].Replace("{0}", format.Number(data.StepsLeftOut), StringComparison.Ordinal));
        if (data.PayloadsLeftOut > 0) text.Append("\n\n").Append(texts["Notebook_payloads_left_out"].Replace("{0}", format.Number(data.PayloadsLeftOut), StringComparison.Ordinal).Replace("{1}", format.Size(NotebookData.MaxPayload), StringComparison.Ordinal));
        return text.ToString();
    }

    // In a raw string of Python between three quotation marks JSON stays as it is: three of them in a row it never has, for one begins a
    // string, the next ends it, and a third would need a comma or colon before it.
    static void Data(Utf8JsonWriter json, NotebookData data)
    {
        var runs = data.End();
        if (runs.Span.IndexOf("\"\"\""u8) >= 0) throw new InvalidDataException("Three quotation marks in a row in JSON.");
        var source = new ArrayBufferWriter<byte>(runs.Length + 128);
        source.Write("import json\n\nRUNS = json.loads(r\"\"\"\n"u8);
        source.Write(runs.Span);
        source.Write("\n\"\"\")\nprint(len(RUNS))"u8);
        Begin(json, "code", "data");
        json.WriteString("source", source.WrittenSpan);
        EndCode(json, hidden: true);
    }

    static void Markdown(Utf8JsonWriter json, string id, string text)
    {
        Begin(json, "markdown", id);
        json.WriteString("source", text);
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void Code(Utf8JsonWriter json, string id, string source)
    {
        Begin(json, "code", id);
        json.WriteString("source", source.ReplaceLineEndings("\n"));
        EndCode(json, hidden: false);
    }

    static void Begin(Utf8JsonWriter json, string type, string id)
    {
        json.WriteStartObject();
        json.WriteString("cell_type", type);
        json.WriteString("id", id);
    }

    static void EndCode(Utf8JsonWriter json, bool hidden)
    {
        json.WriteStartObject("metadata");
        if (hidden)
        {
            json.WriteStartObject("jupyter");
            json.WriteBoolean("source_hidden", true);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteNull("execution_count");
        json.WriteStartArray("outputs");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Names come from outside; in a heading they are text.
    static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (c is '\\' or '`' or '*' or '_' or '{' or '}' or '[' or ']' or '<' or '>' or '(' or ')' or '#' or '!' or '|' or '$' or '~' or '&') plain.Append('\\');
            plain.Append(char.IsControl(c) ? ' ' : c);
        }

        return plain.ToString();
    }
}

/// <summary>Runs of a filter as a notebook: the first that fit.</summary>
sealed class NotebookExport(ExportTarget target, string address, TimeProvider time) : IExportWriter
{
    readonly NotebookData data = new(target.Source.Tenant.Id, target.Source.Include);

    public Store.RowProjection<Model.RunRow> Columns { get; } = Model.RunRow.Table.Project("run_no", "sort_at", "id");

    public bool IsFull => data.IsFull;

    public Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task WriteAsync(Model.RunRow run, CancellationToken cancellationToken)
    {
        await using var sql = await target.Database.ReadAsync(cancellationToken);
        await data.AddAsync(sql, run.RunNo, cancellationToken);
    }

    public Task EndAsync(CancellationToken cancellationToken)
    {
        var texts = TextTable.Of(typeof(RunsTexts));
        Notebook.Write(target.Pipe, texts, texts["Notebook_runs"], data, address, time.GetUtcNow());
        return target.FlushAsync(cancellationToken);
    }
}
