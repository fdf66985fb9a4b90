using RunHub.Otlp;
using RunHub.Otlp.Map;
using RunHub.Otlp.Wire;
using static RunHub.UnitTests.Otlp.Spans;

namespace RunHub.UnitTests.Otlp;

public sealed class MapTracesTests
{
    [Fact]
    public void Ids_follow_from_tenant_trace_and_span()
    {
        var run = Run(Of("a", 1, 0), Of("b", 2, 1));
        Assert.Equal(Ids.OfTrace(1, Trace), run.Id);
        Assert.Equal(Ids.OfSpan(1, Trace, 2.ToString("x16")), run.Steps![1].Id);
        Assert.Equal(run.Steps[0].Id, run.Steps[1].ParentStepId);
        Assert.NotEqual(Ids.OfTrace(2, Trace), run.Id);
        Assert.Null(Ids.WhatIsWrong(run.Id!));
    }

    [Fact]
    public void A_bad_span_is_refused_alone()
    {
        var zero = Of("zero", 2, 1);
        zero.SpanId = new string('0', 16);
        var shorter = Of("short", 3, 1);
        shorter.TraceId = "abcd";
        var timeless = Of("timeless", 4, 1);
        timeless.Start = 0;
        var ahead = Of("ahead", 5, 1);
        (ahead.Start, ahead.End) = (ulong.MaxValue - 1, ulong.MaxValue);
        var mapped = MapTraces.Map([zero, Of("good", 1, 0), shorter, timeless, ahead], 1, Rules(), Now);
        Assert.Equal(4, mapped.Rejected);
        Assert.Contains("span_id", mapped.Reason, StringComparison.Ordinal);
        Assert.Equal("good", Assert.Single(Assert.Single(mapped.Batch.Runs).Steps!).Name);
    }

    [Fact]
    public void Names_that_do_not_fit_are_cut_and_never_cost_the_span()
    {
        var step = Step(Of(new string('x', 300) + "\u0000\n", 1, 0));
        Assert.Equal(256, step.Name!.Length);
        Assert.Equal("span", Step(Of("\n\u0000", 1, 0)).Name);
    }

    [Fact]
    public void Resource_and_conversation_become_workflow_environment_thread_and_version()
    {
        var span = Of("chat", 1, 0, ("gen_ai.conversation.id", "conv"), ("tag.tags", new[] { "a", "b" }));
        span.Resource = new Resource { Attributes = Set(("service.name", "invoices"), ("service.version", "1.4"), ("deployment.environment", "stage")) };
        var run = Run(span);
        Assert.Equal(("invoices", "1.4", "stage", "conv", "otlp"), (run.WorkflowName, run.WorkflowVersion, run.Environment, run.ThreadId, run.Type));
        Assert.Equal(["a", "b"], run.Tags!);
    }

    [Fact]
    public void What_an_SDK_says_when_nobody_said_anything_does_not_count()
    {
        var span = Of("answer", 1, 0);
        span.Resource = new Resource { Attributes = Set(("service.name", "unknown_service:node"), ("openinference.project.name", "default")) };
        Assert.Equal(("answer", "prod"), (Run(span).WorkflowName, Run(span).Environment));
    }

    [Fact]
    public void A_tenant_may_name_its_own_attributes_and_defaults()
    {
        var rules = Rules(new OtlpOptions { Environment = "dev" }, """{"type":"agent","root":"entry","silence_minutes":3,"attributes":{"workflow_name":["flow"],"thread_id":["chat"]}}""");
        var span = Of("x", 1, 9, ("flow", "mine"), ("chat", 42), ("gen_ai.conversation.id", "other"));
        span.Flags = 0x301;
        var run = Assert.Single(MapTraces.Map([span], 1, rules, Now).Batch.Runs);
        Assert.Equal(("mine", "42", "agent", "dev"), (run.WorkflowName, run.ThreadId, run.Type, run.Environment));
        Assert.NotNull(run.Derived!.Root);
        Assert.Equal(TimeSpan.FromMinutes(3), rules.Silence);
    }

    [Fact]
    public void A_span_with_a_remote_parent_is_no_root_unless_the_tenant_says_so()
    {
        var span = Of("x", 1, 9);
        span.Flags = 0x301;
        Assert.Null(Run(span).Derived!.Root);
    }

    [Fact]
    public void The_order_of_spans_in_a_request_does_not_matter()
    {
        Span[] spans = [Of("root", 1, 0, ("gen_ai.agent.name", "A")), Of("child", 2, 1, ("gen_ai.agent.name", "B"), ("session.id", "s")), Of("other", 3, 1, ("user.id", "u"))];
        var (there, back) = (Run(spans), Run([.. spans.Reverse()]));
        Assert.Equal("A", there.AgentId);
        Assert.Equal((there.AgentId, there.Name, there.ThreadId, there.StartedBy, there.WorkflowName), (back.AgentId, back.Name, back.ThreadId, back.StartedBy, back.WorkflowName));
        Assert.Equal(there.Derived!.Keys.OrderBy(k => k.Key), back.Derived!.Keys.OrderBy(k => k.Key));
    }
}
