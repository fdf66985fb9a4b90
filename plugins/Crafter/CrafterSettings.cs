using System.ComponentModel.DataAnnotations;

namespace RunHub.Plugins.Crafter;

/// <summary>What an admin may set.</summary>
public sealed class CrafterSettings
{
    /// <summary>Name of the workflow of documents that name none.</summary>
    [Display(Name = nameof(Texts.WorkflowName), Description = nameof(Texts.WorkflowNameHelp), ResourceType = typeof(Texts))]
    [Required, StringLength(128)]
    public string WorkflowName { get; set; } = "Crafter";

    /// <summary>Address of a lead with <c>{lead_id}</c> in it.</summary>
    [Display(Name = nameof(Texts.LeadUrl), Description = nameof(Texts.LeadUrlHelp), ResourceType = typeof(Texts))]
    [Url, StringLength(500)]
    public string? LeadUrl { get; set; }
}
