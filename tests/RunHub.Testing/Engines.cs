using System.Reflection;
using Xunit.Sdk;

namespace RunHub.Testing;

/// <summary>Runs a theory once per database engine: <c>[Theory, Engines] Task X(string engine)</c>.</summary>
public sealed class EnginesAttribute : DataAttribute
{
    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => All.Select(engine => new object[] { engine });

    /// <summary>Names of the engines at hand.</summary>
    public static IReadOnlyList<string> All => TestDatabase.PostgresServer is null
        // tests/run.sh brings a server; with CI=true a missing one is a failure, not a skip.
        ? Environment.GetEnvironmentVariable("CI") is "true" ? throw new InvalidOperationException("RUNHUB_TEST_POSTGRES is not set.") : ["Sqlite"]
        : ["Sqlite", "PostgreSql"];
}
