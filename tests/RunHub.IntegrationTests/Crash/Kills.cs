namespace RunHub.IntegrationTests.Crash;

/// <summary>How hard processes are treated.</summary>
static class Kills
{
    /// <summary>How often to kill: thirty times per engine, half of them while it migrates, and three times as often in the long run.</summary>
    public static int Count => Environment.GetEnvironmentVariable("RUNHUB_LONG") is { Length: > 0 } ? 45 : 15;
}
