namespace RunHub.IntegrationTests.Crash;

/// <summary>Tests that start processes of their own run after the others, one by one: their timing is their point.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CrashCollection
{
    public const string Name = "Processes";

    /// <summary>How often to kill: thirty times per engine, and three times as often in the long run.</summary>
    public static int Kills => Environment.GetEnvironmentVariable("RUNHUB_LONG") is { Length: > 0 } ? 45 : 15;
}
