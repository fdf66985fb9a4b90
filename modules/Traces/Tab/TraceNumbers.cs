using System.Globalization;

namespace RunHub.Traces.Tab;

/// <summary>Numbers in attributes of SVG: with a point, whatever the language.</summary>
static class TraceNumbers
{
    /// <summary>One digit after the point.</summary>
    public static string Of(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
}
