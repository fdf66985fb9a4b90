using System.Text.Json.Nodes;

namespace RunHub.Demo;

/// <summary>Renders a script as far as it is at a moment: a run with steps, or a RunDetail document.</summary>
static class ScriptJson
{
    /// <summary>True for the types that report RunDetail documents to <c>/api/ingest/{type}</c>.</summary>
    public static bool IsRunDetail(this RunScript run) => run.Type is "precrafter" or "crafter";

    /// <summary>Where it stands.</summary>
    public static RunStatus StatusAt(this RunScript run, DateTimeOffset now)
    {
        if (now >= run.EndsAt) return run.Ends;
        if (now < run.StartedAt) return RunStatus.Queued;
        if (run.WaitsAfter == 0) return RunStatus.Running;
        var waitsFrom = run.Times(run.WaitsAfter - 1).End;
        return now >= waitsFrom && now < waitsFrom + run.Waits ? RunStatus.WaitingHuman : RunStatus.Running;
    }

    /// <summary>The run and the steps begun, with S2's names.</summary>
    /// <param name="run">The script.</param>
    /// <param name="now">The moment.</param>
    /// <param name="since">Leaves out steps that ended before.</param>
    public static JsonObject Render(this RunScript run, DateTimeOffset now, DateTimeOffset since = default)
    {
        var status = run.StatusAt(now);
        var (final, started) = (status.IsFinal(), status != RunStatus.Queued);
        var begun = Enumerable.Range(0, run.Steps.Count).Where(i => run.Times(i).Start <= now).ToList();
        var json = new JsonObject
        {
            ["id"] = run.Id,
            ["workflow_name"] = run.Workflow,
            ["workflow_version"] = run.Version,
            ["type"] = run.Type,
            ["environment"] = run.Environment,
            ["status"] = status.ToName(),
            ["created_at"] = Iso(run.CreatedAt),
            ["trigger"] = run.Trigger,
            ["actor"] = run.Actor,
            ["inputs_summary"] = run.Inputs?.DeepClone(),
            ["tags"] = new JsonArray([.. run.Tags.Select(t => (JsonNode)t)]),
            ["attempt"] = run.Attempt,
        };
        Put(json, "started_by", run.StartedBy);
        Put(json, "owner", run.Owner);
        Put(json, "business_event_id", run.BusinessEvent);
        Put(json, "batch_id", run.Batch);
        Put(json, "thread_id", run.Thread);
        Put(json, "agent_id", run.Agent);
        Put(json, "parent_run_id", run.Parent);
        Put(json, "root_run_id", run.Parent);
        if (started) json["started_at"] = Iso(run.StartedAt);
        if (started && !final && run.Steps.Count > 0) json["progress"] = Math.Round(100.0 * begun.Count(i => run.Times(i).End <= now) / run.Steps.Count);
        if (run.WaitsAfter > 0 && begun.Count >= run.WaitsAfter && status != RunStatus.Canceled)
            json["hitl"] = status == RunStatus.WaitingHuman ? "requested" : begun.Count > run.WaitsAfter || final ? run.Approved ? "approved" : "rejected" : null;
        if (started) json["diagnostics"] = Diagnostics(run, begun, final);
        if (final) End(json, run);
        json["steps"] = new JsonArray([.. begun.Where(i => run.Times(i).End > since).Select(i => (JsonNode)Step(run, i, now))]);
        if (ScriptLogs.Of(run, now, since, i => StepId(run, i)) is { Count: > 0 } logs) json["logs"] = logs;
        return json;
    }

    /// <summary>The run as a RunDetail document.</summary>
    public static JsonObject RenderDetail(this RunScript run, DateTimeOffset now)
    {
        var status = run.StatusAt(now);
        var results = new JsonObject();
        for (var i = 0; i < run.Steps.Count; i++)
        {
            var (step, (start, end)) = (run.Steps[i], run.Times(i));
            if (start > now) break;
            var node = new JsonObject { ["label"] = step.Label, ["input"] = step.Input?.DeepClone() };
            if (end <= now)
            {
                if (step.Failure is null && !step.Canceled) node["output"] = step.Output?.DeepClone();
                node["duration_ms"] = step.Millis;
                node["tokens_used"] = step.TokensIn + step.TokensOut;
            }

            results[step.NodeId!] = node;
        }

        var json = new JsonObject
        {
            ["id"] = run.Id,
            ["status"] = status switch { RunStatus.Completed => "success", RunStatus.Canceled => "cancelled", _ => status.ToName() },
            ["type"] = run.Type,
            ["workflow_version"] = JsonNode.Parse(run.Version),
            ["leadId"] = run.Lead,
            ["inputData"] = run.Inputs?.DeepClone(),
            ["results"] = results,
        };
        if (status != RunStatus.Queued) json["start_time"] = Iso(run.StartedAt);
        Put(json, "batchId", run.Batch);
        if (!status.IsFinal()) return json;
        json["end_time"] = Iso(run.EndsAt);
        json["duration_ms"] = (long)(run.EndsAt - run.StartedAt).TotalMilliseconds;
        if (run.Failure is { } failure)
            json["error"] = new JsonObject { ["nodeId"] = run.Steps[^1].NodeId, ["message"] = failure.Message, ["stack"] = failure.Stack };
        return json;
    }

