namespace RunHub;

/// <summary>Limits on what is stored; those an operator may change are in <c>Ingest</c> options.</summary>
public static class Limits
{
    /// <summary>Characters of an error message kept in the row; the whole is kept with the payloads.</summary>
    public const int ErrorMessageInRow = 2000;

    /// <summary>Characters of a name, workflow, version, actor and the like.</summary>
    public const int Name = 256;

    /// <summary>Characters of an annotation.</summary>
    public const int Note = 10_000;

    /// <summary>Annotations of a run: all of them stand on its page.</summary>
    public const int Annotations = 2000;

    /// <summary>Steps of a run: what follows from all of them is worked out anew when more arrive.</summary>
    public const int Steps = 250_000;

    /// <summary>A count, such as tokens.</summary>
    public const long Count = 1_000_000_000_000_000;

    /// <summary>What a run or a step may cost, in dollars.</summary>
    public const long CostUsd = 1_000_000_000;

    /// <summary>Tags of a run.</summary>
    public const int Tags = 64;

    /// <summary>Characters of a tag.</summary>
    public const int Tag = 128;

    /// <summary>Characters of a log line that are kept; what was longer says how long it was.</summary>
    public const int LogMessage = 16_384;

    /// <summary>Bytes of the attributes of a log line; more are dropped, and how many is kept.</summary>
    public const int LogAttributes = 32_768;

    /// <summary>Log lines of a run; those that come after are refused.</summary>
    public const int LogLines = 2_000_000;

    /// <summary>Characters of an endpoint (a URL).</summary>
    public const int Endpoint = 2048;
}
