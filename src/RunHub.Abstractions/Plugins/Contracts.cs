namespace RunHub.Plugins;

/// <summary>
/// What a plugin assembly offers. A plugin is a class library with exactly one public class that implements this and
/// has a parameterless constructor.
/// </summary>
public interface IPlugin
{
    /// <summary>Called once, after loading. Throwing disables the plugin; the reason is shown on the plugins page.</summary>
    void Register(IPluginBuilder builder);
}

/// <summary>What a plugin may add.</summary>
public interface IPluginBuilder
{
    /// <summary>Adds a workflow type without settings.</summary>
    /// <typeparam name="TAdapter">Has a public parameterless constructor.</typeparam>
    /// <param name="type">1–64 characters of <c>a-z 0-9 - _</c>, unique among all plugins.</param>
    void AddAdapter<TAdapter>(string type) where TAdapter : class, IWorkflowAdapter;

    /// <summary>Adds a workflow type whose settings an admin edits per installation.</summary>
    /// <typeparam name="TAdapter">Has a public constructor that takes one <typeparamref name="TSettings"/>.</typeparam>
    /// <typeparam name="TSettings">
    /// A class with a parameterless constructor and read-write properties of type string, bool, int, long, double,
    /// decimal, an enum, or Uri; <c>System.ComponentModel</c> attributes (<c>DisplayName, Description</c>) and
    /// <c>DataAnnotations</c> (<c>Required, Range, StringLength, Url</c>) shape the form.
    /// </typeparam>
    /// <param name="type">See the other overload.</param>
    void AddAdapter<TAdapter, TSettings>(string type)
        where TAdapter : class, IWorkflowAdapter
        where TSettings : class, new();
}

/// <summary>A workflow type. What it can do is said by the capability interfaces it implements beside this one.</summary>
public interface IWorkflowAdapter
{
    /// <summary>How it presents itself. Read once after loading.</summary>
    WorkflowTypeInfo Info { get; }
}

/// <summary>How a workflow type presents itself.</summary>
/// <param name="DisplayName">Shown on the tab, such as <c>PreCrafter</c>.</param>
public sealed record WorkflowTypeInfo(string DisplayName)
{
    /// <summary>Name of a Tabler icon, such as <c>filter</c>.</summary>
    public string Icon { get; init; } = "player-play";

    /// <summary>
    /// Address of a lead with <c>{lead_id}</c> in it, <c>http</c> or <c>https</c>; null: RunHub's own page of the lead.
    /// </summary>
    public string? LeadUrl { get; init; }
}

/// <summary>Translates a foreign document to runs and back: a new workflow source.</summary>
public interface IMapPayloads : IWorkflowAdapter
{
    /// <summary>
    /// Translates what was posted to <c>/api/ingest/{type}</c>. Pure: no I/O, and nothing kept. Runs in-process under a
    /// time limit.
    /// </summary>
    /// <exception cref="PayloadException">The document is not this adapter's; path and reason reach the sender as 422.</exception>
    RunBatch Map(PayloadDocument document);

    /// <summary>Gives a stored run back as this adapter's document, for the download; null: RunHub's RunDetail form.</summary>
    JsonPayload? MapBack(StoredRun run);
}

/// <summary>Lays out INPUT and OUTPUT of a node.</summary>
public interface IPresentSteps : IWorkflowAdapter
{
    /// <summary>
    /// Who lays the nodes out. Read once after loading. An adapter whose nodes are prompts says <see cref="StepLayout.Prompts"/>
    /// and is not asked for every page.
    /// </summary>
    StepLayout Layout => StepLayout.Own;

    /// <summary>Null: the usual layout. Pure and under a time limit like <see cref="IMapPayloads.Map"/>.</summary>
    StepPresentation? Present(StoredStep step);
}

/// <summary>Runs a workflow here. Runs in a child process of the same binary.</summary>
public interface IExecuteRuns : IWorkflowAdapter
{
    /// <summary>
    /// Works on one run and reports as it goes. Ending without <see cref="RunFinished"/>, or throwing, fails the run with
    /// the exception as its error.
    /// </summary>
    IAsyncEnumerable<ExecutionMessage> ExecuteAsync(ExecutionRequest request, CancellationToken cancellationToken);
}

/// <summary>Asks an external system to re-run or to cancel.</summary>
public interface IControlRuns : IWorkflowAdapter
{
    /// <summary>Asks for a cancellation; the outcome arrives as the run's status.</summary>
    Task<ControlAnswer> CancelAsync(ControlRequest request, CancellationToken cancellationToken);

    /// <summary>Asks for a re-run; the new run arrives through ingest with <c>parent_run_id</c>.</summary>
    Task<ControlAnswer> RerunAsync(ControlRequest request, CancellationToken cancellationToken);
}
