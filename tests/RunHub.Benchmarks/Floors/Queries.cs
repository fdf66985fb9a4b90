using System.Collections.Concurrent;
using System.Globalization;

namespace RunHub.Benchmarks.Floors;

/// <summary>
/// Runs the product's SQL on the product's file: a few connections, each with its statements prepared, every column of every
/// row touched. What an answer needs beyond that is the product's own work, which is what the ratio shows.
/// </summary>
sealed class Queries(string file, IReadOnlyList<List<FloorQuery>> queries) : IDisposable
{
    readonly ConcurrentBag<Connection> idle = [];
    readonly byte[] filler = Enumerable.Range(0, 4 << 20).Select(i => (byte)('a' + i % 26)).ToArray();

    public void Run(int index)
    {
        if (!idle.TryTake(out var connection)) connection = new Connection(file, queries);
        connection.Run(index);
        idle.Add(connection);
    }

    public ReadOnlyMemory<byte> Bytes(int count) => filler.AsMemory(0, count);

    public void Dispose()
    {
        while (idle.TryTake(out var connection)) connection.Dispose();
    }

    sealed class Connection(string file, IReadOnlyList<List<FloorQuery>> queries) : IDisposable
    {
        readonly FloorDatabase database = new(file, write: false);
        readonly List<(FloorStatement Statement, object[] Values)>?[] statements = new List<(FloorStatement, object[])>?[queries.Count];

        public void Run(int index)
        {
            var list = statements[index] ??= [.. queries[index].Select(q => (database.Prepare(q.Sql), q.Values.Select(Value).ToArray()))];
            foreach (var (statement, values) in list)
            {
                foreach (var value in values) _ = value is long number ? statement.Bind(number) : statement.Bind((string)value);
                statement.ReadAll();
            }
        }

        public void Dispose() => database.Dispose();

        static object Value(string text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : text;
    }
}
