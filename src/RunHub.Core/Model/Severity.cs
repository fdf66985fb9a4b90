namespace RunHub.Model;

/// <summary>How grave a log line is, ascending; the number is stored.</summary>
public enum Severity
{
    /// <summary><c>trace</c>.</summary>
    Trace = 0,

    /// <summary><c>debug</c>.</summary>
    Debug = 1,

    /// <summary><c>info</c>.</summary>
    Info = 2,

    /// <summary><c>warn</c>.</summary>
    Warn = 3,

    /// <summary><c>error</c>.</summary>
    Error = 4,

    /// <summary><c>fatal</c>.</summary>
    Fatal = 5,
}

/// <summary>Names of levels.</summary>
public static class Severities
{
    static readonly string[] names = ["trace", "debug", "info", "warn", "error", "fatal"];

    /// <summary>The six names, ascending.</summary>
    public static IReadOnlyList<string> Names => names;

    /// <summary>As it is written out.</summary>
    public static string ToName(this Severity severity) => names[(int)severity];

    /// <summary>Reads a name in any case, and what other loggers call the same.</summary>
    public static bool TryParse(string? text, out Severity severity)
    {
        (var found, severity) = text?.ToUpperInvariant() switch
        {
            "TRACE" or "VERBOSE" or "ALL" => (true, Severity.Trace),
            "DEBUG" => (true, Severity.Debug),
            "INFO" or "INFORMATION" or "NOTICE" or "LOG" => (true, Severity.Info),
            "WARN" or "WARNING" => (true, Severity.Warn),
            "ERROR" or "ERR" => (true, Severity.Error),
            "FATAL" or "CRITICAL" or "CRIT" or "EMERGENCY" or "ALERT" or "PANIC" => (true, Severity.Fatal),
            _ => (false, Severity.Info),
        };
        return found;
    }
}
