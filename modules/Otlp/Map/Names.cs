namespace RunHub.Otlp.Map;

/// <summary>
/// Which attribute means what, over all dialects, old names and new: in each list the first that is present wins. The same
/// lists stand in docs/otlp.md.
/// </summary>
static class Names
{
    public static readonly string[] Model =
        ["gen_ai.request.model", "gen_ai.response.model", "llm.model_name", "llm.request.model_name", "llm.response.model_name", "embedding.model_name", "reranker.model_name", "ai.model.id", "ai.response.model", "llm.request.model", "llm.response.model"];

    public static readonly string[] Provider =
        ["gen_ai.provider.name", "gen_ai.system", "llm.system", "llm.provider", "ai.model.provider", "llm.vendor"];

    public static readonly string[] Tool =
        ["gen_ai.tool.name", "tool.name", "ai.toolCall.name", "mcp.tool.name", "gen_ai.data_source.id"];

    public static readonly string[] Endpoint = ["url.full", "http.url", "rpc.service", "db.system.name", "db.system", "messaging.destination.name"];

    public static readonly string[] NodeId = ["runhub.node_id", "graph.node.id", "langgraph.node", "traceloop.entity.path"];

    public static readonly string[] Label = ["runhub.label", "graph.node.name"];

    public static readonly string[] TokensIn =
        ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "ai.usage.inputTokens", "ai.usage.promptTokens", "llm.usage.prompt_tokens"];

    public static readonly string[] TokensOut =
        ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion", "ai.usage.outputTokens", "ai.usage.completionTokens", "llm.usage.completion_tokens"];

    public static readonly string[] TokensTotal =
        ["gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total", "ai.usage.totalTokens", "ai.usage.tokens"];

    public static readonly string[] Cost = ["llm.cost.total", "gen_ai.usage.cost", "gen_ai.usage.total_cost", "gen_ai.cost.total"];

    public static readonly string[] CostParts = ["llm.cost.prompt", "llm.cost.completion"];

    /// <summary>What went into a model call, whole.</summary>
    public static readonly string[] ModelInput = ["gen_ai.input.messages", "ai.prompt.messages", "ai.prompt", "gen_ai.prompt"];

    /// <summary>The same, spread over indexed keys below a prefix.</summary>
    public static readonly string[] ModelInputLists = ["llm.input_messages", "gen_ai.prompt", "llm.prompts"];

    public static readonly string[] ModelOutput = ["gen_ai.output.messages", "gen_ai.completion"];

    public static readonly string[] ModelOutputLists = ["llm.output_messages", "gen_ai.completion", "llm.choices"];

    public static readonly string[] ToolInput = ["gen_ai.tool.call.arguments", "ai.toolCall.args", "mcp.request.argument"];

    public static readonly string[] ToolOutput = ["gen_ai.tool.call.result", "ai.toolCall.result", "mcp.response.value"];

    public static readonly string[] RetrievalInput = ["gen_ai.retrieval.query.text", "reranker.query", "db.vector.query", "db.query.text", "db.statement"];

    public static readonly string[] RetrievalOutput = ["gen_ai.retrieval.documents"];

    public static readonly string[] RetrievalOutputLists = ["reranker.output_documents", "retrieval.documents"];

    public static readonly string[] EmbeddingInput = ["ai.value", "ai.values"];

    public static readonly string[] EmbeddingInputLists = ["embedding.embeddings"];

    /// <summary>In and out of anything, after its own names.</summary>
    public static readonly string[] AnyInput = ["input.value", "traceloop.entity.input"];

    public static readonly string[] AnyOutput = ["output.value", "traceloop.entity.output"];

    public static readonly string[] ToolDefinitions = ["gen_ai.tool.definitions", "ai.prompt.tools"];

    public static readonly string[] ToolDefinitionLists = ["llm.tools", "llm.request.functions"];

    public static readonly string[] FinishReason = ["llm.finish_reason", "ai.response.finishReason", "ai.finishReason"];

    public static readonly string[] ErrorCode = ["error.type", "exception.type", "error.code"];
}

/// <summary>Which attributes a run's fields are taken from; a tenant may replace any list.</summary>
static class FieldNames
{
    public static IReadOnlyDictionary<string, string[]> BuiltIn { get; } = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["workflow_name"] = ["runhub.workflow_name", "gen_ai.workflow.name", "traceloop.workflow.name", "openinference.project.name", "service.name"],
        ["workflow_version"] = ["runhub.workflow_version", "service.version"],
        ["environment"] = ["runhub.environment", "deployment.environment.name", "deployment.environment", "traceloop.association.properties.environment", "ai.telemetry.metadata.environment"],
        ["thread_id"] =
        [
            "runhub.thread_id", "gen_ai.conversation.id", "session.id", "traceloop.association.properties.session_id", "traceloop.association.properties.thread_id",
            "traceloop.association.properties.conversation_id", "traceloop.association.properties.chat_id", "ai.telemetry.metadata.sessionId", "ai.telemetry.metadata.threadId",
            "ai.telemetry.metadata.conversationId", "ai.settings.context.sessionId", "ai.settings.context.threadId",
        ],
        ["started_by"] =
            ["runhub.started_by", "user.id", "enduser.id", "traceloop.association.properties.user_id", "ai.telemetry.metadata.userId", "ai.settings.context.userId"],
        ["agent_id"] = ["runhub.agent_id", "gen_ai.agent.id", "gen_ai.agent.name", "agent.name", "ai.telemetry.functionId"],
        ["business_event_id"] = ["runhub.business_event_id"],
        ["lead_id"] = ["runhub.lead_id"],
        ["batch_id"] = ["runhub.batch_id"],
        ["owner"] = ["runhub.owner"],
        ["type"] = ["runhub.type"],
        ["name"] = ["runhub.name"],
    };
}
