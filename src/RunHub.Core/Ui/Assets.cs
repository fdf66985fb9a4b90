using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using RunHub.Access;

namespace RunHub.Ui;

/// <summary>
/// What the browser loads: everything under <c>wwwroot</c>, held in memory with its compressed forms and served from
/// <c>/assets/{version}/…</c>. The version is a hash of all of it, so that an answer may be kept for a year, relative
/// imports between scripts stay within one version, and a new release is never mixed with an old one.
/// The style sheets of <c>css/</c> are served as one, <c>css/all.css</c>: the order of their layers, not of the files, counts. The
/// modules of <c>js/</c> come as one, <c>lib/app.js</c>, made by the build: what a page needs is asked for in one round.
/// </summary>
public sealed class Assets
{
    const string AllCss = "css/all.css";
    readonly IFileProvider files;
    volatile Table current;

    /// <summary>Reads <paramref name="files"/>; reads again when they change (on disk, in Development).</summary>
    public Assets(IFileProvider files)
    {
        this.files = files;
        current = Read();
        if (files is PhysicalFileProvider) ChangeToken.OnChange(() => files.Watch("**/*"), () => current = Read());
    }

    /// <summary>Hash of everything, 10 characters.</summary>
    public string Version => current.Version;

    /// <summary>Address of a file: <c>Url("lib/app.js")</c>.</summary>
    public string Url(string path) => current.Root + path;

    /// <summary>Maps <c>/assets</c>.</summary>
    public void Map(IEndpointRouteBuilder app) => app.MapMethods("/assets/{version}/{**path}", ["GET", "HEAD"], Serve).Access(Allow.Anyone).ExcludeFromDescription();

    Task Serve(HttpContext context, string version, string path)
    {
        var table = current;
        var response = context.Response;
        if (!table.Files.TryGetValue(path, out var file))
        {
            response.StatusCode = 404;
            return Task.CompletedTask;
        }

        var headers = response.Headers;
        headers.ETag = file.Tag;
        headers.Vary = "Accept-Encoding";
        headers.CacheControl = string.Equals(version, table.Version, StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(file.Tag, StringComparison.Ordinal))
        {
            response.StatusCode = 304;
            return Task.CompletedTask;
        }

        response.ContentType = file.ContentType;
        var body = file.Body;
        if (file.Compressible)
        {
            var accepts = context.Request.Headers.AcceptEncoding.ToString();
            if (accepts.Contains("br", StringComparison.Ordinal)) (body, headers.ContentEncoding) = (file.Brotli.Value, "br");
            else if (accepts.Contains("gzip", StringComparison.Ordinal)) (body, headers.ContentEncoding) = (file.Gzip.Value, "gzip");
        }

        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    Table Read()
    {
        var found = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        Collect("", found);
        using var css = new MemoryStream();
        foreach (var (path, body) in found)
            if (path.StartsWith("css/", StringComparison.Ordinal)) css.Write(body);
        found[AllCss] = css.ToArray();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, body) in found)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(path));
            hash.AppendData(body);
        }

        var version = Convert.ToHexStringLower(hash.GetHashAndReset())[..10];
        return new Table(version, "/assets/" + version + "/", found.ToFrozenDictionary(f => f.Key, f => new AssetFile(f.Key, f.Value), StringComparer.Ordinal));
    }

    void Collect(string folder, SortedDictionary<string, byte[]> found)
    {
        foreach (var entry in files.GetDirectoryContents("/" + folder))
        {
            var path = folder.Length == 0 ? entry.Name : folder + "/" + entry.Name;
            if (entry.IsDirectory) Collect(path, found);
            else if (AssetFile.TypeOf(path) is not null) found[path] = ReadAll(entry);
        }
    }

    static byte[] ReadAll(IFileInfo file)
    {
        using var stream = file.CreateReadStream();
        var body = new byte[file.Length];
        stream.ReadExactly(body);
        return body;
    }

    sealed record Table(string Version, string Root, FrozenDictionary<string, AssetFile> Files);

    sealed class AssetFile(string path, byte[] body)
    {
        public byte[] Body { get; } = body;
        public string ContentType { get; } = TypeOf(path)!;
        public bool Compressible { get; } = !path.EndsWith(".woff2", StringComparison.Ordinal) && body.Length > 200;
        public string Tag { get; } = EntityTagHeaderValue.Parse('"' + Convert.ToHexStringLower(SHA256.HashData(body))[..16] + '"').ToString();
        public Lazy<byte[]> Brotli { get; } = new(() => Compress(body, to => new BrotliStream(to, CompressionLevel.SmallestSize)));
        public Lazy<byte[]> Gzip { get; } = new(() => Compress(body, to => new GZipStream(to, CompressionLevel.SmallestSize)));

        public static string? TypeOf(string path) => Path.GetExtension(path) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            ".ico" => "image/x-icon",
            ".woff2" => "font/woff2",
            ".txt" when !path.Equals("icons.txt", StringComparison.Ordinal) => "text/plain; charset=utf-8",
            _ => null,
        };

        static byte[] Compress(byte[] body, Func<Stream, Stream> by)
        {
            using var to = new MemoryStream();
            using (var stream = by(to)) stream.Write(body);
            return to.ToArray();
        }
    }
}
