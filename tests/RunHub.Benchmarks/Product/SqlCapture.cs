using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Benchmarks.Floors;
using RunHub.Store;
using SQLitePCL;

namespace RunHub.Benchmarks.Product;

/// <summary>
/// Writes down the statements the product runs for a question, values included, so that floors run exactly these and follow
/// when the product's SQL changes: the product's own code runs in this process on a connection that is listened to.
/// </summary>
sealed class SqlCapture(string data) : IAsyncDisposable
{
    static readonly PropertyInfo Handle = typeof(Microsoft.Data.Sqlite.SqliteConnection).GetProperty("Handle")!;
    readonly WebApplication app = Seed.Build(data);

    public IServiceProvider Services => app.Services;

    /// <summary>The statements <paramref name="question"/> ran.</summary>
    public async Task<List<FloorQuery>> RunAsync(Func<IServiceProvider, Task> question)
    {
        var statements = new List<FloorQuery>();
        var session = await app.Services.GetRequiredService<Database>().ReadAsync(CancellationToken.None);
        var connection = (sqlite3)Handle.GetValue(session.Connection)!;
        raw.sqlite3_trace(connection, (_, sql) => statements.Add(new FloorQuery(sql, [])), null);

        // Given back, it is the session the question gets: there is no other in the pool.
        await session.DisposeAsync();
        await question(app.Services);
        raw.sqlite3_trace(connection, (strdelegate_trace?)null, null);
        return statements.Count > 0 ? statements : throw new InvalidOperationException("No statement was seen.");
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
