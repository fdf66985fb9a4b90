using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using RunHub.Store;

namespace RunHub.Access.Secrets;

/// <summary>
/// Where ASP.NET Core keeps the keys of cookies and tokens: table <c>data_keys</c>, so that nodes share them and sessions
/// outlive a restart. Sealed by <see cref="SealDataKey"/>.
/// </summary>
sealed class DataKeys(Database database, WriteLane lane) : IXmlRepository
{
#pragma warning disable MA0042, MA0045 // The interface is synchronous; it is called at start and once in ninety days.
    public IReadOnlyCollection<XElement> GetAllElements() => GetAllAsync().GetAwaiter().GetResult();

    public void StoreElement(XElement element, string friendlyName) => StoreAsync(element, friendlyName).GetAwaiter().GetResult();
#pragma warning restore MA0042, MA0045

    async Task<List<XElement>> GetAllAsync()
    {
        await using var sql = await database.ReadAsync(CancellationToken.None);
        return await sql.Prepare("SELECT value FROM data_keys WHERE name LIKE 'key-%' ORDER BY name")
            .ListAsync(r => XElement.Parse(r.GetString(0)), CancellationToken.None).ConfigureAwait(false);
    }

    async Task StoreAsync(XElement element, string name) =>
        await lane.Run(async (scope, ct) => await scope.Sql.Prepare("INSERT INTO data_keys (name, value, created_at) VALUES (@name, @value, @created_at)")
            .With(name.StartsWith("key-", StringComparison.Ordinal) ? name : "key-" + name, element.ToString(SaveOptions.DisableFormatting), scope.Now)
            .ExecuteAsync(ct), CancellationToken.None).ConfigureAwait(false);
}

/// <summary>Seals a data protection key with the master key.</summary>
sealed class SealDataKey(MasterKey master) : IXmlEncryptor
{
    public const string Purpose = "data-keys";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var bytes = master.Seal(Purpose, Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)));
        return new EncryptedXmlInfo(new XElement("sealed", Convert.ToBase64String(bytes)), typeof(OpenDataKey));
    }
}

/// <summary>Undoes <see cref="SealDataKey"/>; found by its type name, which stands in the stored element.</summary>
sealed class OpenDataKey(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) =>
        XElement.Parse(Encoding.UTF8.GetString(services.GetRequiredService<MasterKey>().Open(SealDataKey.Purpose, Convert.FromBase64String(encryptedElement.Value))));
}

/// <summary>
/// Says at start, in words, that a database was written under another master key; found out late, it would look like
/// broken sessions here and lost secrets there.
/// </summary>
static class MasterKeyCheck
{
    const string Name = "check";

    public static async Task RunAsync(Database database, WriteLane lane, MasterKey master, CancellationToken cancellationToken)
    {
        var value = await StoredAsync(database, cancellationToken);
        if (value is null)
        {
            var own = Convert.ToBase64String(master.Seal(Name, "runhub"u8));
            await lane.Run(async (scope, ct) => await scope.Sql.Prepare(
                "INSERT INTO data_keys (name, value, created_at) VALUES (@name, @value, @created_at) ON CONFLICT (name) DO NOTHING")
                .With(Name, own, scope.Now).ExecuteAsync(ct), cancellationToken);
            value = await StoredAsync(database, cancellationToken);
        }

        try
        {
            master.Open(Name, Convert.FromBase64String(value!));
        }
        catch (CryptographicException e)
        {
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                $"The master key is not the one this database was written under. Bring back its data/master.key, or set RUNHUB_MASTER_KEY to the key of the other nodes."), e);
        }
    }

    static async Task<string?> StoredAsync(Database database, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT value FROM data_keys WHERE name = @name").With(Name).ScalarAsync<string>(cancellationToken);
    }
}
