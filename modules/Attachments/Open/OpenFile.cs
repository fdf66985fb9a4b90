using RunHub.Access;
using RunHub.Attachments.Api;
using RunHub.Http;
using RunHub.Store;
using RunHub.Store.Attachments;
using Microsoft.Net.Http.Headers;

namespace RunHub.Attachments.Open;

/// <summary>
/// <c>/files/{token}</c>: the bytes behind a signed link. What people uploaded runs nothing here: no type a browser interprets,
/// no guessing, a sandbox without an origin around what is shown.
/// </summary>
static class OpenFile
{
    const string Sandbox = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    // Browsers open PDF in a viewer of their own, away from our origin, and refuse to in a sandbox.
    const string Viewer = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods("/files/{token}", ["GET", "HEAD"], HandleAsync).Access(Allow.Anyone).Doc(AttachmentDocs.Open);
        app.MapGet("/runs/{id}/attachments/{attachment}", RedirectAsync).Access(Allow.Viewers);
    }

    static async Task<IResult> HandleAsync(HttpContext context, string token, FileLinks links, Database database, AttachmentStore store, CancellationToken cancellationToken)
    {
        var link = links.Read(token) ?? throw new ProblemException(403, "This link does not open anything.", "It was changed, or made by another installation. Ask for a new one.");
        if (links.HasExpired(link)) throw new ProblemException(410, "This link has expired.", "Links to files are short-lived. Open the file from its run again.");
        var row = await FindAsync(database, link, cancellationToken);
        var content = row is null ? null : await store.OpenAsync(row, cancellationToken);
        if (row is null || content is null) throw new ProblemException(404, "Not found.", "The file was deleted.");

        var shown = link.Shown && ContentTypes.MayBeShown(row.ContentType);
        var disposition = new ContentDispositionHeaderValue(shown ? "inline" : "attachment");
        disposition.SetHttpFileName(row.Name);
        var headers = context.Response.Headers;
        headers.ContentDisposition = disposition.ToString();
        headers.CacheControl = "private, no-store";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        context.Features.Set(new ContentPolicy(shown && row.ContentType == "application/pdf" ? Viewer : Sandbox));
        var type = !shown ? ContentTypes.Unknown : row.ContentType == ContentTypes.Text ? "text/plain; charset=utf-8" : row.ContentType;
        return Results.Stream(content, type, lastModified: Times.FromMicros(row.CreatedAt), entityTag: new EntityTagHeaderValue($"\"{row.Sha256}\""), enableRangeProcessing: true);
    }

    /// <summary>The link on the run's page: it asks who you are and hands out a fresh signed one.</summary>
    static async Task<IResult> RedirectAsync(HttpContext context, string id, string attachment, FileLinks links, Database database, CancellationToken cancellationToken)
    {
        var download = context.Request.Flag("download");
        await using var sql = await database.ReadAsync(cancellationToken);
        var run = await RunReader.GetAsync(sql, context.Caller().Tenant.No, id, cancellationToken);
        var row = await AttachmentStore.FindAsync(sql, run.RunNo, attachment, cancellationToken) ?? throw ProblemException.NotFound("attachment", attachment);
        context.Response.Headers.CacheControl = "no-store";
        return Results.Redirect(links.Make(row, shown: !download).Url);
    }

    static async Task<AttachmentRow?> FindAsync(Database database, FileLink link, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await AttachmentStore.FindAsync(sql, link.RunNo, link.AttachmentId, cancellationToken);
    }
}
