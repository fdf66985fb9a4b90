using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace RunHub.Access.FirstStart;

/// <summary>
/// The one-time link to <c>/setup</c>, printed on the console while there are no users. Its token lives in memory only:
/// every start makes another.
/// </summary>
public sealed class SetUpLink(FirstSetUp setUp, IServer server)
{
    byte[]? token;

    /// <summary>Local URL of the page; null when there is nothing to set up.</summary>
    public string? Path => Volatile.Read(ref token) is { } bytes ? "/setup?token=" + Encoding.ASCII.GetString(bytes) : null;

    /// <summary>Makes the token if there are no users.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (!await setUp.IsPendingAsync(cancellationToken)) return;
        Volatile.Write(ref token, Encoding.ASCII.GetBytes(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))));
    }

    /// <summary>Prints the link.</summary>
    public void Print(TextWriter console)
    {
        if (Path is not { } path) return;
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:8080";
        // An address that listens everywhere is no address to open.
        address = address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            .Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal);
        console.WriteLine();
        console.WriteLine("  RunHub has no users yet. Open this link to set it up; it works once:");
        console.WriteLine();
        console.WriteLine("    " + address.TrimEnd('/') + path);
        console.WriteLine();
    }

    /// <summary>Is it the token; takes the same time whatever is given.</summary>
    public bool Fits(string? given) => Volatile.Read(ref token) is { } bytes && given is not null
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(bytes), SHA256.HashData(Encoding.UTF8.GetBytes(given)));

    /// <summary>The set-up is done: the link is worth nothing any more.</summary>
    public void Burn() => Volatile.Write(ref token, null);
}
