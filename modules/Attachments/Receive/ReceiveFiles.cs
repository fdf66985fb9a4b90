using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using RunHub.Access;
using RunHub.Http;
using RunHub.Store.Attachments;

namespace RunHub.Attachments.Receive;

/// <summary>
/// Takes the files of a request: the parts of a form, or the body itself. Bytes go to the store as they arrive, none is held;
/// when all are there they are added to the run together, or none is.
/// </summary>
public sealed class ReceiveFiles(AttachmentStore store)
{
    /// <summary>Most files of one request.</summary>
    public const int MaxFiles = 20;

    const int MaxField = 1024;
    const long FormRoom = 1 << 20;

    /// <summary>Adds what the request brings to a run.</summary>
    /// <exception cref="ProblemException">
    /// 400 no file, no name, broken; 404 no such run; 409 too many files; 413 a file over <c>Attachments:MaxBytes</c>; 415 an unknown encoding.
    /// </exception>
    public async Task<IReadOnlyList<AddedAttachment>> HandleAsync(HttpContext context, string runId)
    {
        var caller = context.Caller();
        var drafts = new List<AttachmentDraft>();
        try
        {
            // Before a byte is taken.
            await store.RunAsync(caller, runId, context.RequestAborted);
            await TakeAsync(context, caller, drafts);
            if (drafts.Count == 0) throw ProblemException.Invalid("$", "The form has no file.");
            return await store.AddAsync(caller, runId, drafts, context.RequestAborted);
        }
        catch
        {
            await store.DiscardAsync(drafts);
            throw;
        }
    }

    async Task TakeAsync(HttpContext context, Caller caller, List<AttachmentDraft> drafts)
    {
        var request = context.Request;
        var step = StepOf(request.Query["step_id"]);
        var isForm = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);
        var most = isForm ? store.Options.MaxBytes * MaxFiles + FormRoom : store.Options.MaxBytes;
        if (request.ContentLength > most) throw AttachmentStore.TooLarge("$", store.Options.MaxBytes);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature) feature.MaxRequestBodySize = most + FormRoom;
        // A compressed body that was cut short looks whole to a decompressor: a file is taken as it is.
        if (request.Headers.ContentEncoding.ToString() is not ("" or "identity") and var encoding)
            throw new ProblemException(415, "The encoding is not accepted.", "Files are sent as they are.", new Fault("header.Content-Encoding", $"\"{encoding}\" is not accepted here."));
        if (!isForm)
        {
            drafts.Add(await store.TakeAsync(caller, step, NameOf(request), request.Body, context.RequestAborted));
        }
        else if (context.Features.Get<IFormFeature>()?.Form is { } form)
        {
            // A plain form whose antiforgery token stood in a field: reading that has read it all.
            step ??= StepOf(form["step_id"]);
            foreach (var file in form.Files.Where(f => f.FileName.Length > 0).Take(MaxFiles))
            {
                await using var content = file.OpenReadStream();
                drafts.Add(await store.TakeAsync(caller, step, file.FileName, content, context.RequestAborted));
            }
        }
        else
        {
            await TakePartsAsync(context, caller, HeaderUtilities.RemoveQuotes(type!.Boundary).ToString(), step, drafts);
        }
    }

    async Task TakePartsAsync(HttpContext context, Caller caller, string boundary, string? step, List<AttachmentDraft> drafts)
    {
        if (boundary.Length is 0 or > 200) throw ProblemException.Invalid("header.Content-Type", "multipart/form-data needs a boundary of 1 to 200 characters.");
        var parts = new MultipartReader(boundary, context.Request.Body);
        while (await parts.ReadNextSectionAsync(context.RequestAborted) is { } part)
        {
            if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)) continue;
            if (disposition.IsFileDisposition())
            {
                if (drafts.Count == MaxFiles) throw ProblemException.Invalid("$", string.Create(CultureInfo.InvariantCulture, $"A request carries at most {MaxFiles} files."));
                drafts.Add(await store.TakeAsync(caller, step, FileNameOf(disposition), part.Body, context.RequestAborted));
            }
            else if (disposition.Name.Equals("step_id", StringComparison.Ordinal))
            {
                step = StepOf(await FieldAsync(part, context.RequestAborted));
            }
        }
    }

    static async Task<string> FieldAsync(MultipartSection part, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxField + 1];
        var length = await part.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > MaxField ? throw ProblemException.Invalid("step_id", "A step id has at most 128 characters.") : System.Text.Encoding.UTF8.GetString(buffer, 0, length);
    }

    static string? StepOf(string? id)
    {
        if (string.IsNullOrEmpty(id)) return null;
        return Ids.WhatIsWrong(id) is { } wrong ? throw ProblemException.Invalid("step_id", wrong) : id;
    }

    static string NameOf(HttpRequest request)
    {
        if (request.Query["filename"].ToString() is { Length: > 0 } said) return said;
        if (ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition) && FileNameOf(disposition) is { Length: > 0 } name) return name;
        throw ProblemException.Invalid("query.filename", "A file sent as the body needs a name: ?filename=report.pdf, or a header Content-Disposition. Forms are sent as multipart/form-data.");
    }

    static string FileNameOf(ContentDispositionHeaderValue disposition) =>
        HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString();
}
