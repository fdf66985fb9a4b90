using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Access.Secrets;
using RunHub.Ingest;
using RunHub.Store;

namespace RunHub.Http;

/// <summary>An answer that is kept for a repeated request.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">JSON.</param>
/// <param name="IsReplay">True when it was given before.</param>
public sealed record KeptAnswer(int Status, byte[] Body, bool IsReplay = false);

/// <summary>
/// The <c>Idempotency-Key</c> header: the first request's answer is kept in the transaction that did its work, a repeated
/// request gets it again. What was refused is not kept: a repetition is judged anew.
/// </summary>
public sealed class IdempotentWrites(WriteLane lane, MasterKey master, IOptions<IngestOptions> options)
{
    const int MaxLength = 255;
    readonly ConcurrentDictionary<(string Caller, string Key), bool> running = new();
    readonly byte[] secret = master.Derive("idempotency");

    /// <summary>The key of a request; null when it has none.</summary>
    /// <exception cref="ProblemException">400: the header is not a key.</exception>
    public static string? KeyOf(HttpRequest request)
    {
        var header = request.Headers["Idempotency-Key"];
        if (header.Count == 0) return null;
        var key = header.Count == 1 ? Unquoted(header[0]!.Trim()) : "";
        if (key.Length is > 0 and <= MaxLength && !key.AsSpan().ContainsAnyExceptInRange(' ', '~')) return key;
        throw ProblemException.Invalid("header.Idempotency-Key", $"One key of 1 to {MaxLength} visible ASCII characters is wanted.");
    }

    /// <summary>A structured-field string has quotes, with a backslash before those within it; many clients leave them out. Empty: it is neither.</summary>
    static string Unquoted(string header)
    {
        if (!header.Contains('"', StringComparison.Ordinal)) return header;
        if (header.Length < 2 || header[0] != '"' || header[^1] != '"') return "";
        var key = new StringBuilder();
        for (var i = 1; i < header.Length - 1; i++)
        {
            if (header[i] == '"') return "";
            if (header[i] == '\\' && (++i == header.Length - 1 || header[i] is not ('"' or '\\'))) return "";
            key.Append(header[i]);
        }

        return key.ToString();
    }

    /// <summary>Runs <paramref name="work"/> in the write lane, or answers what it answered before.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">From <see cref="KeyOf"/>.</param>
    /// <param name="fingerprint">From <see cref="Fingerprint"/>.</param>
    /// <param name="work">Does the work and makes the answer; throws to refuse.</param>
    /// <param name="bytes">Payload bytes, for the lane's limit.</param>
    /// <exception cref="ProblemException">422: the key was used for another request. 409: the first one is still running.</exception>
    public async Task<KeptAnswer> RunAsync(HttpContext context, string key, string fingerprint, Func<WriteScope, CancellationToken, ValueTask<KeptAnswer>> work, long bytes)
    {
        var caller = context.Caller();
        var owner = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{caller.Tenant.No}/{caller.Key}");
        if (!running.TryAdd((owner, key), true))
            throw new ProblemException(409, "The first request is still running.", "Wait for its answer, or repeat later.", new Fault("header.Idempotency-Key", "A request with this key is being worked on.")) { RetryAfter = 1 };
        try
        {
            return await lane.Run(async (scope, ct) =>
            {
                if (await KeptAsync(scope, owner, key, fingerprint, ct) is { } kept) return kept;
                var answer = await work(scope, ct);
                await scope.Sql.Prepare("INSERT INTO idempotency_keys (caller, key, fingerprint, status, body, created_at) VALUES (@caller, @key, @fingerprint, @status, @body, @created_at)")
                    .With(owner, key, fingerprint, (long)answer.Status, answer.Body, scope.Now).ExecuteAsync(ct);
                return answer;
            }, context.RequestAborted, bytes);
        }
        finally
        {
            running.TryRemove((owner, key), out _);
        }
    }

    /// <summary>Writes a prepared batch: once, if the request has a key; otherwise the answer is made outside the lane.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">From <see cref="KeyOf"/>; may be null.</param>
    /// <param name="fingerprint">From <see cref="Fingerprint"/>; null without a key.</param>
    /// <param name="batch">What to write.</param>
    /// <param name="answer">Makes the answer; throws to refuse, then nothing is written.</param>
    public async Task<KeptAnswer> WriteAsync(HttpContext context, string? key, string? fingerprint, PreparedBatch batch, Func<IngestResult, KeptAnswer> answer)
    {
        var ingest = context.RequestServices.GetRequiredService<IngestRuns>();
        try
        {
            if (key is null) return answer(await lane.Run((scope, ct) => ingest.WriteAsync(scope, batch, ct), context.RequestAborted, batch.Bytes));
            return await RunAsync(context, key, fingerprint!, async (scope, ct) => answer(await ingest.WriteAsync(scope, batch, ct)), batch.Bytes);
        }
        catch (BatchRefusedException refused)
        {
            return answer(refused.Result);
        }
    }

    /// <summary>HMAC of everything that makes a request: method, address, content type and body.</summary>
    public string Fingerprint(HttpRequest request, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hmac.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n{request.ContentType}\n"));
        hmac.AppendData(body);
        return Convert.ToBase64String(hmac.GetHashAndReset());
    }

    /// <summary>Deletes what is older than <see cref="IngestOptions.IdempotencyHours"/>, a few at a time.</summary>
    /// <returns>How many.</returns>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        const int piece = 1000;
        for (var total = 0; ;)
        {
            var deleted = await lane.Run<int>(async (scope, ct) => await scope.Sql.Prepare($"""
                DELETE FROM idempotency_keys WHERE (caller, key) IN
                  (SELECT caller, key FROM idempotency_keys WHERE created_at < @before ORDER BY created_at LIMIT {piece})
                """).With(Expiry(scope)).ExecuteAsync(ct), cancellationToken);
            total += deleted;
            if (deleted < piece) return total;
        }
    }

    async ValueTask<KeptAnswer?> KeptAsync(WriteScope scope, string owner, string key, string fingerprint, CancellationToken cancellationToken)
    {
        var kept = await scope.Sql.Prepare("SELECT fingerprint, status, body, created_at FROM idempotency_keys WHERE caller = @caller AND key = @key")
            .With(owner, key).FirstAsync(r => (Fingerprint: r.GetString(0), Status: (int)r.GetInt64(1), Body: (byte[])r.GetValue(2), At: r.GetInt64(3)), cancellationToken);
        if (kept.Fingerprint is null) return null;
        if (kept.At < Expiry(scope))
        {
            await scope.Sql.Prepare("DELETE FROM idempotency_keys WHERE caller = @caller AND key = @key").With(owner, key).ExecuteAsync(cancellationToken);
            return null;
        }

        if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(kept.Fingerprint), Encoding.ASCII.GetBytes(fingerprint))) return new KeptAnswer(kept.Status, kept.Body, IsReplay: true);
        throw new ProblemException(422, "The key was used for another request.", "A key belongs to one request; use a new one.", new Fault("header.Idempotency-Key", "Method, address, content type or body differ from the first request with this key."));
    }

    long Expiry(WriteScope scope) => scope.Now - Math.Max(1, options.Value.IdempotencyHours) * 3_600_000_000L;
}
