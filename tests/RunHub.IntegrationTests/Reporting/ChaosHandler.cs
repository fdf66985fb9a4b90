using System.Net;

namespace RunHub.IntegrationTests.Reporting;

/// <summary>A network at its worst: throttles, breaks connections, loses answers of requests that were taken.</summary>
sealed class ChaosHandler(int seed) : DelegatingHandler(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromSeconds(2) })
{
    readonly Random random = new(seed);
    int requests;

    public int Throttled { get; private set; }

    public int Lost { get; private set; }

    /// <summary>Everything passes from now on.</summary>
    public bool IsCalm { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Whatever else happens, the first is throttled and the second one's answer lost.
        var chance = IsCalm ? 1 : ++requests switch { 1 => 0.01, 2 => 0.15, _ => random.NextDouble() };
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
