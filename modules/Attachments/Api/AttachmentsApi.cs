using System.Text.Json;
using RunHub.Access;
using RunHub.Attachments.Receive;
using RunHub.Http;
using RunHub.Store;
using RunHub.Store.Attachments;

namespace RunHub.Attachments.Api;

/// <summary><c>/api/runs/{id}/attachments</c>.</summary>
static class AttachmentsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapApi("POST", "/api/runs/{id}/attachments", Allow.Reporters, AttachmentDocs.Add, AddAsync);
        app.MapApi("GET", "/api/runs/{id}/attachments", Allow.Viewers, AttachmentDocs.List, ListAsync);
        app.MapApi("GET", "/api/runs/{id}/attachments/{attachment}", Allow.Viewers, AttachmentDocs.Link, LinkAsync);
        app.MapApi("DELETE", "/api/runs/{id}/attachments/{attachment}", Allow.Admins, AttachmentDocs.Delete, DeleteAsync);
    }

    static async Task AddAsync(HttpContext context)
    {
        var id = context.Route("id");
        var added = await context.RequestServices.GetRequiredService<ReceiveFiles>().HandleAsync(context, id);
        await context.Response.WriteJsonAsync(added.Any(a => a.Created) ? 201 : 200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("attachments");
            foreach (var (row, created) in added)
            {
                json.WriteStartObject();
                Members(json, row);
                json.WriteBoolean("created", created);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static async Task ListAsync(HttpContext context)
    {
        var rows = await context.ReadRunAsync(static (sql, run, ct) => AttachmentStore.ListAsync(sql, run.RunNo, ct));
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("attachments");
            foreach (var row in rows)
            {
                json.WriteStartObject();
                Members(json, row);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static async Task LinkAsync(HttpContext context)
    {
        var id = context.Route("attachment");
        var row = await context.ReadRunAsync((sql, run, ct) => AttachmentStore.FindAsync(sql, run.RunNo, id, ct)) ?? throw ProblemException.NotFound("attachment", id);
        var links = context.RequestServices.GetRequiredService<FileLinks>();
        var (url, expires) = links.Make(row, shown: false);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            Members(json, row);
            json.WriteString("url", url);
            json.WriteString("view_url", ContentTypes.MayBeShown(row.ContentType) ? links.Make(row, shown: true).Url : null);
            json.WriteString("url_expires_at", Times.ToIso(expires.ToMicros()));
            json.WriteEndObject();
        });
    }

    static async Task DeleteAsync(HttpContext context)
    {
        var (run, id) = (context.Route("id"), context.Route("attachment"));
        if (!await context.RequestServices.GetRequiredService<AttachmentStore>().DeleteAsync(context.Caller(), run, id, context.RequestAborted)) throw ProblemException.NotFound("attachment", id);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    static void Members(Utf8JsonWriter json, AttachmentRow row)
    {
        json.WriteString("id", row.Id);
        json.WriteString("step_id", row.StepId);
        json.WriteString("name", row.Name);
        json.WriteString("content_type", row.ContentType);
        json.WriteNumber("size", row.Size);
        json.WriteString("sha256", row.Sha256);
        json.WriteString("created_by", row.CreatedBy);
        json.WriteString("created_at", Times.ToIso(row.CreatedAt));
    }
}
