using System.Resources;

namespace RunHub.Plugins.PreCrafter;

/// <summary>Texts in the reader's language, by the names of <c>Texts.resx</c>.</summary>
public static class Texts
{
    static readonly ResourceManager Resources = new("RunHub.Plugins.PreCrafter.Texts", typeof(Texts).Assembly);

    /// <summary>Label.</summary>
    public static string WorkflowName => Resources.GetString(nameof(WorkflowName))!;

    /// <summary>Below the field.</summary>
    public static string WorkflowNameHelp => Resources.GetString(nameof(WorkflowNameHelp))!;

    /// <summary>Label.</summary>
    public static string LeadUrl => Resources.GetString(nameof(LeadUrl))!;

    /// <summary>Below the field.</summary>
    public static string LeadUrlHelp => Resources.GetString(nameof(LeadUrlHelp))!;
}
