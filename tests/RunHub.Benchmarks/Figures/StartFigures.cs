using System.Diagnostics;
using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>How long from the start of the process until it answers, with the big database; and what it holds when idle.</summary>
static class StartFigures
{
    const string Group = "Start and memory";

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Bench bench, string program, string data)
    {
        var live = new Figure { Group = Group, Name = "live with the big database", Floor = "(e) a bare Kestrel says hello", Unit = "s", Rule = Rule.ValueAtMost, Limit = 0.5 };
        var ready = new Figure { Group = Group, Name = "ready with the big database", Floor = "(e) a bare Kestrel says hello", Unit = "s", Rule = Rule.ValueAtMost, Limit = 1.5 };
        var figures = new List<Figure> { live, ready };
        try
        {
            for (var i = 0; i < bench.Options.Pairs; i++)
            {
                var began = Stopwatch.GetTimestamp();
                using var floor = FloorProcess.Start(bench.Folder, new FloorSetup());
                var hello = (await ProductServer.AnswersAsync(floor.Port, "/", began, () => false)).TotalSeconds;
                await using var product = await ProductServer.StartAsync(program, data);
                live.Add(hello, product.Live.TotalSeconds);
                ready.Add(hello, product.Ready.TotalSeconds);
                if (i > 0) continue;

                // Idle is after someone has looked at it, and its background work has begun.
                await SignIn.CookieAsync(product.Port);
                await Task.Delay(TimeSpan.FromSeconds(8));
                await product.Use.QuietAsync();
                figures.Add(MemoryFigures.Idle(product, floor));
            }
        }
        catch (Exception e)
        {
            (live.Failure, ready.Failure) = (e.Message, e.Message);
            bench.Say($"start: FAILED: {e}");
        }

        return figures;
    }
}
