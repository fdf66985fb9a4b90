using System.IO.Pipelines;
using RunHub.Model;
using RunHub.Store;

namespace RunHub.Runs.Export;

/// <summary>A file format of exports.</summary>
/// <param name="Name">As in <c>format=</c>.</param>
/// <param name="ContentType">Of the answer.</param>
/// <param name="Extension">Of the file.</param>
sealed record ExportFormat(string Name, string ContentType, string Extension)
{
    public static IReadOnlyList<ExportFormat> All { get; } =
    [
        new("csv", "text/csv; charset=utf-8", "csv"),
        new("ndjson", "application/x-ndjson; charset=utf-8", "ndjson"),
        new("json", "application/json; charset=utf-8", "json"),
        new("otlp", "application/x-ndjson; charset=utf-8", "otlp.ndjson"),
        new("otlp-logs", "application/x-ndjson; charset=utf-8", "otlp-logs.ndjson"),
        new("ipynb", Notebook.ContentType, "ipynb"),
    ];
}

/// <summary>Writes runs one after the other.</summary>
interface IExportWriter
{
    /// <summary>Columns it needs of a run's row.</summary>
    RowProjection<RunRow> Columns { get; }

    /// <summary>No more runs fit in: the others are left out, and the file says so.</summary>
    bool IsFull => false;

    /// <summary>Before the first run.</summary>
    Task BeginAsync(CancellationToken cancellationToken);

    /// <summary>One run; the writer reads what belongs to it, and flushes from time to time.</summary>
    Task WriteAsync(RunRow run, CancellationToken cancellationToken);

    /// <summary>After the last one: everything is handed on.</summary>
    Task EndAsync(CancellationToken cancellationToken);
}

/// <summary>Where an export goes.</summary>
/// <param name="Pipe">The answer.</param>
/// <param name="Database">Where runs are read.</param>
/// <param name="Source">What is exported.</param>
sealed record ExportTarget(PipeWriter Pipe, Database Database, ExportSource Source)
{
    /// <summary>Bytes that are gathered before they are handed on.</summary>
    public const int FlushAt = 64 * 1024;

    /// <summary>Hands on what was written; waits while the receiver is slow.</summary>
    /// <exception cref="OperationCanceledException">The receiver is gone.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var result = await Pipe.FlushAsync(cancellationToken);
        if (result.IsCompleted || result.IsCanceled) throw new OperationCanceledException("The receiver is gone.");
    }
}
