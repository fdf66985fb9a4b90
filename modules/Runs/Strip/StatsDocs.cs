using RunHub.Filter;
using RunHub.Http;

namespace RunHub.Runs.Strip;

/// <summary>What the OpenAPI document says about figures of lists.</summary>
static class StatsDocs
{
    const string Counts = """
        "queued": { "type": "integer" }, "running": { "type": "integer" }, "waiting_human": { "type": "integer" }, "completed": { "type": "integer" }, "failed": { "type": "integer" }, "canceled": { "type": "integer" }
        """;

    const string Answer = $$"""
        {
          "type": "object", "required": ["total", "by_status", "success_rate", "complete", "since", "source", "figures", "bucket_seconds", "buckets"],
          "properties": {
            "total": { "type": "integer", "description": "Runs that match." },
            "by_status": { "type": "object", "properties": { {{Counts}} } },
            "success_rate": { "type": ["number", "null"], "description": "Completed among those that completed or failed, 0 to 1; canceled runs are neither." },
            "complete": { "type": "boolean", "description": "False: there are, or may be, more than were counted." },
            "since": { "type": ["string", "null"], "format": "date-time", "description": "Not complete: only runs that began later were counted. Null then: hours at the ends of the range were counted whole." },
            "source": { "type": "string", "enum": ["rollups", "scan"], "description": "`rollups`: exact, where the filter asks for status, workflow, type, env, version, trigger, lane and time alone and the range is longer than six hours. `scan`: the newest 50,000 runs at most, for 300 ms at most." },
            "figures": { "type": "object", "description": "What they took. With a condition on the status these come from a scan, even where the counts do not.", "properties": {
              "runs": { "type": "integer", "description": "Over how many runs." }, "complete": { "type": "boolean" }, "since": { "type": ["string", "null"], "format": "date-time" },
              "duration_ms": { "type": "object", "description": "Over those that ended with a duration.", "properties": {
                "count": { "type": "integer" }, "avg": { "type": ["number", "null"] }, "p50": { "type": ["number", "null"], "description": "At most 1% off." }, "p95": { "type": ["number", "null"], "description": "At most 1% off." } } },
              "tokens": { "type": "integer" }, "cost_usd": { "type": "number" } } },
            "bucket_seconds": { "type": "integer", "description": "Length of a bucket; the range may cut the first and the last short." },
            "buckets": { "type": "array", "description": "When they began, oldest first, without a gap.", "items": { "type": "object", "properties": {
              "from": { "type": "string", "format": "date-time" }, "to": { "type": "string", "format": "date-time" }, "total": { "type": "integer" }, {{Counts}} } } }
          }
        }
        """;

    public static ApiDoc Stats { get; } = new("Figures of runs")
    {
        Tag = "Runs",
        Description = "How many runs a filter matches, how many of each status, when they began, how long they took and what they cost: what stands above the list in the browser. Order and place in the list do not count.",
        Parameters =
        [
            .. RunFilterDocs.Parameters.Where(p => p.Name is not ("sort" or "limit" or "next_token" or "page")),
            new("buckets", "Most stretches of time; their length is chosen so that people can read it.", """{"type":"integer","minimum":1,"maximum":200,"default":40}"""),
            new("utc_offset", "Minutes by which the reader's clock is ahead of UTC: long buckets begin with the reader's day.", """{"type":"integer","minimum":-840,"maximum":840,"default":0}"""),
        ],
        Answers = [new(200, "The figures.", Answer), new(400, "A parameter is not what it should be; every fault is told.", "Problem")],
    };
}
