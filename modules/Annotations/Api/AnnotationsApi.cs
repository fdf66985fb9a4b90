using System.Text.Json;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Annotations;

namespace RunHub.Annotations.Api;

/// <summary><c>POST /api/runs/{id}/annotate</c> and <c>/api/runs/{id}/annotations</c>.</summary>
static class AnnotationsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapApi("POST", "/api/runs/{id}/annotate", Allow.Operators, AnnotationDocs.Add, AddAsync);
        app.MapApi("GET", "/api/runs/{id}/annotations", Allow.Viewers, AnnotationDocs.List, ListAsync);
        app.MapApi("GET", "/api/runs/{id}/annotations/{annotation}", Allow.Viewers, AnnotationDocs.Get, GetAsync);
        app.MapApi("PATCH", "/api/runs/{id}/annotations/{annotation}", Allow.Operators, AnnotationDocs.Edit, EditAsync);
        app.MapApi("DELETE", "/api/runs/{id}/annotations/{annotation}", Allow.Operators, AnnotationDocs.Delete, DeleteAsync);
    }

    /// <summary>The act, with its anchor found in the payload.</summary>
    /// <exception cref="ProblemException">404: no such run or step; 400: the part is not there.</exception>
    internal static async Task<AnnotateRun> PlacedAsync(HttpContext context, string runId, string? note, string? stepId, Anchor? anchor)
    {
        if (anchor is null) return new AnnotateRun(note ?? "", stepId);
        await using var sql = await context.RequestServices.GetRequiredService<Database>().ReadAsync(context.RequestAborted);
        var run = await RunReader.GetAsync(sql, context.Caller().Tenant.No, runId, context.RequestAborted);
        var (found, payload) = await ReadAnnotations.PlaceAsync(sql, run, stepId, anchor, context.RequestAborted);
        return new AnnotateRun(note ?? "", stepId, found, payload);
    }

    static async Task AddAsync(HttpContext context)
    {
        var (services, id) = (context.RequestServices, context.Route("id"));
        BodyKinds.Of(context.Request, lines: false);
        var key = IdempotentWrites.KeyOf(context.Request);
        using var body = await RequestBody.ReadAsync(context, services.GetRequiredService<IOptions<IngestOptions>>().Value);
        var asked = ApiJson.Read<AddBody>(body.Bytes);
        var (acts, caller) = (services.GetRequiredService<ActOnRuns>(), context.Caller());
        var act = await PlacedAsync(context, id, asked.Note, asked.StepId, asked.Anchor);
        if (key is null)
        {
            await WriteAnswer.SendAsync(context, Answer(await acts.HandleAsync(caller, act, id, context.RequestAborted)));
            return;
        }

        var writes = services.GetRequiredService<IdempotentWrites>();
        var prepared = acts.Prepare(caller, act);
        await WriteAnswer.SendAsync(context, await writes.RunAsync(context, key, writes.Fingerprint(context.Request, body.Bytes.Span),
            async (scope, ct) => Answer(await acts.ApplyAsync(scope, prepared, id, null, ct)), 0));
    }

    static KeptAnswer Answer(ActOutcome outcome) => WriteAnswer.Make(200, json =>
    {
        json.WriteStartObject();
        json.WriteString("id", outcome.Id);
        json.WriteBoolean("changed", outcome.Changed);
        json.WriteString("annotation_id", outcome.AnnotationId);
        json.WriteEndObject();
    });

    static async Task ListAsync(HttpContext context)
    {
        var notes = await context.ReadRunAsync(static (sql, run, ct) => ReadAnnotations.CheckedAsync(sql, run, ct));
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("annotations");
            foreach (var note in notes) Write(json, note, null);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static async Task GetAsync(HttpContext context)
    {
        var (id, annotation, tenant) = (context.Route("id"), context.Route("annotation"), context.Caller().Tenant);
        var (note, history) = await context.ReadRunAsync(async (sql, run, ct) => (
            (await ReadAnnotations.CheckedAsync(sql, run, ct)).FirstOrDefault(n => n.Id == annotation) ?? throw ProblemException.NotFound("annotation", annotation),
            await ReadAnnotations.HistoryAsync(sql, tenant.No, id, annotation, ct)));
        await context.Response.WriteJsonAsync(200, json => Write(json, note, history));
    }

    static async Task EditAsync(HttpContext context)
    {
        var body = await ApiJson.ReadAsync<EditBody>(context);
        var note = await context.RequestServices.GetRequiredService<ActOnAnnotations>()
            .EditAsync(context.Caller(), context.Route("id"), context.Route("annotation"), body.Note, body.Version, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json => Write(json, note, null));
    }

    static async Task DeleteAsync(HttpContext context)
    {
        await context.RequestServices.GetRequiredService<ActOnAnnotations>().DeleteAsync(context.Caller(), context.Route("id"), context.Route("annotation"), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    static void Write(Utf8JsonWriter json, AnnotationRow note, IReadOnlyList<AnnotationChange>? history)
    {
        json.WriteStartObject();
        json.WriteString("id", note.Id);
        json.WriteString("author", note.Author);
        json.WriteString("note", note.Note);
        json.WriteString("at", Times.ToIso(note.At));
        json.WriteString("step_id", note.StepId);
        json.WritePropertyName("anchor");
        if (note.Anchor is { } anchor) json.WriteRawValue(anchor, skipInputValidation: true);
        else json.WriteNullValue();
        json.WriteString("anchor_state", note.Anchor is null || note.State is null ? null : ApiJson.Lower(note.State.Value));
        json.WriteStartArray("mentions");
        foreach (var email in note.Mentions) json.WriteStringValue(email);
        json.WriteEndArray();
        json.WriteString("edited_at", ApiJson.Time(note.EditedAt));
        json.WriteNumber("version", note.Edits);
        if (history is not null)
        {
            json.WriteStartArray("history");
            foreach (var change in history)
            {
                json.WriteStartObject();
                json.WriteString("at", Times.ToIso(change.At));
                json.WriteString("by", change.By);
                json.WriteString("action", change.Action);
                json.WriteString("from", change.From);
                json.WriteString("to", change.To);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    sealed record AddBody(string? Note = null, string? StepId = null, Anchor? Anchor = null);

    sealed record EditBody(string? Note = null, long? Version = null);
}
