using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Product;
using RunHub.Benchmarks.Report;

namespace RunHub.Benchmarks.Figures;

/// <summary>Resident memory, as the system counts it.</summary>
static class MemoryFigures
{
    public static Figure Idle(ProductServer product, FloorProcess floor) => Measure(product, floor, "memory, idle with the big database", 160);

    public static Figure After(ProductServer product, FloorProcess floor, string when) => Measure(product, floor, "memory " + when, 300);

    static Figure Measure(ProductServer product, FloorProcess floor, string name, double limit)
    {
        var figure = new Figure
        {
            Group = "Start and memory", Name = name, Floor = "the floor's process", Unit = "MB", Rule = Rule.ValueAtMost, Limit = limit,
            Note = FormattableString.Invariant($"resident; without pages of mapped files {product.Use.AnonymousMb:0} MB"),
        };
        figure.Add(floor.Use.ResidentMb, product.Use.ResidentMb);
        return figure;
    }
}
