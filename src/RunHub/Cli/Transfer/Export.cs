using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using RunHub.Client;

namespace RunHub.Cli;

/// <summary>
/// <c>runhub export</c>: writes the runs of a hub to a file. The file appears under its name when it is whole. Ends with 0, or 1
/// when it broke off.
/// </summary>
static class Export
{
    static readonly string[] Formats = ["ndjson", "json", "csv", "otlp", "otlp-logs"];

    /// <summary>The command.</summary>
    public static Command Command()
    {
        var hub = new HubOptions();
        var target = new Argument<string>("file") { Description = "Where to; - writes to standard output." };
        var format = new Option<string>("--format") { Description = "ndjson (what import takes back), json, csv, otlp or otlp-logs.", DefaultValueFactory = _ => "ndjson" };
        format.AcceptOnlyFromAmong(Formats);
        var include = new Option<string>("--include") { Description = "payloads, steps, logs, several with commas. Default: payloads,steps, of csv none.", DefaultValueFactory = _ => "" };
        var filter = new Option<string>("--filter") { Description = "Which runs, as in the address of the list: status=failed&from=7d. Default: all, with those of batches.", DefaultValueFactory = _ => "lane=all" };
        var command = new Command("export", "Writes the runs of a hub to a file.") { target, hub.Url, hub.Key, format, include, filter };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var address = $"api/runs/export?format={parsed.GetValue(format)}&{parsed.GetValue(filter)!.TrimStart('?', '&')}";
            var parts = parsed.GetValue(include) is { Length: > 0 } chosen ? chosen : parsed.GetValue(format) == "csv" ? "" : "payloads,steps";
            if (parts.Length > 0) address += "&include=" + Uri.EscapeDataString(parts);
            return await RunAsync(hub.Of(parsed), address, parsed.GetValue(target)!, Console.Error, cancellationToken);
        });
        return command;
    }

    static async Task<int> RunAsync(RunHubClientOptions options, string address, string target, TextWriter output, CancellationToken cancellationToken)
    {
        var progress = new Progress(output, options.Time);
        var part = target + ".part";
        try
        {
            if (options.ApiKey.Length == 0) throw new InvalidOperationException("An API key is needed: --key, or RUNHUB_KEY.");
            using var http = new HttpClient { BaseAddress = new Uri(options.Url.TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
            using var answer = await http.GetAsync(new Uri(address, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!answer.IsSuccessStatusCode) throw new InvalidOperationException(await WhyAsync(answer, cancellationToken));
            var rows = answer.Headers.TryGetValues("RunHub-Rows", out var said) ? said.First() : "?";
            await using (Stream file = target == "-" ? Console.OpenStandardOutput() : new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
                await CopyAsync(body, file, rows, progress, cancellationToken);
            }

            if (target != "-") File.Move(part, target, overwrite: true);
            return 0;
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException or UnauthorizedAccessException or OperationCanceledException or UriFormatException)
        {
            progress.Line(e is OperationCanceledException ? "Stopped: nothing was kept." : "runhub: " + e.Message);
            if (target != "-") File.Delete(part);
            return 1;
        }
    }

    static async Task CopyAsync(Stream from, Stream to, string rows, Progress progress, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        var (bytes, lines) = (0L, 0L);
        for (int read; (read = await from.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            bytes += read;
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            progress.Say(() => string.Create(CultureInfo.InvariantCulture, $"{lines:N0} lines, {bytes / 1048576.0:N1} MiB, of {rows} runs"));
        }

        await to.FlushAsync(cancellationToken);
        progress.Line(string.Create(CultureInfo.InvariantCulture, $"{rows} runs, {bytes / 1048576.0:N1} MiB in {progress.Elapsed.TotalSeconds:0.0} s."));
    }

    static async Task<string> WhyAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            return problem.RootElement.GetProperty("detail").GetString()!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return $"The hub answered {(int)answer.StatusCode}.";
        }
    }
}
