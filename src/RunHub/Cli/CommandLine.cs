using System.CommandLine;

namespace RunHub.Cli;

/// <summary>The commands of <c>runhub</c>; every one takes settings as <c>--Section:Key=value</c>.</summary>
static class CommandLine
{
    /// <summary>No response files: a setting's value may begin with <c>@</c>.</summary>
    public static ParserConfiguration Parsing { get; } = new() { ResponseFileTokenReplacer = null };

    /// <summary>The host deals with signals itself.</summary>
    public static InvocationConfiguration Invoking { get; } = new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };

    /// <summary>The root command serves; the others are named here.</summary>
    public static RootCommand Create()
    {
        var settings = Settings();
        var root = new RootCommand("RunHub keeps the runs of your workflows: report them over HTTP, find and understand them in the browser. Without a command it serves.")
        {
            settings,
            DemoCommand(),
            Import.Command(),
            Export.Command(),
        };
        root.SetAction((parsed, cancellationToken) => Serve.RunAsync(parsed.GetValue(settings) ?? [], cancellationToken));
        return root;
    }

    static Command DemoCommand()
    {
        var fresh = new Option<bool>("--fresh") { Description = "Delete an earlier demo's data first." };
        var settings = Settings();
        var command = new Command("demo", "Serves a hub filled with two weeks of invented runs, in data-demo/, and keeps new ones arriving.") { fresh, settings };
        command.SetAction((parsed, cancellationToken) => Demo.RunAsync(parsed.GetValue(fresh), parsed.GetValue(settings) ?? [], Console.Out, cancellationToken));
        return command;
    }

    /// <summary>Settings as the host reads them: <c>--Key=value</c>, or <c>--Key value</c>.</summary>
    static Argument<string[]> Settings()
    {
        var argument = new Argument<string[]>("settings")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "Settings such as --Urls=http://0.0.0.0:8080 or --Data:Folder=/var/lib/runhub; docs/configuration.md lists all. Each is also an environment variable: Urls, Data__Folder.",
        };
        argument.Validators.Add(static result =>
        {
            for (var i = 0; i < result.Tokens.Count; i++)
            {
                var text = result.Tokens[i].Value;
                if (!text.StartsWith("--", StringComparison.Ordinal))
                {
                    result.AddError($"There is no command '{text}'. A setting begins with '--'.");
                    return;
                }

                if (text.Contains('=', StringComparison.Ordinal)) continue;
                if (++i == result.Tokens.Count) result.AddError($"The setting '{text}' has no value.");
            }
        });
        return argument;
    }
}
