using RunHub.Access;
using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Rollups;

namespace RunHub.IntegrationTests.Store;

public sealed class IngestTests
{
    static readonly DateTimeOffset Start = new(2025, 10, 28, 10, 14, 2, TimeSpan.Zero);

    [Theory, Engines]
    public async Task A_new_run_is_stored_with_steps_payloads_tags_notes_and_one_event(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        var result = await store.WriteAsync(Invoice());

        var accepted = Assert.Single(result.Accepted);
        Assert.True(accepted.Created);
        var stored = await store.ReadAsync("run_1");
        Assert.Equal("invoice_extraction", stored.Run.WorkflowName);
        Assert.Equal("""{ "pages": 2 }""", stored.Run.InputsSummary.ToString());
        Assert.Equal("""{"total":1732.550}""", stored.Run.OutputsSummary.ToString());
        Assert.Equal(["invoice", "prod"], stored.Run.Tags);
        Assert.Equal("Valid totals.", Assert.Single(stored.Run.Annotations!).Note);
        Assert.Equal(["fetch", "extract"], stored.Steps.Select(s => s.Step.Name));
        Assert.Equal("""{"temperature":0}""", stored.Steps[1].Step.Parameters.ToString());
        Assert.Equal(2200, stored.Run.Tokens);
        Assert.Equal(1, await store.CountAsync("events"));
        Assert.Equal(2, await store.CountAsync("run_tags"));
    }

    [Theory, Engines]
    public async Task Sending_the_same_twice_changes_nothing(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(Invoice());
        var again = await store.WriteAsync(Invoice());

        Assert.False(Assert.Single(again.Accepted).Created);
        Assert.Equal(1, await store.CountAsync("runs"));
        Assert.Equal(2, await store.CountAsync("steps"));
        Assert.Equal(1, await store.CountAsync("payloads"));
        Assert.Equal(1, await store.CountAsync("annotations"));
        Assert.Equal(1, await store.CountAsync("events"));
    }

    [Theory, Engines]
    public async Task What_is_absent_keeps_and_what_is_cleared_goes(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(Invoice());
        await store.WriteAsync(new RunWrite { Id = "run_1", Owner = "ada" });
        await store.WriteAsync(new RunWrite { Id = "run_1", Clear = ["actor", "tags"] });

        var stored = await store.ReadAsync("run_1");
        Assert.Equal("ada", stored.Run.Owner);
        Assert.Null(stored.Run.Actor);
        Assert.Empty(stored.Run.Tags!);
        Assert.Equal("""{ "pages": 2 }""", stored.Run.InputsSummary.ToString());
        Assert.Equal(0, await store.CountAsync("run_tags"));
        Assert.Equal(3, await store.CountAsync("events"));
    }

    [Theory, Engines]
    public async Task A_final_status_stays_an_earlier_one_is_ignored_and_another_final_one_is_refused(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(new RunWrite { Id = "r", WorkflowName = "w", Status = RunStatus.Completed, StartedAt = Start });
        var late = await store.WriteAsync(new RunWrite { Id = "r", Status = RunStatus.Running, Owner = "bo" });
        var other = await store.WriteAsync(new RunWrite { Id = "r", Status = RunStatus.Failed, Owner = "eve" });

        Assert.Equal(RunStatus.Completed, Assert.Single(late.Accepted).Status);
        var refused = Assert.Single(other.Rejected);
        Assert.Equal((409, "$.status"), (refused.Status, refused.Path));
        Assert.Equal("bo", (await store.ReadAsync("r")).Run.Owner);
    }

