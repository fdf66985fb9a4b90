namespace RunHub.Cli;

/// <summary><c>runhub</c>: serves until it is stopped.</summary>
static class Serve
{
    /// <summary>Answers the exit code: 0 after a stop, 1 when it could not start.</summary>
    public static async Task<int> RunAsync(string[] settings, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = HubHost.Build(HubHost.Modules, settings);
            await app.StartAsync(cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // What an operator can do something about: a taken port, a locked folder, a setting that is not one.
            await Console.Error.WriteLineAsync("runhub: " + e.Message);
            return 1;
        }
    }
}
