using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Modules.Slots;
using RunHub.Plugins;
using RunHub.Runs.Lineage;
using RunHub.Store;
using RunHub.Store.Annotations;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary>A run as its page and the slide-over show it; its sections come from other modules.</summary>
/// <param name="Run">The row.</param>
/// <param name="ErrorMessage">The whole message.</param>
/// <param name="ErrorStack">Its stack.</param>
/// <param name="Inputs">Its inputs.</param>
/// <param name="Outputs">Its outputs.</param>
/// <param name="Notes">Its annotations, oldest first.</param>
/// <param name="LeadUrl">Where its lead is; null: it has none.</param>
/// <param name="EventUrl">Where its business event is at home; null: nobody said.</param>
/// <param name="TypeName">Workflow type, for people.</param>
/// <param name="Sections">What other modules show of it.</param>
/// <param name="Tabs">Tabs of other modules.</param>
/// <param name="Tab">The tab that is shown; null: the steps.</param>
/// <param name="Lineage">Where it comes from and what came of it; null: a tab is shown that does not say.</param>
/// <param name="InPanel">In the slide-over.</param>
public sealed record RunView(RunRow Run, string? ErrorMessage, string? ErrorStack, JsonBlock? Inputs, JsonBlock? Outputs,
    IReadOnlyList<AnnotationRow> Notes, string? LeadUrl, string? EventUrl, string TypeName, IReadOnlyList<ShownSection> Sections, IReadOnlyList<RunTab> Tabs, RunTab? Tab, RunLineage? Lineage, bool InPanel)
{
    /// <summary>The id without what all ids begin with.</summary>
    public string ShortId => Run.Id.StartsWith("run_", StringComparison.Ordinal) ? Run.Id[4..] : Run.Id;

    /// <summary>Title of its page.</summary>
    public string Title => Run.WorkflowName + " · " + Run.Id;

    /// <summary>The run's own page.</summary>
    public string Url => "/runs/" + Uri.EscapeDataString(Run.Id);

    /// <summary>Its tags.</summary>
    public string[] Tags => TextList.Split(Run.TagsText);

    /// <summary>The version with the letter people expect.</summary>
    public string? Version => Format.Version(Run.WorkflowVersion);
}

/// <summary>A section of another module's.</summary>
/// <param name="Section">Its place.</param>
/// <param name="Content">What came with the page; null: asked for by URL.</param>
public sealed record ShownSection(RunSection Section, HtmlBuffer? Content);

/// <summary>A tab's content.</summary>
/// <param name="Tab">The tab.</param>
/// <param name="Run">The run.</param>
public sealed record RunTabContent(RunTab Tab, RunRow Run);

/// <summary>Reads what a run's page shows.</summary>
public sealed class ReadRun(Database database, SlotTable slots, WorkflowTypes types, EventLinks eventLinks)
{
    /// <summary>The run with this public id in the caller's tenant.</summary>
    /// <param name="context">The request of who looks.</param>
    /// <param name="id">The run.</param>
    /// <param name="tabKey">Which tab; null or unknown: the steps.</param>
    /// <param name="inPanel">For the slide-over.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">404.</exception>
    public async Task<RunView> HandleAsync(HttpContext context, string id, string? tabKey, bool inPanel, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var tabs = slots.RunTabs.Where(t => caller.May(t.Needs)).ToList();
        var tab = tabs.Find(t => string.Equals(t.Key, tabKey, StringComparison.Ordinal));
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, caller.Tenant.No, id, cancellationToken);
        var payloads = new RunPayloads(sql, run.RunNo);
        payloads.Want(run.Extra);
        if (tab is null)
        {
            payloads.Want(AtOnce(run.Inputs));
            payloads.Want(AtOnce(run.Outputs));
        }

        await payloads.LoadAsync(cancellationToken);
        var notes = tab is null ? await ReadAnnotations.OfAsync(sql, run, cancellationToken) : [];
        var lineage = tab is null ? await RunLineage.ReadAsync(sql, run, LineageHtml.Shown, cancellationToken) : null;
        var extra = RunExtra.Read(payloads[run.Extra]);
        var type = types.Find(run.Type);
        var leadUrl = run.LeadId is null ? null : type?.Info.LeadUrl?.Replace("{lead_id}", Uri.EscapeDataString(run.LeadId), StringComparison.Ordinal) ?? "/leads/" + Uri.EscapeDataString(run.LeadId);
        var eventUrl = run.BusinessEventId is { } eventId && tab is null ? await eventLinks.FindAsync(sql, caller.Tenant.No, eventId, cancellationToken) : null;
        var request = new RunSectionRequest(context.RequestServices, sql, run, payloads);
        var sections = new List<ShownSection>();
        foreach (var section in slots.RunSections)
            if (tab is null && caller.May(section.Needs)) sections.Add(new(section, section.Content is { } content ? await content(request, cancellationToken) : null));
        var (inputs, outputs) = tab is null ? (Block("inputs", run, run.Inputs, payloads), Block("outputs", run, run.Outputs, payloads)) : (null, null);
        return new RunView(run, extra.ErrorMessage ?? run.ErrorMessage, extra.ErrorStack, inputs, outputs, notes,
            leadUrl, eventUrl, type?.Info.DisplayName ?? run.Type, sections, tabs, tab, lineage, inPanel);
    }

    /// <summary>What a tab needs when its content is asked for alone; null: there is no such tab for this caller.</summary>
    /// <exception cref="ProblemException">404: no such run.</exception>
    public async Task<RunTabContent?> TabAsync(Caller caller, string id, string? tabKey, CancellationToken cancellationToken)
    {
        var tab = slots.RunTabs.FirstOrDefault(t => string.Equals(t.Key, tabKey, StringComparison.Ordinal) && caller.May(t.Needs));
        if (tab is null) return null;
        await using var sql = await database.ReadAsync(cancellationToken);
        return new RunTabContent(tab, await RunReader.GetAsync(sql, caller.Tenant.No, id, cancellationToken));
    }

    static PayloadRef? AtOnce(PayloadRef? payload) => payload is { Length: <= JsonBlock.LoadedAtOnce } ? payload : null;

    static JsonBlock? Block(string name, RunRow run, PayloadRef? payload, RunPayloads payloads) => payload is not { } reference ? null
        : payloads[AtOnce(payload)] is { Length: > 0 } json ? JsonBlock.Of(name, json)
        : JsonBlock.Large(name, $"/runs/{Uri.EscapeDataString(run.Id)}/payload/{name}", reference.Length);
}
