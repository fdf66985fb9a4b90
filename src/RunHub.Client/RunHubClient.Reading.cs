using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RunHub.Client.Reporting;

namespace RunHub.Client;

public sealed partial class RunHubClient
{
    const int Tries = 4;

    /// <summary>A run as <c>GET /api/runs/{id}</c> gives it; null: there is none.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunHubException">The hub refused, or could not be reached in four tries.</exception>
    public async Task<JsonElement?> GetRunAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return await GetAsync("api/runs/" + Uri.EscapeDataString(id), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The steps of a run in their order, as <c>GET /api/runs/{id}/steps</c> gives them; of an unknown run none.</summary>
    /// <param name="runId">The run's id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunHubException">The hub refused, or could not be reached in four tries.</exception>
    public IAsyncEnumerable<JsonElement> GetStepsAsync(string runId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return PagesAsync($"api/runs/{Uri.EscapeDataString(runId)}/steps", "steps", cancellationToken);
    }

    /// <summary>The runs a filter matches, newest first, page by page as they are asked for.</summary>
    /// <param name="filter">As in the address of the list, such as <c>status=failed&amp;workflow=invoice*&amp;from=24h</c>; null: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunHubException">The hub refused, or could not be reached in four tries.</exception>
    public IAsyncEnumerable<JsonElement> ListRunsAsync(string? filter = null, CancellationToken cancellationToken = default) =>
        PagesAsync("api/runs" + (string.IsNullOrEmpty(filter) ? "" : "?" + filter.TrimStart('?')), "runs", cancellationToken);

    async IAsyncEnumerable<JsonElement> PagesAsync(string address, string items, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? token = null; ;)
        {
            var page = await GetAsync(token is null ? address : $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}next_token={Uri.EscapeDataString(token)}", cancellationToken).ConfigureAwait(false);
            if (page is not { } json) yield break;
            foreach (var item in json.GetProperty(items).EnumerateArray()) yield return item;
            token = json.TryGetProperty("next_token", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
            if (token is null) yield break;
        }
    }

    async Task<JsonElement?> GetAsync(string address, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(options);
        for (var tries = 1; ; tries++)
        {
            var (failure, status, retryAfter) = ("", 0, (TimeSpan?)null);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(options.RequestTimeout);
            try
            {
                using var answer = await transport.Http.GetAsync(new Uri(address, UriKind.Relative), limit.Token).ConfigureAwait(false);
                if (answer.StatusCode == HttpStatusCode.NotFound) return null;
                var body = await answer.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
                if (answer.IsSuccessStatusCode) return JsonSerializer.Deserialize<JsonElement>(body);
                (failure, status, retryAfter) = (HubTransport.Says((int)answer.StatusCode, body), (int)answer.StatusCode, answer.Headers.RetryAfter?.Delta);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException || e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                failure = e.Message;
            }

            if (tries == Tries || status is not (0 or 408 or 429 or 502 or 503 or 504)) throw new RunHubException(status, failure);
            await Task.Delay(backoff.Next(retryAfter), Time, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>The hub refused to answer, or could not be reached.</summary>
/// <param name="status">HTTP status; 0: no answer.</param>
/// <param name="message">What it said.</param>
public sealed class RunHubException(int status, string message) : Exception(message)
{
    /// <summary>HTTP status; 0: no answer.</summary>
    public int Status { get; } = status;
}