    [Theory, Engines]
    public async Task A_batch_writes_what_is_valid_and_names_what_is_not(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        var result = await store.WriteAsync(
            new RunWrite { Id = "a", WorkflowName = "w" },
            new RunWrite { Id = "b/c", WorkflowName = "w" },
            new RunWrite { Id = "d" },
            new RunWrite { Id = "e", WorkflowName = "w", TenantId = "other" },
            new RunWrite { Id = "f", WorkflowName = "w", StartedAt = Start, CompletedAt = Start.AddSeconds(-1) });

        Assert.Equal("a", Assert.Single(result.Accepted).Id);
        Assert.Equal([(1, 400, "$.id"), (2, 400, "$.workflow_name"), (3, 403, "$.tenant_id"), (4, 400, "$.completed_at")],
            result.Rejected.OrderBy(r => r.Index).Select(r => (r.Index, r.Status, r.Path)));
        Assert.Equal(1, await store.CountAsync("runs"));
    }

    [Theory, Engines]
    public async Task An_atomic_batch_with_one_bad_item_writes_nothing(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(new RunWrite { Id = "done", WorkflowName = "w", Status = RunStatus.Completed });
        var result = await store.Ingest.HandleAsync(store.Caller, new RunBatch
        {
            Runs = [new RunWrite { Id = "a", WorkflowName = "w" }, new RunWrite { Id = "done", Status = RunStatus.Failed }],
        }, atomic: true, default);

        Assert.Empty(result.Accepted);
        Assert.Equal(1, Assert.Single(result.Rejected).Index);
        Assert.Equal(1, await store.CountAsync("runs"));
    }

    [Theory, Engines]
    public async Task Steps_are_merged_by_id_and_the_run_keeps_their_sums(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(new RunWrite { Id = "r", WorkflowName = "w", Status = RunStatus.Running });
        await store.WriteAsync(new RunWrite { Id = "r", Steps = [new StepWrite { Id = "s1", Name = "one", Tokens = 10, Model = "m1", Input = JsonPayload.Parse("[1]") }] });
        await store.WriteAsync(new RunWrite { Id = "r", Steps = [new StepWrite { Id = "s1", Status = RunStatus.Failed, Tokens = 15, ErrorMessage = "HTTP 503", ErrorStack = "at x" }, new StepWrite { Id = "s2", Name = "two", Model = "m2" }] });
        await store.WriteAsync(new RunWrite { Id = "r", Status = RunStatus.Failed });

        var stored = await store.ReadAsync("r");
        Assert.Equal(15, stored.Run.Tokens);
        Assert.Equal(("HTTP 503", "s1", "transient"), (stored.Run.ErrorMessage, stored.Run.ErrorStepId, stored.Run.ErrorClass));
        Assert.Equal("[1]", stored.Steps[0].Step.Input.ToString());
        Assert.Equal("at x", stored.Steps[0].Step.ErrorStack);
        var row = await store.RowAsync("r");
        Assert.Equal((2, 1, "one"), (row.StepCount, row.FailedSteps, row.FailedNode));
        Assert.Equal(["m1", "m2"], TextList.Split(row.Models));
    }

