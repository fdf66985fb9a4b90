using RunHub.Plugins;

namespace RunHub.RunDetail;

/// <summary>
/// The RunDetail document: one run with its results keyed by node. Reads it to RunHub's words and writes it from a stored
/// run; a document that was read comes back the same (unknown members, number spellings and the order of
/// <c>results</c> included) as long as the run says what the document said. What has changed since is written as it is now.
/// </summary>
/// <remarks>
/// Shape: <c>{id, status, type, workflow_version, start_time, end_time?, duration_ms, leadId?, batchId?, inputData?,
/// results: {[nodeId]: {input: {systemPrompt?, userPrompt?, model?, temperature?}, output, duration_ms?, tokens_used?}},
/// error?: {nodeId, message, stack?}}</c>. Times are ISO 8601, durations milliseconds. Statuses are <c>queued, running,
/// success, failed, cancelled</c>; RunHub's own words are understood too. A node's <c>label</c>, <c>nodeLabel</c> or
/// <c>name</c> becomes the step's label.
/// </remarks>
public static class RunDetailFormat
{
    /// <summary>Member of <see cref="RunWrite.AdapterData"/> that holds the document without what lives in fields of the run.</summary>
    internal const string Shape = "run_detail";

    /// <summary>Stands in the shape for a value that lives in a field of the run or step.</summary>
    internal const string Stored = "$";

    /// <summary>Reads a document.</summary>
    /// <param name="json">The document.</param>
    /// <param name="type">The workflow type it has to name in <c>type</c> (any case).</param>
    /// <param name="workflowName">Name of the workflow where the document has no <c>workflow_name</c> or <c>workflowName</c>.</param>
    /// <returns>The run with one step per entry of <c>results</c>, in their order, whose id and node id are the entry's name.</returns>
    /// <exception cref="PayloadException">It is not such a document; says where and why.</exception>
    public static RunWrite Read(JsonPayload json, string type, string workflowName) => RunDetailReader.Read(json, type, workflowName);

    /// <summary>
    /// Writes a document. A run that did not come as one gets the members the shape requires; what the shape has no place
    /// for (tags, annotations, cost …) is left out.
    /// </summary>
    public static JsonPayload Write(StoredRun run) => RunDetailWriter.Write(run);

    /// <summary>The document's word for a status: <c>success</c> and <c>cancelled</c>, else RunHub's own.</summary>
    public static string StatusWord(RunStatus status) => status switch
    {
        RunStatus.Completed => "success",
        RunStatus.Canceled => "cancelled",
        _ => status.ToName(),
    };
}
