using System.Globalization;
using System.Text.Json.Nodes;

namespace RunHub.Demo;

/// <summary>What a script's program would have written to its log, as far as it is at a moment.</summary>
static class ScriptLogs
{
    /// <summary>The lines after <paramref name="since"/> up to <paramref name="now"/>; the same ones whenever they are asked for.</summary>
    public static JsonArray Of(RunScript run, DateTimeOffset now, DateTimeOffset since, Func<int, string?> stepId)
    {
        var lines = new JsonArray();
        void Say(DateTimeOffset at, string level, string text, int? step = null, JsonObject? attributes = null)
        {
            if (at > now || at <= since) return;
            var line = new JsonObject { ["ts"] = Times.ToIso(at.ToMicros() / 1000 * 1000), ["level"] = level, ["msg"] = text };
            if (step is { } index && stepId(index) is { } id) line["step_id"] = id;
            if (attributes is not null) line["attributes"] = attributes;
            lines.Add(line);
        }

        Say(run.StartedAt, "info", $"{run.Workflow} {run.Version} begins, attempt {Number(run.Attempt)}");
        for (var i = 0; i < run.Steps.Count; i++)
        {
            var (step, (start, end)) = (run.Steps[i], run.Times(i));
            Say(start, "debug", step.Endpoint is { } endpoint ? $"{step.Name}: {endpoint}" : $"{step.Name} begins", i);
            for (var retry = 1; retry <= step.Retries; retry++)
                Say(start + (end - start) * ((double)retry / (step.Retries + 1)), "warn", $"{step.Name}: try {Number(retry)} failed{(step.Failure is { } f ? ": " + f.Code : "")}, trying again", i, new JsonObject { ["retry"] = retry });
            if (step.Failure is { } failure) Say(end, "error", failure.Message, i, new JsonObject { ["code"] = failure.Code, ["class"] = failure.Class });
            else if (step.Canceled) Say(end, "warn", $"{step.Name} was stopped", i);
            else if (step.Model is not null) Say(end, "info", $"{step.Name}: the model answered after {Number(step.Millis)} ms", i, new JsonObject { ["model"] = step.Model, ["tokens_in"] = step.TokensIn, ["tokens_out"] = step.TokensOut });
            else Say(end, "debug", $"{step.Name} ended after {Number(step.Millis)} ms", i);
            if (step.Score is < 0.89 and { } score) Say(end, "warn", $"{step.Name}: confidence {score.ToString("0.00", CultureInfo.InvariantCulture)} is low", i);
            if (i + 1 == run.WaitsAfter) Say(end + TimeSpan.FromMilliseconds(1), "info", "Waiting for a person", i);
        }

        if (run.Ends == RunStatus.Failed) Say(run.EndsAt, "fatal", $"{run.Workflow} gave up");
        else Say(run.EndsAt, "info", $"{run.Workflow} {(run.Ends == RunStatus.Canceled ? "was canceled" : "ended")}");
        return lines;
    }

    static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
