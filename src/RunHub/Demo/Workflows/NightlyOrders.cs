using System.Globalization;
using System.Text.Json.Nodes;

namespace RunHub.Demo.Workflows;

/// <summary>Loads the day's orders of one region into the warehouse, at a quarter past two, three and four.</summary>
static class NightlyOrders
{
    public static RunScript Write(Scene scene)
    {
        var draw = scene.Draw;
        var region = scene.Batch is not null ? "all" : scene.At.Hour switch { 2 => "emea", 3 => "amer", _ => "apac" };
        var day = scene.Batch is not null ? $"2026-03-{scene.Day:00}" : scene.At.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var (orders, rejected) = (draw.Between(21_000, 61_000), draw.Between(0, 90));
        var minutes = orders / 9_000.0;
        var run = new RunScript
        {
            Id = draw.Id("run_", scene.At), Tenant = scene.Cast.Tenant.Id, Type = "etl", Workflow = "nightly_orders_etl", Version = scene.Version, CreatedAt = scene.At,
            Queued = TimeSpan.FromMilliseconds(draw.Millis(40)), Trigger = scene.Batch is null ? "schedule" : "manual", StartedBy = scene.Batch is null ? "scheduler" : scene.Cast.Tenant.Operators[1],
            Actor = scene.Batch is null ? "system" : "human", Batch = scene.Batch, BusinessEvent = $"dwh:orders/{region}/{day}",
            Inputs = new JsonObject { ["region"] = region, ["day"] = day }, Outputs = new JsonObject { ["orders"] = orders, ["rejected"] = rejected, ["tables"] = new JsonArray("fact_orders", "fact_order_lines", "dim_customers") },
        };
        run.Tags.AddRange(["etl", "warehouse"]);
        var bad = new JsonArray([.. Enumerable.Range(0, Math.Min(rejected, 25)).Select(_ => (JsonNode)new JsonObject { ["order"] = draw.Between(2_000_000, 2_999_999), ["reason"] = draw.Pick(["unknown currency", "customer not found", "negative quantity"]) })]);
        run.Steps.AddRange(
        [
            new("extract_orders", StepType.Io, draw.Millis(46_000 * minutes / 4)) { Label = "Extract orders", Tool = "shop-replica", Endpoint = "postgres://shop-replica.acme.example/shop", Input = new JsonObject { ["query"] = "SELECT * FROM orders WHERE placed_on = :day AND region = :region" }, Output = new JsonObject { ["rows"] = orders } },
            new("extract_customers", StepType.Io, draw.Millis(14_000)) { Label = "Extract customers", Tool = "shop-replica", Output = new JsonObject { ["rows"] = orders / 3 } },
            new("transform", StepType.Tool, draw.Millis(31_000 * minutes / 4)) { Label = "Clean and convert", Tool = "frames", Parameters = new JsonObject { ["currency"] = "EUR", ["drop_test_orders"] = true }, Output = new JsonObject { ["rows"] = orders - rejected, ["rejected"] = rejected, ["examples"] = bad } },
            new("check_totals", StepType.Decision, draw.Millis(800)) { Label = "Compare totals", Output = new JsonObject { ["difference_pct"] = Math.Round(draw.Between(0, 0.04), 3), ["accepted"] = true } },
            new("load_warehouse", StepType.Io, draw.Millis(58_000 * minutes / 4)) { Label = "Load warehouse", Tool = "warehouse", Endpoint = "merge fact_orders", Retries = draw.Chance(0.1) ? 1 : 0, Output = new JsonObject { ["inserted"] = orders - rejected, ["updated"] = draw.Between(100, 900) } },
            new("refresh_views", StepType.Io, draw.Millis(21_000)) { Label = "Refresh views", Tool = "warehouse", Output = new JsonObject { ["views"] = 14 } },
        ]);
        return run;
    }
}
