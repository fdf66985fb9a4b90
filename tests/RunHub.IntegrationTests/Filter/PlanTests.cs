using RunHub.Filter;
using RunHub.Store;

namespace RunHub.IntegrationTests.Filter;

/// <summary>The usual filters and pairs walk an index in the order of the list: nothing is sorted, nothing is scanned.</summary>
public sealed class PlanTests(PlanTests.SharedHub shared) : IClassFixture<PlanTests.SharedHub>
{
    [Theory]
    [InlineData("", "ix_runs_sort", 1, false)]
    [InlineData("lane=all", "ix_runs_sort", 2, false)]
    [InlineData("lane=backfill", "ix_runs_sort", 1, false)]
    [InlineData("sort=started_at", "ix_runs_sort", 1, false)]
    [InlineData("from=2026-01-01", "ix_runs_sort", 1, false)]
    [InlineData("from=2026-01-01&to=2026-02-01&sort=started_at", "ix_runs_sort", 1, false)]
    [InlineData("status=failed", "ix_runs_status", 1, false)]
    [InlineData("status=failed,canceled&lane=all", "ix_runs_status", 4, false)]
    [InlineData("status=failed&from=24h", "ix_runs_status", 1, false)]
    [InlineData("workflow=w", "ix_runs_workflow", 6, false)]
    [InlineData("workflow=w,x&from=24h&to=1h", "ix_runs_workflow", 12, false)]
    [InlineData("workflow=w&status=failed", "ix_runs_workflow", 1, false)]
    [InlineData("workflow=w&status=failed&sort=status", "ix_runs_workflow", 1, false)]
    [InlineData("workflow=w,x,y,z&lane=all", "ix_runs_workflow", 48, false)]
    [InlineData("workflow=w&env=prod", "ix_runs_workflow", 6, true)]
    [InlineData("workflow=w&type=t", "ix_runs_workflow", 6, true)]
    [InlineData("workflow=w&version=2", "ix_runs_workflow", 6, true)]
    [InlineData("type=t", "ix_runs_type", 6, false)]
    [InlineData("type=t&status=failed,running", "ix_runs_type", 2, false)]
    [InlineData("type=t&from=24h", "ix_runs_type", 6, false)]
    [InlineData("type=t&env=prod", "ix_runs_type", 6, true)]
    [InlineData("env=prod", "ix_runs_environment", 6, false)]
    [InlineData("env=prod&status=failed", "ix_runs_environment", 1, false)]
    [InlineData("env=prod&to=2026-01-01", "ix_runs_environment", 6, false)]
    [InlineData("tag=a", "run_tags", 1, true)]
    [InlineData("tag=a&lane=all", "run_tags", 1, false)]
    [InlineData("tag=a,b&from=24h", "run_tags", 2, true)]
    [InlineData("tag=a&status=failed", "run_tags", 1, true)]
    [InlineData("batch=b", "ix_runs_batch", 1, false)]
    [InlineData("parent=p", "ix_runs_parent", 1, false)]
    [InlineData("trace=t", "ix_runs_trace", 1, false)]
    [InlineData("fingerprint=f", "ix_runs_fingerprint", 1, false)]
    [InlineData("business_event=e", "ix_runs_business_event", 1, true)]
    [InlineData("lead=l&status=failed", "ix_runs_lead", 1, true)]
    [InlineData("thread=t", "ix_runs_thread", 1, true)]
    [InlineData("agent=a&status=failed", "ix_runs_agent", 1, true)]
    [InlineData("owner=o", "ix_runs_sort", 1, true)]
    [InlineData("error_code=E&status=failed", "ix_runs_status", 1, true)]
    [InlineData("hitl=requested&resolved=false", "ix_runs_sort", 1, true)]
    public async Task Walks_an_index_in_the_order_of_the_list(string query, string index, int branches, bool asksMore)
    {
        var plan = await shared.Hub.Get<RunQuery>().ExplainAsync(SeedRuns.Tenant, RunFilter.Parse(query), default);
        Assert.Equal((index, branches, asksMore), (plan.Indexes[0], plan.Branches, plan.AsksMore));
        var walks = plan.Lines.Where(l => l.Contains("tenant_no=?", StringComparison.Ordinal)).ToList();
        Assert.Equal(branches, walks.Count);
        Assert.All(walks, l => Assert.Contains("sort_at", l, StringComparison.Ordinal));
        Assert.All(walks, l => Assert.Contains(index == "run_tags" ? "PRIMARY KEY" : "COVERING INDEX " + index, l, StringComparison.Ordinal));
        Assert.Single(plan.Lines, l => l.Contains("INTEGER PRIMARY KEY (rowid=?)", StringComparison.Ordinal));
        Assert.DoesNotContain(plan.Lines, l => l.Contains("TEMP B-TREE", StringComparison.Ordinal) || l.Contains("MATERIALIZE", StringComparison.Ordinal)
            || l.Contains("AUTOMATIC", StringComparison.Ordinal) || l.Contains("SCAN TABLE", StringComparison.Ordinal) || l.Contains("SCAN runs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_workflow_prefix_walks_the_workflows_it_stands_for()
    {
        await using var hub = await TestHub.StartAsync();
        await hub.SeedAsync(Enumerable.Range(1, 40).Select(n => SeedRuns.Row(n, r => r.WorkflowName = n % 4 == 0 ? "mail" : $"inv_{n % 3}")));
        var plan = await hub.Get<RunQuery>().ExplainAsync(SeedRuns.Tenant, RunFilter.Parse("workflow=inv*,mail&status=failed"), default);
        Assert.Equal(("ix_runs_workflow", 4, false), (plan.Indexes[0], plan.Branches, plan.AsksMore));
    }

    [Fact]
    public async Task Too_many_combinations_fall_back_to_a_wider_index()
    {
        var plan = await shared.Hub.Get<RunQuery>().ExplainAsync(SeedRuns.Tenant, RunFilter.Parse("workflow=a,b,c,d,e,f,g,h,i&status=failed,running,queued,completed,canceled,waiting_human"), default);
        Assert.Equal(("ix_runs_sort", 1, true), (plan.Indexes[0], plan.Branches, plan.AsksMore));
    }

    [Theory, Engines]
    public async Task The_walks_of_several_statuses_are_merged_and_not_sorted(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await hub.SeedAsync(Enumerable.Range(1, 3000).Select(n => SeedRuns.Row(n, r => (r.WorkflowName, r.Status) = ("w" + n % 3, (RunStatus)(n % 6)))));
        if (hub.Get<Database>().Postgres is { } postgres)
        {
            await using var analyze = postgres.CreateCommand("ANALYZE");
            await analyze.ExecuteNonQueryAsync();
        }

        foreach (var text in new[] { "workflow=w1", "workflow=w1&env=dev", "owner=x&lane=all", "type=crafter&version=2&status=failed,running" })
        {
            var plan = await hub.Get<RunQuery>().ExplainAsync(SeedRuns.Tenant, RunFilter.Parse(text), default);
            Assert.Contains(plan.Lines, l => l.Contains(engine == "Sqlite" ? "MERGE" : "Merge Append", StringComparison.Ordinal));
            Assert.DoesNotContain(plan.Lines, l => l.Contains("Sort  (", StringComparison.Ordinal) || l.Contains("Seq Scan", StringComparison.Ordinal)
                || l.Contains("Hash", StringComparison.Ordinal) || l.Contains("TEMP B-TREE", StringComparison.Ordinal));
        }
    }

    [Theory, Engines]
    public async Task A_span_and_the_work_of_an_event_are_found_by_index(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await using var sql = await hub.Get<Database>().ReadAsync(default);
        // The tables are empty: PostgreSQL would rather read them.
        if (!sql.IsSqlite) await sql.Prepare("SET enable_seqscan = off").ExecuteAsync(default);
        foreach (var (index, question) in new[]
        {
            ("ix_steps_span", "SELECT run_no, id FROM steps WHERE run_no BETWEEN 1 AND 1099511627776 AND span_id = 'x' ORDER BY run_no DESC, id LIMIT 1"),
            ("ix_runs_business_event", "SELECT id FROM runs WHERE tenant_no = 1 AND business_event_id = 'e' AND workflow_name = 'w' AND parent_run_id IS NULL ORDER BY sort_at DESC, run_no DESC LIMIT 50"),
        })
        {
            var plan = await sql.Prepare((sql.IsSqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + question).ListAsync(r => r.GetString(sql.IsSqlite ? 3 : 0), default);
            Assert.Contains(plan, l => l.Contains(index, StringComparison.Ordinal));
        }
    }

    [Theory, Engines]
    public async Task Questions_of_one_shape_are_one_statement(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var query = hub.Get<RunQuery>();
        var a = await query.ExplainAsync(SeedRuns.Tenant, RunFilter.Parse("workflow=a&status=failed&from=24h&limit=20&owner=x,y,z,u,v"), default);
        var b = await query.ExplainAsync(SeedRuns.Tenant, RunFilter.Parse("workflow=b&status=queued&to=1h&limit=50&owner=x,y,z,u,v,w"), default);
        Assert.Equal(a.Sql, b.Sql);
    }

    public sealed class SharedHub : IAsyncLifetime
    {
        public TestHub Hub { get; private set; } = null!;

        public async Task InitializeAsync() => Hub = await TestHub.StartAsync();

        public async Task DisposeAsync() => await Hub.DisposeAsync();
    }
}
