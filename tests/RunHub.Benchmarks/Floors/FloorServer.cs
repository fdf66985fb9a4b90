using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RunHub.Benchmarks.Floors;

/// <summary>
/// The bare Kestrel of floors (b), (c), (d) and (e), in a process of its own: one terminal delegate, no routing, no
/// middleware, no logging. It prints its port when it listens and ends when its standard input closes.
/// </summary>
static class FloorServer
{
    /// <summary>Runs the server; <paramref name="file"/> holds its <see cref="FloorSetup"/> as JSON.</summary>
    public static async Task<int> RunAsync(string file)
    {
        await using var stream = File.OpenRead(file);
        var setup = (await JsonSerializer.DeserializeAsync<FloorSetup>(stream))!;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<KestrelServerOptions>(o =>
        {
            o.AddServerHeader = false;
            o.Limits.MaxRequestBodySize = null;
        });
        await using var app = builder.Build();
        using var writer = setup.FloorFile is null ? null : new GroupCommit(setup.FloorFile);
        using var queries = setup.ProductFile is null ? null : new Queries(setup.ProductFile, setup.Queries);
        app.Run(context => context.Request.Path.Value switch
        {
            "/runs" => IngestAsync(context, writer!),
            "/query" => QueryAsync(context, queries!),
            _ => HelloAsync(context),
        });
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Console.WriteLine(new Uri(address).Port);
        await Console.In.ReadLineAsync();
        await app.StopAsync();
        return 0;
    }

    /// <summary>Floor (b): reads the body, parses it, answers when the commit that holds it is on disk.</summary>
    static async Task IngestAsync(HttpContext context, GroupCommit writer)
    {
        var body = context.Request.BodyReader;
        ReadResult read;
        while (!(read = await body.ReadAsync()).IsCompleted) body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        var runs = Parse(read.Buffer);
        body.AdvanceTo(read.Buffer.End);
        await writer.WriteAsync(runs);
        await WriteAsync(context, "application/json", "{\"accepted\":1}"u8.ToArray());
    }

    static List<FloorRun> Parse(ReadOnlySequence<byte> body)
    {
        if (body.IsSingleSegment) return FloorJson.Read(body.FirstSpan);
        var length = (int)body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        body.CopyTo(rented);
        var runs = FloorJson.Read(rented.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(rented);
        return runs;
    }

    /// <summary>Floors (c) and (d): <c>/query?index,bytes</c> runs the statements of that index and writes that many bytes.</summary>
    static Task QueryAsync(HttpContext context, Queries queries)
    {
        var query = context.Request.QueryString.Value.AsSpan(1);
        var comma = query.IndexOf(',');
        queries.Run(int.Parse(query[..comma], System.Globalization.CultureInfo.InvariantCulture));
        return WriteAsync(context, "text/html; charset=utf-8", queries.Bytes(int.Parse(query[(comma + 1)..], System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>Floor (e).</summary>
    static Task HelloAsync(HttpContext context) => WriteAsync(context, "text/plain", "hello"u8.ToArray());

    static Task WriteAsync(HttpContext context, string type, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return context.Response.BodyWriter.WriteAsync(body).AsTask();
    }
}

/// <summary>What a floor server serves.</summary>
sealed class FloorSetup
{
    /// <summary>File for what is posted to <c>/runs</c>.</summary>
    public string? FloorFile { get; set; }

    /// <summary>The product's database, for <c>/query</c>.</summary>
    public string? ProductFile { get; set; }

    /// <summary>What <c>/query?index,bytes</c> runs: each entry one or more statements with their values written in.</summary>
    public List<List<FloorQuery>> Queries { get; set; } = [];
}

/// <summary>A statement and its values: whole numbers, or text where they are none.</summary>
sealed record FloorQuery(string Sql, IReadOnlyList<string> Values);
