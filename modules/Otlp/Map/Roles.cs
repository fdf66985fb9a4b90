using RunHub.Otlp.Wire;

namespace RunHub.Otlp.Map;

/// <summary>What a span does, whatever dialect says so.</summary>
enum Role
{
    /// <summary>No GenAI work: HTTP, database, anything.</summary>
    Io,

    /// <summary>One call of a language model.</summary>
    Model,

    /// <summary>One call of an embedding model.</summary>
    Embedding,

    /// <summary>One call of a reranking model.</summary>
    Reranker,

    /// <summary>A tool at work.</summary>
    Tool,

    /// <summary>Documents looked up, a memory read or written.</summary>
    Retrieval,

    /// <summary>An agent, with what it did beneath.</summary>
    Agent,

    /// <summary>A workflow, chain or task.</summary>
    Workflow,

    /// <summary>A plan, a guardrail, an evaluation.</summary>
    Decision,
}

static class Roles
{
    static readonly Dictionary<string, Role> Operations = new(StringComparer.OrdinalIgnoreCase)
    {
        ["chat"] = Role.Model, ["generate_content"] = Role.Model, ["text_completion"] = Role.Model, ["completion"] = Role.Model,
        ["embeddings"] = Role.Embedding, ["embedding"] = Role.Embedding, ["rerank"] = Role.Reranker,
        ["retrieval"] = Role.Retrieval, ["execute_tool"] = Role.Tool,
        ["create_agent"] = Role.Agent, ["invoke_agent"] = Role.Agent,
        ["invoke_workflow"] = Role.Workflow, ["agent_step"] = Role.Workflow,
        ["plan"] = Role.Decision, ["decide"] = Role.Decision, ["guardrail.run"] = Role.Decision,
        ["search_memory"] = Role.Retrieval, ["create_memory"] = Role.Retrieval, ["update_memory"] = Role.Retrieval, ["upsert_memory"] = Role.Retrieval,
        ["delete_memory"] = Role.Retrieval, ["create_memory_store"] = Role.Retrieval, ["delete_memory_store"] = Role.Retrieval,
    };

    static readonly Dictionary<string, Role> OpenInferenceKinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["LLM"] = Role.Model, ["EMBEDDING"] = Role.Embedding, ["RERANKER"] = Role.Reranker, ["RETRIEVER"] = Role.Retrieval, ["TOOL"] = Role.Tool,
        ["AGENT"] = Role.Agent, ["CHAIN"] = Role.Workflow, ["PROMPT"] = Role.Workflow, ["GUARDRAIL"] = Role.Decision, ["EVALUATOR"] = Role.Decision,
    };

    static readonly Dictionary<string, Role> TraceloopKinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["workflow"] = Role.Workflow, ["task"] = Role.Workflow, ["session"] = Role.Workflow, ["agent"] = Role.Agent, ["tool"] = Role.Tool,
    };

    static readonly Dictionary<string, Role> RequestTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        ["chat"] = Role.Model, ["completion"] = Role.Model, ["embedding"] = Role.Embedding, ["rerank"] = Role.Reranker,
    };

    public static Role Of(Span span)
    {
        var attributes = span.Attributes;
        if (Named(attributes, "ai.operationId") is { } operation && Vercel(operation) is { } vercel) return vercel;
        if (Named(attributes, "gen_ai.operation.name") is { } name && Operations.TryGetValue(name, out var role)) return role;
        if (Named(attributes, "openinference.span.kind") is { } kind && OpenInferenceKinds.TryGetValue(kind, out role)) return role;
        if (Named(attributes, "traceloop.span.kind") is { } loop && TraceloopKinds.TryGetValue(loop, out role)) return role;
        if (Named(attributes, "llm.request.type") is { } type && RequestTypes.TryGetValue(type, out role)) return role;
        if (attributes.Has("gen_ai.tool.name") || attributes.Has("gen_ai.tool.call.id") || Named(attributes, "mcp.method.name") is "tools/call") return Role.Tool;
        if (Named(attributes, "gen_ai.guardrail.name") is not null) return Role.Decision;
        if (Named(attributes, "gen_ai.agent.name") is not null && !attributes.Has("gen_ai.request.model")) return Role.Agent;
        if (attributes.Has("gen_ai.request.model") || attributes.Has("gen_ai.response.model") || attributes.Has("llm.model_name") || attributes.Has("llm.request.model")) return Role.Model;
        return attributes.Keys.Any(k => k.StartsWith("db.vector.", StringComparison.Ordinal)) ? Role.Retrieval : Role.Io;
    }

    public static StepType StepTypeOf(Role role) => role switch
    {
        Role.Model or Role.Embedding or Role.Reranker => StepType.Model,
        Role.Tool or Role.Retrieval => StepType.Tool,
        Role.Agent or Role.Decision => StepType.Decision,
        _ => StepType.Io,
    };

    /// <summary>Its usage is its own; any other span's repeats what lies beneath.</summary>
    public static bool IsCall(Role role) => role is Role.Model or Role.Embedding or Role.Reranker;

    static Role? Vercel(string operation) => operation switch
    {
        "ai.toolCall" => Role.Tool,
        _ when operation.EndsWith(".doGenerate", StringComparison.Ordinal) || operation.EndsWith(".doStream", StringComparison.Ordinal) => Role.Model,
        _ when operation.EndsWith(".doEmbed", StringComparison.Ordinal) => Role.Embedding,
        _ when operation.EndsWith(".doRerank", StringComparison.Ordinal) => Role.Reranker,
        "ai.embed" or "ai.embedMany" or "ai.rerank" => Role.Workflow,
        _ when operation.StartsWith("ai.", StringComparison.Ordinal) => Role.Agent,
        _ => null,
    };

    static string? Named(AttributeSet attributes, string key) => attributes[key] as string is { Length: > 0 } text ? text : null;
}
