using RunHub.Http;

namespace RunHub.Checkpoints.Api;

/// <summary>What the OpenAPI document says about checkpoints.</summary>
static class CheckpointDocs
{
    const string Tag = "Checkpoints";

    const string Example = """
        {
          "checkpoint_ns": "",
          "checkpoint_id": "1f0b2c3d-4e5f-6789-8001-0242ac120002",
          "parent_checkpoint_id": null,
          "type": "json",
          "checkpoint": { "v": 4, "id": "1f0b2c3d-4e5f-6789-8001-0242ac120002", "ts": "2025-10-28T10:14:02Z", "channel_values": { "messages": ["hello"] }, "channel_versions": { "messages": 1 }, "versions_seen": {} },
          "metadata": { "source": "loop", "step": 0, "parents": {} }
        }
        """;

    static readonly ApiParameter Ns = new("checkpoint_ns", "Namespace of a subgraph; empty is the root graph.", """{"type":"string"}""");
    static readonly ApiAnswer NoRun = new(404, "There is no such run in this tenant.", "Problem");

    static readonly IReadOnlyList<ApiAnswer> Refusals =
    [
        new(400, "The body is not what it should be; `errors` says where and why. Nothing was written.", "Problem"),
        NoRun,
        new(409, "The run has `Checkpoints:MaxPerRun` checkpoints.", "Problem"),
        new(413, "A value is larger than `Checkpoints:MaxBytes`, or the body than `Ingest:MaxBodyBytes`.", "Problem"),
        new(415, "The content type or encoding is not accepted.", "Problem"),
        new(503, "Too many writes are waiting; see `Retry-After`.", "Problem"),
    ];

    public static ApiDoc Put { get; } = new("Put checkpoints of a run")
    {
        Tag = Tag,
        Description = "One checkpoint or an array, each with the writes it may carry; all are written or none. The run stands for LangGraph's thread. A checkpoint replaces the one with its id in its namespace; putting the same again changes nothing.",
        Body = new("CheckpointsInput", Example),
        Answers = [new(200, "They were there already, and are now as sent.", "CheckpointsAnswer"), new(201, "They were put.", "CheckpointsAnswer"), .. Refusals],
    };

    public static ApiDoc PutOne { get; } = new("Put a checkpoint of a run")
    {
        Tag = Tag,
        Description = "As POST, for one checkpoint whose id stands in the address.",
        Body = new("CheckpointInput", """{ "checkpoint_ns": "", "type": "json", "checkpoint": { "channel_values": { "messages": ["hello"] } }, "metadata": { "source": "loop", "step": 1 } }"""),
        Answers = [new(200, "It was there already, and is now as sent.", "CheckpointsAnswer"), new(201, "It was put.", "CheckpointsAnswer"), .. Refusals],
    };

    public static ApiDoc PutWrites { get; } = new("Put the pending writes of a task")
    {
        Tag = Tag,
        Description = "What a task of the step after this checkpoint wrote. A write to an ordinary channel stays as it first came; `__error__`, `__scheduled__`, `__interrupt__` and `__resume__` are replaced. The checkpoint may come later.",
        Body = new("WritesInput", """{ "checkpoint_ns": "", "task_id": "7c1e", "writes": [{ "channel": "messages", "type": "json", "value": ["hi"] }, { "channel": "__interrupt__", "type": "json", "value": "Approve?" }] }"""),
        Answers = [new(200, "They are there.", "WritesAnswer"), .. Refusals],
    };

    public static ApiDoc List { get; } = new("List the checkpoints of a run")
    {
        Tag = Tag,
        Description = "Newest first, without their values: pass `next_token` on until it is `null`.",
        Parameters =
        [
            new("checkpoint_ns", "Only this namespace; empty is the root graph. Not given: all.", """{"type":"string"}"""),
            new("before", "Only checkpoints before this id.", """{"type":"string"}"""),
            new("limit", "Checkpoints of a page.", """{"type":"integer","minimum":1,"maximum":200,"default":20}"""),
            new("next_token", "From the page before."),
        ],
        Answers = [new(200, "A page of checkpoints.", "CheckpointList"), new(400, "A parameter is not what it should be.", "Problem"), NoRun],
    };

    public static ApiDoc Get { get; } = new("Get a checkpoint of a run")
    {
        Tag = Tag,
        Description = "With its value and its pending writes. `latest` is the newest of the namespace.",
        Parameters = [Ns],
        Answers = [new(200, "The checkpoint.", "Checkpoint"), new(404, "There is no such run in this tenant, or no such checkpoint of it.", "Problem")],
    };
}
