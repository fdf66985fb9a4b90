using System.Text.Json;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Http;
using RunHub.Store;

namespace RunHub.Bulk;

/// <summary>An act (tag, assign, resolve …) as a bulk action: the settings are the act's own JSON.</summary>
/// <param name="name">The act's kind.</param>
sealed class ActBulk<TAct>(string name, ActOnRuns acts) : IBulkKind where TAct : RunAct
{
    public string Name => name;

    public AccessAttribute Needs => Allow.Operators;

    public bool CanUndo => true;

    public IBulkWork Prepare(Caller caller, string settings) => new Work(acts, acts.Prepare(caller, BulkSettings.Read<TAct>(settings)));

    sealed class Work(ActOnRuns acts, PreparedAct prepared) : IBulkWork
    {
        public async ValueTask<BulkStep> ApplyAsync(WriteScope scope, string runId, string? input, string because, CancellationToken cancellationToken)
        {
            var outcome = await acts.ApplyAsync(scope, prepared, runId, because, cancellationToken);
            return new BulkStep(outcome.Changed, outcome.Undo is { } undo ? JsonSerializer.Serialize(undo) : null);
        }
    }
}

/// <summary>Takes another bulk action back: each item carries the act that does so for its run.</summary>
sealed class UndoBulk(ActOnRuns acts) : IBulkKind
{
    public const string Kind = "undo";

    public string Name => Kind;

    public AccessAttribute Needs => Allow.Operators;

    public bool CanUndo => true;

    public IBulkWork Prepare(Caller caller, string settings) => new Work(acts, caller);

    sealed class Work(ActOnRuns acts, Caller caller) : IBulkWork
    {
        public async ValueTask<BulkStep> ApplyAsync(WriteScope scope, string runId, string? input, string because, CancellationToken cancellationToken)
        {
            var outcome = await acts.ApplyAsync(scope, acts.Prepare(caller, JsonSerializer.Deserialize<RunAct>(input!)!), runId, because, cancellationToken);
            return new BulkStep(outcome.Changed, outcome.Undo is { } undo ? JsonSerializer.Serialize(undo) : null);
        }
    }
}

/// <summary>Deletes runs and every trace of them. There is no way back.</summary>
sealed class DeleteBulk(DeleteRuns delete) : IBulkKind
{
    public string Name => "delete";

    public AccessAttribute Needs => Allow.Admins;

    public bool CanUndo => false;

    public IBulkWork Prepare(Caller caller, string settings) => new Work(delete, caller);

    sealed class Work(DeleteRuns delete, Caller caller) : IBulkWork
    {
        public async ValueTask<BulkStep> ApplyAsync(WriteScope scope, string runId, string? input, string because, CancellationToken cancellationToken)
        {
            var (gone, _) = await delete.ApplyAsync(scope, caller, [runId], because, cancellationToken);
            return gone.Count > 0 ? new BulkStep(true, null) : throw ProblemException.NotFound("run", runId);
        }
    }
}

/// <summary>Settings of bulk actions.</summary>
static class BulkSettings
{
    static readonly JsonSerializerOptions Options = new(ApiJson.Options) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    /// <summary>Reads them; <c>kind</c> may stand among them.</summary>
    public static T Read<T>(string settings)
    {
        try
        {
            var all = System.Text.Json.Nodes.JsonNode.Parse(settings) as System.Text.Json.Nodes.JsonObject ?? throw new JsonException("an object is wanted.");
            all.Remove("kind");
            return all.Deserialize<T>(Options)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw ProblemException.Invalid("$.action", "These are not the settings of this kind: " + e.Message.Split(" Path:")[0]);
        }
    }
}