    /// <summary>What RunDetail has no place for; posted to the same id afterwards.</summary>
    public static JsonObject RenderBeside(this RunScript run, DateTimeOffset now)
    {
        var json = new JsonObject { ["id"] = run.Id, ["environment"] = run.Environment, ["trigger"] = run.Trigger };
        if (run.Tags.Count > 0) json["tags"] = new JsonArray([.. run.Tags.Select(t => (JsonNode)t)]);
        Put(json, "parent_run_id", run.Parent);
        Put(json, "root_run_id", run.Parent);
        if (run.Attempt > 1) json["attempt"] = run.Attempt;
        if (ScriptLogs.Of(run, now, default, _ => null) is { Count: > 0 } logs) json["logs"] = logs;
        if (run.StatusAt(now).IsFinal())
        {
            json["cost_usd"] = run.Steps.Sum(s => s.Cost);
            if (run.Failure is { } failure)
            {
                json["error_class"] = failure.Class;
                json["diagnostics"] = new JsonObject { ["error_code"] = failure.Code };
            }
        }

        return json;
    }

    static void End(JsonObject json, RunScript run)
    {
        json["completed_at"] = Iso(run.EndsAt);
        json["duration_ms"] = (long)(run.EndsAt - run.StartedAt).TotalMilliseconds;
        json["cost_usd"] = run.Steps.Sum(s => s.Cost);
        if (run.Outputs is not null) json["outputs_summary"] = run.Outputs.DeepClone();
        if (run.Ends == RunStatus.Completed)
        {
            json["effectiveness"] = new JsonObject
            {
                ["first_pass_success"] = run.Attempt == 1 && run.Steps.TrueForAll(s => s.Retries == 0),
                ["accuracy"] = run.Accuracy,
            };
        }

        if (run.Experience is { } index) json["customer_experience_index"] = index;
        if (run.Annotation is { } note)
            json["annotations"] = new JsonArray(new JsonObject { ["author"] = note.Author, ["note"] = note.Note, ["at"] = Iso(run.EndsAt.AddMinutes(7)) });
        if (run.Failure is not { } failure) return;
        json["error_class"] = failure.Class;
        json["error_stack"] = failure.Stack;
        json["error_step_id"] = StepId(run, run.Steps.Count - 1);
    }

    static JsonObject Diagnostics(RunScript run, List<int> begun, bool final)
    {
        var json = new JsonObject
        {
            ["trace_id"] = "trc-" + run.Id[^12..].ToLowerInvariant(),
            ["resource_usage"] = new JsonObject
            {
                ["tokens"] = begun.Sum(i => run.Steps[i].TokensIn + run.Steps[i].TokensOut),
                ["compute_ms"] = begun.Sum(i => run.Steps[i].Millis / 4),
            },
        };
        if (!final || run.Failure is not { } failure) return json;
        json["error_code"] = failure.Code;
        json["error_message"] = failure.Message;
        return json;
    }

    static JsonObject Step(RunScript run, int index, DateTimeOffset now)
    {
        var step = run.Steps[index];
        var (start, end) = run.Times(index);
        var ended = end <= now;
        var json = new JsonObject
        {
            ["id"] = StepId(run, index),
            ["name"] = step.Name,
            ["type"] = step.Type.ToName(),
            ["status"] = !ended ? "running" : step.Failure is not null ? "failed" : step.Canceled ? "canceled" : "completed",
            ["started_at"] = Iso(start),
            ["retries"] = step.Retries,
            ["details"] = new JsonObject { ["model"] = step.Model, ["tool"] = step.Tool, ["endpoint"] = step.Endpoint, ["parameters_redacted"] = step.Parameters?.DeepClone() },
        };
        Put(json, "label", step.Label);
        var io = new JsonObject { ["input_redacted"] = step.Input?.DeepClone() };
        json["io"] = io;
        if (!ended) return json;
        json["completed_at"] = Iso(end);
        json["duration_ms"] = step.Millis;
        if (step.Output is not null) io["output_redacted"] = step.Output.DeepClone();
        json["diagnostics"] = new JsonObject
        {
            ["span_id"] = "spn-" + run.Id[^6..].ToLowerInvariant() + index,
            ["resource_usage"] = new JsonObject { ["tokens"] = step.TokensIn + step.TokensOut, ["compute_ms"] = step.Millis / 4 },
            ["error_code"] = step.Failure?.Code,
            ["error_message"] = step.Failure?.Message,
        };
        if (step.Failure is not null)
        {
            json["error_class"] = step.Failure.Class;
            json["error_stack"] = step.Failure.Stack;
        }

        if (step.Model is not null)
        {
            json["tokens_in"] = step.TokensIn;
            json["tokens_out"] = step.TokensOut;
            json["cost_usd"] = step.Cost;
        }

        if (step.Score is { } score)
        {
            json["validation"] = new JsonObject { ["passed"] = score >= 0.7, ["score"] = score };
            if (step.ScoreReason is not null) json["validation"]!["reasons"] = new JsonArray(step.ScoreReason);
        }

        return json;
    }

    static string StepId(RunScript run, int index) => "step_" + run.Id[^20..] + index.ToString("00", System.Globalization.CultureInfo.InvariantCulture);

    static string Iso(DateTimeOffset time) => Times.ToIso(time.ToMicros() / 1000 * 1000);

    static void Put(JsonObject json, string name, string? value)
    {
        if (value is not null) json[name] = value;
    }
}
