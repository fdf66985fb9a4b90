using RunHub.Http;

namespace RunHub.Runs.Compare;

/// <summary>What the OpenAPI document says about comparing.</summary>
static class CompareDocs
{
    const string Figures = """
        "duration_ms":{"type":["integer","null"]},"tokens":{"type":["integer","null"]},"cost_usd":{"type":["number","null"]}
        """;

    const string Payload = """
        {"type":["object","null"],"required":["same","compared","run_bytes","other_bytes","lines"],"description":"Null: neither has one.","properties":{
          "same":{"type":"boolean","description":"JSON that differs in spacing only is the same."},
          "compared":{"type":"string","enum":["content","hash","part"],"description":"`hash`: over 256 KB, compared by size and SHA-256. `part`: more differs than `lines` says."},
          "run_bytes":{"type":["integer","null"]},"other_bytes":{"type":["integer","null"]},"run_sha256":{"type":"string"},"other_sha256":{"type":"string"},
          "lines":{"type":"array","items":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string","enum":["same","changed","skipped"]},
            "count":{"type":"integer","description":"Equal lines that are left out."},"other":{"type":["string","null"]},"run":{"type":["string","null"]}}}}}}
        """;

    static readonly string Side = "{\"type\":[\"object\",\"null\"],\"properties\":{\"id\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},\"status\":{\"$ref\":\"#/components/schemas/Status\"},\"model\":{\"type\":[\"string\",\"null\"]},"
        + Figures + ",\"error_message\":{\"type\":[\"string\",\"null\"]}}}";

    static readonly string Run = "{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"workflow_name\":{\"type\":\"string\"},\"workflow_version\":{\"type\":[\"string\",\"null\"]},\"environment\":{\"type\":\"string\"},"
        + "\"status\":{\"$ref\":\"#/components/schemas/Status\"},\"at\":{\"$ref\":\"#/components/schemas/Time\"}," + Figures + "}}";

    static readonly string Delta = "{\"type\":\"object\",\"description\":\"The run's less the other's; null where one does not say.\",\"properties\":{" + Figures + "}}";

    static readonly string Answer = "{\"type\":\"object\",\"required\":[\"run\",\"other\",\"same\",\"fields\",\"delta\",\"inputs\",\"outputs\",\"first_divergence\",\"steps\",\"steps_truncated\"],\"properties\":{"
        + "\"run\":" + Run + ",\"other\":" + Run + ","
        + "\"same\":{\"type\":\"boolean\",\"description\":\"Status, payloads and every step are the same.\"},"
        + "\"fields\":{\"type\":\"array\",\"description\":\"What differs first.\",\"items\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"same\":{\"type\":\"boolean\"},\"run\":{\"type\":[\"string\",\"null\"]},\"other\":{\"type\":[\"string\",\"null\"]}}}},"
        + "\"delta\":" + Delta + ",\"inputs\":" + Payload + ",\"outputs\":" + Payload + ","
        + "\"first_divergence\":{\"type\":[\"integer\",\"null\"],\"description\":\"Place in `steps` of the first that `differs`.\"},"
        + "\"steps\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"key\",\"differs\",\"run\",\"other\",\"delta\",\"input\",\"output\"],\"properties\":{\"key\":{\"type\":\"string\",\"description\":\"Node id, else name.\"},"
        + "\"differs\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":[\"missing\",\"added\",\"order\",\"status\",\"model\",\"output\"]}},"
        + "\"run\":" + Side + ",\"other\":" + Side + ",\"delta\":" + Delta + ",\"input\":" + Payload + ",\"output\":" + Payload + "}}},"
        + "\"steps_truncated\":{\"type\":\"boolean\",\"description\":\"One run has more than 1,000 steps; those after are not compared.\"}}}";

    public static ApiDoc Compare { get; } = new("Compare two runs")
    {
        Tag = "Runs",
        Description = """
            `other` is what was before: the id of a run, or `last-success` for the newest completed run of the same workflow, environment and lane before `id`.
            Steps stand beside each other by node id or name, repeated ones in order; `first_divergence` is the first that is missing, added, in another order, or
            has another status, model or output. Payloads over 256 KB are compared by size and hash, and at most 1,000 steps of each run.
            """,
        Answers = [new(200, "The comparison.", Answer), new(404, "One of the runs is not in this tenant, or there is no last success.", "Problem")],
    };
}
