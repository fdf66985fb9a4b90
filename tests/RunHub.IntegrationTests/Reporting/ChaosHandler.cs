using System.Net;

namespace RunHub.IntegrationTests.Reporting;

/// <summary>A network at its worst: throttles, breaks connections, loses answers of requests that were taken.</summary>
sealed class ChaosHandler(int seed) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(2) })
{
    readonly Random random = new(seed);

    public int Throttled { get; private set; }

    public int Lost { get; private set; }

    /// <summary>Everything passes from now on.</summary>
    public bool IsCalm { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Whatever else happens, one request is throttled and one answer lost, also where the hub was hardly ever there.
        var chance = Throttled == 0 ? 0.01 : Lost == 0 ? 0.15 : IsCalm ? 1 : random.NextDouble();
        if (chance < 0.10)
        {
            Throttled++;
            var answer = new HttpResponseMessage(chance < 0.05 ? HttpStatusCode.TooManyRequests : HttpStatusCode.ServiceUnavailable) { Content = new StringContent("") };
            answer.Headers.RetryAfter = new(TimeSpan.FromSeconds(chance < 0.02 ? 1 : 0));
            return answer;
        }

        var real = await base.SendAsync(request, cancellationToken);
        if (chance > 0.20) return real;
        Lost++;
        real.Dispose();
        throw new HttpRequestException("The answer was lost.");
    }
}
