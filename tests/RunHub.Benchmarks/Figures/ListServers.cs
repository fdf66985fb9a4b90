using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using RunHub.Benchmarks.Data;
using RunHub.Benchmarks.Floors;
using RunHub.Benchmarks.Load;
using RunHub.Benchmarks.Product;
using RunHub.Filter;

namespace RunHub.Benchmarks.Figures;

/// <summary>The product on the big and on the small database, each with its floor beside it.</summary>
sealed class ListServers(ListHub big, ListHub small) : IAsyncDisposable
{
    public ListHub Big => big;

    public ListHub Small => small;

    public static async Task<ListServers> StartAsync(Bench bench, string program, string bigData, string smallData) => new(
        await ListHub.StartAsync(bench, program, bigData, string.Create(CultureInfo.InvariantCulture, $"{bench.Options.Runs:#,0} runs")),
        await ListHub.StartAsync(bench, program, smallData, "10,000 runs"));

    public async ValueTask DisposeAsync()
    {
        await big.DisposeAsync();
        await small.DisposeAsync();
    }
}

/// <summary>A filter people use often.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Query">As in the URL, without <c>?</c>.</param>
sealed record UsualFilter(string Name, string Query);

/// <summary>One running product with the floor that runs its SQL on its file.</summary>
sealed class ListHub : IAsyncDisposable
{
    readonly Dictionary<string, long> sizes = new(StringComparer.Ordinal);
    readonly string cookie;

    ListHub(string name, ProductServer product, FloorProcess floor, string cookie, IReadOnlyList<UsualFilter> filters) =>
        (Name, Product, Floor, this.cookie, Filters) = (name, product, floor, cookie, filters);

    public string Name { get; }

    public ProductServer Product { get; }

    public FloorProcess Floor { get; }

    public IReadOnlyList<UsualFilter> Filters { get; }

    /// <summary>Runs with ten steps; their floor queries stand after those of the filters.</summary>
    public IReadOnlyList<string> RunIds { get; } = [.. Seed.TenStepIds()];

