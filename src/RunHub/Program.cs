using RunHub.Cli;

// What there is: the commands in Cli/CommandLine.cs, the modules and the order of the pipeline in HubHost.cs.
return await CommandLine.Create().Parse(args, CommandLine.Parsing).InvokeAsync(CommandLine.Invoking);