    [Theory, Engines]
    public async Task Payloads_over_many_chunks_come_back_whole(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        var big = JsonPayload.String(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"línea {i} ")));
        await store.WriteAsync(new RunWrite { Id = "r", WorkflowName = "w", InputsSummary = JsonPayload.String("small"), OutputsSummary = big, Steps = [new StepWrite { Id = "s", Name = "n", Output = big }] });

        var stored = await store.ReadAsync("r");
        Assert.True(big.Utf8.Span.SequenceEqual(stored.Run.OutputsSummary!.Value.Utf8.Span));
        Assert.True(big.Utf8.Span.SequenceEqual(stored.Steps[0].Step.Output!.Value.Utf8.Span));
    }

    [Theory, Engines]
    public async Task Extras_are_merged_and_cleared(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(new RunWrite { Id = "r", WorkflowName = "w", AdapterData = JsonPayload.Parse("""{"k":1.0}"""), ErrorStack = "at a", ErrorMessage = new string('x', 5000) });
        await store.WriteAsync(new RunWrite { Id = "r", ExperienceNotes = "fine" });
        await store.WriteAsync(new RunWrite { Id = "r", Clear = ["error_stack"] });

        var run = (await store.ReadAsync("r")).Run;
        Assert.Equal(("""{"k":1.0}""", null, "fine", 5000), (run.AdapterData.ToString(), run.ErrorStack, run.ExperienceNotes, run.ErrorMessage!.Length));
    }

    [Theory, Engines]
    public async Task Rollups_follow_every_change_and_folding_loses_nothing(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(new RunWrite { Id = "r", WorkflowName = "w", StartedAt = Start, Steps = [new StepWrite { Id = "s", Name = "n", Tokens = 5 }] });
        Assert.True(await store.Hub.Get<FoldRollups>().HandleAsync(default) > 0);
        await store.WriteAsync(new RunWrite { Id = "r", WorkflowVersion = "2", Status = RunStatus.Completed, DurationMs = 1500, Steps = [new StepWrite { Id = "s", Tokens = 7 }] });
        await store.Hub.Get<FoldRollups>().HandleAsync(default);

        var cells = await store.CellsAsync("run_rollups");
        var total = new RollupCell();
        foreach (var cell in cells) total.Add(cell);
        Assert.Equal((1, 0, 1), (total.Total, total.ByStatus[(int)RunStatus.Running], total.ByStatus[(int)RunStatus.Completed]));
        Assert.Equal(7, total.Tokens);
        Assert.InRange(total.Durations.Quantile(0.5)!.Value, 1485, 1515);
        var steps = new RollupCell();
        foreach (var cell in await store.CellsAsync("step_rollups")) steps.Add(cell);
        Assert.Equal((1, 7), (steps.Total, steps.Tokens));
        Assert.Equal(0, await store.CountAsync("rollup_deltas"));
    }

    [Theory, Engines]
    public async Task Deleting_a_run_leaves_no_row_of_it_but_audit_and_a_last_event(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(Invoice());
        var report = await store.Hub.Get<DeleteRuns>().HandleAsync(store.Caller, ["run_1", "nope"], default);

        Assert.Equal(["run_1"], report.Deleted);
        Assert.Equal("nope", Assert.Single(report.Failed).Id);
        Assert.Equal(2, report.Rows["steps"]);
        foreach (var table in new[] { "runs", "steps", "payloads", "annotations", "run_tags" }) Assert.Equal(0, await store.CountAsync(table));
        Assert.Equal(1, await store.CountAsync("events"));
        Assert.Equal(1, await store.CountAsync("audit"));
    }

    [Theory, Engines]
    public async Task Many_writers_at_once_all_get_their_answer_and_every_run_is_there(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        var results = await Task.WhenAll(Enumerable.Range(0, 400).Select(i =>
            Task.Run(() => store.WriteAsync(new RunWrite { Id = $"run_{i % 100}", WorkflowName = "w", Tags = [$"t{i}"], Steps = [new StepWrite { Id = $"s{i}", Name = "n" }] }))));

        Assert.Equal(100, results.Sum(r => r.Accepted.Count(a => a.Created)));
        Assert.Equal(100, await store.CountAsync("runs"));
        Assert.Equal(400, await store.CountAsync("steps"));
    }

    [Theory, Engines]
    public async Task The_same_business_event_is_one_run_while_it_is_open_or_completed(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        await store.WriteAsync(new RunWrite { Id = "a", WorkflowName = "w", BusinessEventId = "e", Status = RunStatus.Running });
        var open = Assert.Single((await store.WriteAsync(new RunWrite { Id = "b", WorkflowName = "w", BusinessEventId = "e" })).Accepted);
        await store.WriteAsync(new RunWrite { Id = "a", Status = RunStatus.Completed });
        var late = Assert.Single((await store.WriteAsync(new RunWrite { Id = "b", Status = RunStatus.Failed })).Accepted);
        await store.WriteAsync(new RunWrite { Id = "c", WorkflowName = "other", BusinessEventId = "e" }, new RunWrite { Id = "d", WorkflowName = "w", BusinessEventId = "e", ParentRunId = "a" });

        Assert.Equal(("a", false, true), (open.Id, open.Created, open.IsDuplicate));
        Assert.Equal(("a", true, RunStatus.Completed), (late.Id, late.IsDuplicate, late.Status));
        Assert.Equal(3, await store.CountAsync("runs"));
        Assert.Equal("a", (await store.RowAsync("d")).RootRunId);
    }

    [Theory, Engines]
    public async Task After_a_failure_the_same_business_event_is_the_next_attempt(string engine)
    {
        await using var store = await Store.StartAsync(engine);
        foreach (var id in new[] { "a", "b", "c" })
            await store.WriteAsync(new RunWrite { Id = id, WorkflowName = "w", BusinessEventId = "e", Status = id == "b" ? RunStatus.Canceled : RunStatus.Failed });

        Assert.Equal([(1L, null), (2L, "a"), (3L, "a")], new[] { await store.RowAsync("a"), await store.RowAsync("b"), await store.RowAsync("c") }.Select(r => (r.Attempt!.Value, r.RootRunId)));
    }

    static RunWrite Invoice() => new()
    {
        Id = "run_1",
        TenantId = "acme-inc",
        WorkflowName = "invoice_extraction",
        WorkflowVersion = "1.8.3",
        Environment = "prod",
        Status = RunStatus.Completed,
        StartedAt = Start,
        CompletedAt = Start.AddSeconds(2),
        DurationMs = 2120,
        Actor = "system",
        InputsSummary = JsonPayload.Parse("""{ "pages": 2 }"""),
        OutputsSummary = JsonPayload.Parse("""{"total":1732.550}"""),
        Tags = ["invoice", "prod", "invoice"],
        Annotations = [new AnnotationWrite("ops@acme", "Valid totals.", Start.AddMinutes(2))],
        Steps =
        [
            new StepWrite { Id = "s1", Name = "fetch", Type = StepType.Tool, Status = RunStatus.Completed },
            new StepWrite { Id = "s2", Name = "extract", Type = StepType.Model, Status = RunStatus.Completed, Tokens = 2200, Parameters = JsonPayload.Parse("""{"temperature":0}""") },
        ],
    };

    sealed class Store(TestHub hub, Caller caller) : IAsyncDisposable
    {
        public TestHub Hub => hub;

        public Caller Caller => caller;

        public IngestRuns Ingest => hub.Get<IngestRuns>();

        public static async Task<Store> StartAsync(string engine)
        {
            var hub = await TestHub.StartAsync(engine);
            var no = await hub.Get<WriteLane>().Run((scope, ct) => new ValueTask<long>(scope.Sql.Prepare(
                "INSERT INTO tenants (id, name, created_at) VALUES (@id, @name, @created_at) RETURNING tenant_no").With("acme-inc", "Acme", scope.Now).ScalarAsync<long>(ct)), default);
            return new Store(hub, new Caller(CallerKind.Key, 1, "tests", new Tenant(no, "acme-inc", "Acme"), Role.None, KeyScopes.Admin, false));
        }

        public Task<IngestResult> WriteAsync(params RunWrite[] runs) => Ingest.HandleAsync(caller, new RunBatch { Runs = runs }, atomic: false, default);

        public async Task<RunRow> RowAsync(string id)
        {
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            return (await RunReader.FindAsync(sql, caller.Tenant.No, id, default))!;
        }

        public async Task<RunHub.Plugins.StoredRun> ReadAsync(string id)
        {
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            return await StoredRuns.ReadAsync(sql, (await RunReader.FindAsync(sql, caller.Tenant.No, id, default))!, caller.Tenant.Id, default);
        }

        public async Task<long> CountAsync(string table)
        {
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            return await sql.Prepare($"SELECT count(*) FROM {table}").ScalarAsync<long>(default);
        }

        public async Task<List<RollupCell>> CellsAsync(string table)
        {
            await using var sql = await hub.Get<Database>().ReadAsync(default);
            return await sql.Prepare($"SELECT data FROM {table}").ListAsync(r => RollupCell.FromBytes((byte[])r.GetValue(0)), default);
        }

        public ValueTask DisposeAsync() => hub.DisposeAsync();
    }
}
