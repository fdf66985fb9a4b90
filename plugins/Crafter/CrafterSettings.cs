using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace RunHub.Plugins.Crafter;

/// <summary>What an admin may set.</summary>
public sealed class CrafterSettings
{
    /// <summary>Name of the workflow of documents that name none.</summary>
    [DisplayName("Workflow name")]
    [Description("Shown for runs whose document does not name its workflow.")]
    [Required, StringLength(128)]
    public string WorkflowName { get; set; } = "Crafter";

    /// <summary>Address of a lead.</summary>
    [DisplayName("Lead address")]
    [Description("Where a lead is found, with {lead_id} in it, such as https://crm.example.com/leads/{lead_id}. Empty: RunHub's own page of the lead.")]
    [Url, StringLength(500)]
    public string? LeadUrl { get; set; }
}
