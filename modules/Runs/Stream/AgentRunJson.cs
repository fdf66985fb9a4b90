using System.Buffers;
using System.Text.Json;
using RunHub.Model;

namespace RunHub.Runs.Stream;

/// <summary>A run in S4's shape: what <c>agent:{id}</c> and an agent's list of runs speak.</summary>
static class AgentRunJson
{
    public static byte[] ToBytes(RunRow run)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer);
        Write(json, run);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter json, RunRow run)
    {
        json.WriteStartObject();
        json.WriteString("id", run.Id);
        json.WriteString("agent_id", run.AgentId);
        json.WriteString("thread_id", run.ThreadId);
        // S4's word for an end that is well; states it has no word for keep RunHub's.
        json.WriteString("status", run.Status == RunStatus.Completed ? "success" : run.Status.ToName());
        json.WriteString("trigger", run.Trigger);
        Time(json, "started_at", run.StartedAt);
        Time(json, "finished_at", run.CompletedAt);
        Number(json, "duration_ms", run.DurationMs);
        Number(json, "total_tokens", run.Tokens);
        if (run.CostNano is { } cost) json.WriteNumber("total_cost_usd", Money.FromNano(cost));
        else json.WriteNull("total_cost_usd");
        json.WriteString("error", run.ErrorMessage);
        json.WriteEndObject();
    }

    static void Time(Utf8JsonWriter json, string name, long? micros)
    {
        if (micros is { } value) json.WriteString(name, Times.ToIso(value));
        else json.WriteNull(name);
    }

    static void Number(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
