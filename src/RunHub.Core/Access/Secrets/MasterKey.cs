using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using RunHub.Store;

namespace RunHub.Access.Secrets;

/// <summary>Configuration section <c>Security</c>.</summary>
public sealed class SecurityOptions
{
    /// <summary>
    /// The master key, base64 of 32 bytes; <c>RUNHUB_MASTER_KEY</c> goes before it. Empty: <c>master.key</c> in the data
    /// folder, created at the first start. Nodes of one installation share it.
    /// </summary>
    public string MasterKey { get; set; } = "";
}

/// <summary>
/// The one key that wraps every other secret. Never used itself: each purpose has a key derived from it (HKDF-SHA256);
/// what is sealed is nonce + ciphertext + tag of AES-256-GCM.
/// </summary>
public sealed class MasterKey
{
    const int NonceLength = 12;
    const int TagLength = 16;
    readonly byte[] key;

    /// <summary>Reads the key, or makes one in the data folder.</summary>
    /// <exception cref="InvalidOperationException">What is configured is not a key.</exception>
    public MasterKey(IOptions<SecurityOptions> security, IOptions<DataOptions> data, IConfiguration configuration)
    {
        if (configuration["RUNHUB_MASTER_KEY"] is { Length: > 0 } environment) key = Parse(environment, "RUNHUB_MASTER_KEY");
        else if (security.Value.MasterKey is { Length: > 0 } setting) key = Parse(setting, "Security:MasterKey");
        else key = ReadOrCreate(Path.Combine(Path.GetFullPath(data.Value.Folder), "master.key"));
    }

    /// <summary>A key of 32 bytes for one purpose, the same on every node and at every start.</summary>
    public byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: Encoding.UTF8.GetBytes("runhub/" + purpose));

    /// <summary>Encrypts and signs.</summary>
    public byte[] Seal(string purpose, ReadOnlySpan<byte> plain)
    {
        var sealedBytes = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceLength));
        using var aes = new AesGcm(Derive(purpose), TagLength);
        aes.Encrypt(sealedBytes.AsSpan(0, NonceLength), plain, sealedBytes.AsSpan(NonceLength, plain.Length), sealedBytes.AsSpan(NonceLength + plain.Length));
        return sealedBytes;
    }

    /// <summary>Undoes <see cref="Seal"/>.</summary>
    /// <exception cref="CryptographicException">Sealed with another key, for another purpose, or changed since.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> sealedBytes)
    {
        if (sealedBytes.Length < NonceLength + TagLength) throw new CryptographicException("What shall be opened is too short.");
        var plain = new byte[sealedBytes.Length - NonceLength - TagLength];
        using var aes = new AesGcm(Derive(purpose), TagLength);
        aes.Decrypt(sealedBytes[..NonceLength], sealedBytes[NonceLength..^TagLength], sealedBytes[^TagLength..], plain);
        return plain;
    }

    static byte[] Parse(string text, string source)
    {
        var bytes = new byte[32];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) && length == 32
            ? bytes
            : throw new InvalidOperationException($"{source} is not a master key: base64 of exactly 32 bytes is needed, such as \"openssl rand -base64 32\" prints.");
    }

    static byte[] ReadOrCreate(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (!File.Exists(file))
        {
            // Written beside and moved, so that no half a key is ever found.
            var text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(file + ".new", options))
            {
                stream.Write(Encoding.ASCII.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(file + ".new", file);
        }

        return Parse(File.ReadAllText(file), file);
    }
}
