using System.CommandLine;
using RunHub.Client;

namespace RunHub.Cli;

/// <summary>Which hub <c>import</c> and <c>export</c> talk to, and with which key.</summary>
sealed class HubOptions
{
    public Option<string> Url { get; } = new("--url") { Description = "Where the hub is. Default: RUNHUB_URL, else http://localhost:8080.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("RUNHUB_URL") ?? "http://localhost:8080" };

    public Option<string> Key { get; } = new("--key") { Description = "An API key. Default: RUNHUB_KEY, where other users of this machine cannot read it.", DefaultValueFactory = _ => Environment.GetEnvironmentVariable("RUNHUB_KEY") ?? "" };

    public RunHubClientOptions Of(ParseResult parsed) => new() { Url = parsed.GetValue(Url)!, ApiKey = parsed.GetValue(Key)!, RequestTimeout = TimeSpan.FromMinutes(5) };
}

/// <summary>Says how far a transfer is: over and over on one line of a console, now and then in a log.</summary>
sealed class Progress(TextWriter output, TimeProvider time)
{
    static readonly TimeSpan OnConsole = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan InLog = TimeSpan.FromSeconds(10);
    readonly bool isConsole = !Console.IsErrorRedirected;
    readonly long begun = time.GetTimestamp();
    long said = time.GetTimestamp();
    int width;

    /// <summary>Since the beginning.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(begun);

    /// <summary>Says it when it is time to.</summary>
    public void Say(Func<string> text)
    {
        if (time.GetElapsedTime(said) < (isConsole ? OnConsole : InLog)) return;
        said = time.GetTimestamp();
        Write(text());
    }

    /// <summary>Says something that stays.</summary>
    public void Line(string text)
    {
        if (isConsole && width > 0) output.Write("\r" + new string(' ', width) + "\r");
        width = 0;
        output.WriteLine(text);
    }

    void Write(string text)
    {
        if (!isConsole)
        {
            output.WriteLine(text);
            return;
        }

        output.Write("\r" + text.PadRight(width));
        width = text.Length;
    }
}
