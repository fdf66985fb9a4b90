namespace RunHub.Steps.View;

/// <summary>The icon of each type of step, everywhere the same.</summary>
static class StepIcons
{
    public static string Of(StepType type) => type switch { StepType.Model => "sparkles", StepType.Tool => "tool", StepType.Decision => "git-branch", _ => "database" };
}
