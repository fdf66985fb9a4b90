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

/// <summary>A test of what PostgreSQL alone does: skipped, and said to be, where there is none; with <c>CI=true</c> that is a failure.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    /// <summary>Judges once.</summary>
    public PostgresFactAttribute()
    {
        if (TestDatabase.PostgresServer is null && Environment.GetEnvironmentVariable("CI") is not "true") Skip = "There is no PostgreSQL here; RUNHUB_TEST_POSTGRES names one.";
    }
}
