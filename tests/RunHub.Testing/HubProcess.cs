using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace RunHub.Testing;

/// <summary>RunHub in a process of its own, as an operator starts it: for what only a real process can show.</summary>
public sealed class HubProcess : IAsyncDisposable
{
    /// <summary>The installation's key, see <c>Bootstrap:ApiKey</c>.</summary>
    public const string Key = "test-0123456789-abcdefghijklmnop";
    const int FirstPort = 12_000;
    const int Ports = 18_000;
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>What is started: the published file that <c>RUNHUB_TEST_PROGRAM</c> names, which is compiled beforehand, else the one beside the tests.</summary>
    public static string Program => Published ?? Path.Combine(AppContext.BaseDirectory, "runhub");

    /// <summary>The published file that <c>RUNHUB_TEST_PROGRAM</c> names, or null.</summary>
    public static string? Published => Environment.GetEnvironmentVariable("RUNHUB_TEST_PROGRAM") is { Length: > 0 } program ? program : null;

    static int lastPort = Random.Shared.Next(Ports);
    readonly Process process;
    readonly StringBuilder output = new();
    readonly List<(string Text, TaskCompletionSource Seen)> waiting = [];

    HubProcess(Process process, Uri address)
    {
        this.process = process;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address, Timeout = Limit };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Talks to it with the installation's key.</summary>
    public HttpClient Client { get; }

    /// <summary>The process.</summary>
    public Process Process => process;

    /// <summary>What it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (output) return output.ToString();
        }
    }

    /// <summary>Starts it; it may not listen yet.</summary>
    /// <param name="settings">Settings, passed as environment variables.</param>
    /// <param name="program">The binary; null: <see cref="Program"/>.</param>
    /// <param name="before">A program and its arguments that run the binary, such as strace.</param>
    /// <param name="folder">Working directory.</param>
    /// <param name="arguments">Command and options.</param>
    /// <param name="port">Where it listens; null: on a free one.</param>
    public static HubProcess Start(IReadOnlyDictionary<string, string?> settings, string? program = null, IReadOnlyList<string>? before = null, string? folder = null,
        IReadOnlyList<string>? arguments = null, int? port = null)
    {
        var address = $"http://127.0.0.1:{port ?? FreePort()}";
        string[] command = [.. before ?? [], program ?? Program, .. arguments ?? []];
        var start = new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? settings["Data:Folder"] };
        foreach (var (name, value) in settings) start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        start.Environment["Urls"] = address;
        start.Environment["Bootstrap__Tenant"] = "Acme Inc";
        start.Environment["Bootstrap__ApiKey"] = Key;
        return new HubProcess(new Process { StartInfo = start }, new Uri(address));
    }

    /// <summary>Waits until <paramref name="path"/> answers 200.</summary>
    public async Task ReadyAsync(string path = "/health/ready")
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            if (process.HasExited) throw new InvalidOperationException($"RunHub ended with {process.ExitCode} instead of listening:\n{Output}");
            try
            {
                using var answer = await Client.GetAsync(path, limit.Token);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(10, limit.Token);
        }
    }

    /// <summary>Waits until it has printed one of <paramref name="texts"/>, or has ended.</summary>
    public async Task PrintedAsync(params string[] texts)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (output)
        {
            if (Array.Exists(texts, text => output.ToString().Contains(text, StringComparison.Ordinal))) return;
            foreach (var text in texts) waiting.Add((text, seen));
        }

        await Task.WhenAny(seen.Task, process.WaitForExitAsync()).WaitAsync(Limit);
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();
        Client.Dispose();
        process.Dispose();
    }

    void Hear(string? line)
    {
        if (line is null) return;
        lock (output)
        {
            output.AppendLine(line);
            foreach (var (text, seen) in waiting) if (line.Contains(text, StringComparison.Ordinal)) seen.TrySetResult();
        }
    }

    /// <summary>A port nobody listens on, and nobody is given: it lies below those that outgoing connections of tests beside this one take.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = FirstPort + (int)((uint)Interlocked.Increment(ref lastPort) % Ports);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }
}
