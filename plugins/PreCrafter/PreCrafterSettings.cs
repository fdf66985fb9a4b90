using System.ComponentModel.DataAnnotations;

namespace RunHub.Plugins.PreCrafter;

/// <summary>What an admin may set.</summary>
public sealed class PreCrafterSettings
{
    /// <summary>Name of the workflow of documents that name none.</summary>
    [Display(Name = nameof(Texts.WorkflowName), Description = nameof(Texts.WorkflowNameHelp), ResourceType = typeof(Texts))]
    [Required, StringLength(128)]
    public string WorkflowName { get; set; } = "PreCrafter";

    /// <summary>Address of a lead with <c>{lead_id}</c> in it.</summary>
    [Display(Name = nameof(Texts.LeadUrl), Description = nameof(Texts.LeadUrlHelp), ResourceType = typeof(Texts))]
    [Url, StringLength(500)]
    public string? LeadUrl { get; set; }
}
