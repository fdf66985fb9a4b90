using RunHub.Benchmarks;
using RunHub.Benchmarks.Figures;
using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Report;

if (args is ["--floor-server", var setup]) return await FloorServer.RunAsync(setup);
if (args.Contains("--help", StringComparer.Ordinal))
{
    Console.WriteLine(Options.Help);
    return 0;
}

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message + "\n\n" + Options.Help);
    return 2;
}

using var bench = new Bench(options);
var machine = Machine.Measure(bench.Folder);
Console.Error.WriteLine($"{machine}\n{options.Settings}");
var figures = new List<Figure>();
if (options.Only.Contains("floors")) figures.AddRange(await FloorFigures.MeasureAsync(bench));
if (options.Only.Overlaps(Options.Groups)) figures.AddRange(await ProductFigures.MeasureAsync(bench));
Console.WriteLine(Table.Console(figures));
if (options.Out is not null) Table.Write(options.Out, Table.Markdown(figures, machine, options.Settings));
var missed = figures.Count(f => f.Passed == false);
Console.WriteLine(missed == 0 ? "Every limit is kept." : $"{missed} limits are missed.");
return options.Strict && missed > 0 ? 1 : 0;
