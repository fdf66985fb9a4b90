using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RunHub.Benchmarks.Load;

namespace RunHub.Benchmarks.Product;

/// <summary>The real program as anyone starts it: a process of its own, settings by environment, a data folder, a port.</summary>
sealed class ProductServer : IAsyncDisposable
{
    public const string Tenant = "bench";
    public const string Email = "bench@example.com";
    public const string Password = "a bench needs no secrets 1";
    public const string ApiKey = "rh_known-to-all-for-benchmarks-only-0123456789";
    readonly Process process;

    ProductServer(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Memory and processor time of the process.</summary>
    public ProcessUse Use => new(process.Id);

    /// <summary>From the start of the process to the first good answer of <c>/health/live</c>.</summary>
    public TimeSpan Live { get; private set; }

    /// <summary>From the start of the process to the first good answer of <c>/health/ready</c>.</summary>
    public TimeSpan Ready { get; private set; }

    /// <summary>The key, as a header line.</summary>
    public static string KeyHeader => "Authorization: Bearer " + ApiKey;

    /// <summary>The settings of an unattended first start, by their environment names.</summary>
    public static IReadOnlyDictionary<string, string> Settings(string data, int port)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Urls"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
            ["Data__Folder"] = data,
            ["Bootstrap__Tenant"] = Tenant,
            ["Bootstrap__Email"] = Email,
            ["Bootstrap__Password"] = Password,
            ["Bootstrap__ApiKey"] = ApiKey,
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var (name, value) in PostgresDatabases.Settings(data)) settings[name] = value;
        return settings;
    }

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <param name="program">The published file or <c>runhub.dll</c>.</param>
    /// <param name="data">Data folder.</param>
    public static async Task<ProductServer> StartAsync(string program, string data)
    {
        Directory.CreateDirectory(data);
        var port = FreePort();
        var start = new ProcessStartInfo { UseShellExecute = false, RedirectStandardOutput = true, WorkingDirectory = data };
        if (program.EndsWith(".dll", StringComparison.Ordinal))
        {
            start.FileName = "dotnet";
            start.ArgumentList.Add(program);
        }
        else start.FileName = program;
        foreach (var (name, value) in Settings(data, port)) start.Environment[name] = value;
        var began = Stopwatch.GetTimestamp();
        var started = Process.Start(start)!;
        started.OutputDataReceived += (_, line) => File.AppendAllText(Path.Combine(data, "output.log"), line.Data + "\n");
        started.BeginOutputReadLine();
        var server = new ProductServer(started, port);
        try
        {
            server.Live = await server.AnswersAsync("/health/live", began);
            server.Ready = await server.AnswersAsync("/health/ready", began);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>How long until a path answers 2xx, asked every millisecond or two.</summary>
    public static async Task<TimeSpan> AnswersAsync(int port, string path, long began, Func<bool> gone)
    {
        var request = Requests.Get(path);
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30))
        {
            if (gone()) throw new InvalidOperationException("The program ended before it answered.");
            try
            {
                using var connection = new HttpConnection(port);
                if (connection.Send(request).Status is >= 200 and < 300) return Stopwatch.GetElapsedTime(began);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // Not listening yet.
            }

            await Task.Delay(1);
        }

        throw new TimeoutException($"{path} did not answer 2xx within 30 seconds.");
    }

    /// <summary>Stops it as an operator does (SIGTERM), so that the log is folded into the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using (var kill = Process.Start(new ProcessStartInfo("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false })!)
                await kill.WaitForExitAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(40));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
    }

    Task<TimeSpan> AnswersAsync(string path, long began) => AnswersAsync(Port, path, began, () => process.HasExited);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