    /// <summary>Starts both; the floor's statements are the product's own, written down.</summary>
    public static async Task<ListHub> StartAsync(Bench bench, string program, string data, string name)
    {
        var newest = TimeProvider.System.GetUtcNow();
        IReadOnlyList<UsualFilter> filters =
        [
            new("no filter", ""),
            new("status (two)", "status=failed,running"),
            new("two filters (workflow, status)", $"workflow={RunGenerator.WorkflowNames[0]}&status=failed"),
            new("env and a day", string.Create(CultureInfo.InvariantCulture, $"env=prod&from={newest.AddDays(-3):yyyy-MM-dd}T00:00:00Z&to={newest.AddDays(-2):yyyy-MM-dd}T00:00:00Z")),
            new("tag", "tag=priority"),
        ];
        var setup = new FloorSetup { ProductFile = Path.Combine(data, "runhub.db") };
        await using (var capture = new SqlCapture(data))
        {
            var tenant = (await Seed.CallerAsync(capture.Services)).Tenant.No;
            foreach (var filter in filters)
            {
                var parsed = RunFilter.Parse(new QueryCollection(QueryHelpers.ParseQuery(filter.Query)));
                setup.Queries.Add(await capture.RunAsync(s => s.GetRequiredService<RunQuery>().ListAsync(tenant, parsed, null, 50, CancellationToken.None)));
            }

            foreach (var id in Seed.TenStepIds()) setup.Queries.Add(await capture.RunAsync(s => RunPageQueries.PageAsync(s, tenant, id)));
            foreach (var id in Seed.TenStepIds()) setup.Queries.Add(await capture.RunAsync(s => RunPageQueries.ObjectAsync(s, tenant, id)));
        }

        bench.Say($"starting the product with {name}");
        var product = await ProductServer.StartAsync(program, data);
        try
        {
            var floor = FloorProcess.Start(bench.Folder, setup);
            var hub = new ListHub(name, product, floor, await SignIn.CookieAsync(product.Port), filters);
            await hub.WarmAsync(bench);
            return hub;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <summary>The product's list.</summary>
    public byte[] Request(int filter, bool html) => html
        ? Requests.Get("/runs?" + Filters[filter].Query, cookie)
        : Requests.Get("/api/runs?limit=50&" + Filters[filter].Query, ProductServer.KeyHeader);

    /// <summary>The product's next page of the unfiltered list; <paramref name="next"/> begins with <c>&amp;</c>.</summary>
    public byte[] More(string next, bool html) => html
        ? Requests.Get("/runs?" + next[1..], cookie, "HX-Request: true")
        : Requests.Get("/api/runs?limit=50" + next, ProductServer.KeyHeader);

    /// <summary>The product's run page.</summary>
    public byte[] RunRequest(int run, bool html) => html
        ? Requests.Get("/runs/" + RunIds[run], cookie)
        : Requests.Get("/api/runs/" + RunIds[run], ProductServer.KeyHeader);

    /// <summary>The list as somebody opens it.</summary>
    public byte[] ListPage => Requests.Get("/runs", cookie);

    /// <summary>Pages of runs with twenty steps.</summary>
    public IReadOnlyList<byte[]> TwentyStepPages => [.. Seed.TwentyStepIds().Select(id => Requests.Get("/runs/" + id, cookie))];

    /// <summary>The floor of the list.</summary>
    public byte[] FloorRequest(int filter, bool html) => Floored(filter, Size(filter, html));

    /// <summary>The floor of the run page or of the run's object.</summary>
    public byte[] FloorRunRequest(int run, bool html) => Floored(Filters.Count + (html ? 0 : RunIds.Count) + run, RunSize(run, html));

    /// <summary>Bytes of the product's list.</summary>
    public long Size(int filter, bool html) => Measure(Request(filter, html));

    /// <summary>Bytes of the product's answer for a run.</summary>
    public long RunSize(int run, bool html) => Measure(RunRequest(run, html));

    public async ValueTask DisposeAsync()
    {
        Floor.Dispose();
        await Product.DisposeAsync();
    }

    /// <summary>The runtime compiles what is hot twice: every kind of request is asked for a while before anything is measured.</summary>
    async Task WarmAsync(Bench bench)
    {
        for (var round = 0; round < 2; round++)
        {
            foreach (var html in (bool[])[true, false])
            {
                Warm(Product.Port, i => Request(i, html), Filters.Count);
                Warm(Floor.Port, i => FloorRequest(i, html), Filters.Count);
                Warm(Product.Port, i => RunRequest(i, html), RunIds.Count);
                Warm(Floor.Port, i => FloorRunRequest(i, html), RunIds.Count);
            }

            await Product.Use.QuietAsync();
        }

        void Warm(int port, Func<int, byte[]> request, int count)
        {
            try
            {
                var requests = Enumerable.Range(0, count).Select(request).ToList();
                ClosedLoop.Run(port, 8, bench.Options.Duration / 2, TimeSpan.Zero, c => new Rotation(requests, c));
            }
            catch (BadAnswerException e)
            {
                bench.Say("warm-up: " + e.Message);
            }
        }
    }

    static byte[] Floored(int query, long bytes) => Requests.Get(string.Create(CultureInfo.InvariantCulture, $"/query?{query},{bytes}"));

    long Measure(byte[] request)
    {
        var key = Encoding.UTF8.GetString(request);
        if (!sizes.TryGetValue(key, out var size)) sizes[key] = size = MeasureNow(request);
        return size;
    }

    long MeasureNow(byte[] request)
    {
        using var connection = new HttpConnection(Product.Port);
        var answer = connection.Send(request);
        return answer.Status == 200 ? answer.Bytes : throw new BadAnswerException($"Status {answer.Status}: {Encoding.UTF8.GetString(request).Split('\r')[0]}");
    }
}
