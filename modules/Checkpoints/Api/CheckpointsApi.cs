using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Store.Checkpoints;

namespace RunHub.Checkpoints.Api;

/// <summary><c>/api/runs/{id}/checkpoints</c>.</summary>
static class CheckpointsApi
{
    const int MaxLimit = 200;
    const int DefaultLimit = 20;
    const char Between = '~';

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapApi("POST", "/api/runs/{id}/checkpoints", Allow.Reporters, CheckpointDocs.Put, context => PutAsync(context, null));
        app.MapApi("PUT", "/api/runs/{id}/checkpoints/{checkpoint}", Allow.Reporters, CheckpointDocs.PutOne, context => PutAsync(context, context.Route("checkpoint")));
        app.MapApi("PUT", "/api/runs/{id}/checkpoints/{checkpoint}/writes", Allow.Reporters, CheckpointDocs.PutWrites, PutWritesAsync);
        app.MapApi("GET", "/api/runs/{id}/checkpoints", Allow.Viewers, CheckpointDocs.List, ListAsync);
        app.MapApi("GET", "/api/runs/{id}/checkpoints/{checkpoint}", Allow.Viewers, CheckpointDocs.Get, GetAsync);
    }

    static async Task PutAsync(HttpContext context, string? id)
    {
        var (store, options) = Services(context);
        BodyKinds.Of(context.Request, lines: false);
        using var body = await RequestBody.ReadAsync(context, options);
        var (checkpoints, _) = new ReadCheckpoints(store.Options.MaxBytes, options.MaxDepth).Checkpoints(body.Bytes, id);
        var put = await store.PutAsync(context.Caller(), context.Route("id"), checkpoints, context.RequestAborted);
        await context.Response.WriteJsonAsync(put.Any(p => p.Created) ? 201 : 200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("checkpoints");
            foreach (var (ns, checkpointId, created) in put)
            {
                json.WriteStartObject();
                json.WriteString("checkpoint_ns", ns);
                json.WriteString("checkpoint_id", checkpointId);
                json.WriteBoolean("created", created);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static async Task PutWritesAsync(HttpContext context)
    {
        var (store, options) = Services(context);
        BodyKinds.Of(context.Request, lines: false);
        var checkpoint = context.Route("checkpoint");
        if (Ids.WhatIsWrong(checkpoint) is { } wrong) throw ProblemException.Invalid("checkpoint", wrong);
        if (checkpoint == "latest") throw ProblemException.Invalid("checkpoint", "Writes belong to a checkpoint that is named.");
        using var body = await RequestBody.ReadAsync(context, options);
        var (ns, writes) = new ReadCheckpoints(store.Options.MaxBytes, options.MaxDepth).Writes(body.Bytes);
        var written = await store.PutWritesAsync(context.Caller(), context.Route("id"), ns, checkpoint, writes, context.RequestAborted);
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("written", written);
            json.WriteEndObject();
        });
    }

    static async Task ListAsync(HttpContext context)
    {
        var (ns, before, limit) = Page(context.Request);
        var rows = await context.ReadRunAsync((sql, run, ct) => CheckpointStore.ListAsync(sql, run.RunNo, ns, before, limit + 1, ct));
        var next = rows.Count > limit ? rows[limit - 1].Id + Between + rows[limit - 1].Ns : null;
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("checkpoints");
            foreach (var row in rows.Take(limit))
            {
                json.WriteStartObject();
                Members(json, row.Ns, row.Id, row.ParentId, row.Type, row.Source, row.Step, row.At, row.Size);
                json.WritePropertyName("metadata");
                json.WriteRawValue(row.Metadata.Span, skipInputValidation: true);
                json.WriteNumber("writes", row.Writes);
                json.WriteStartArray("special_writes");
                foreach (var special in row.Specials) json.WriteStringValue(special);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("next_token", next);
            json.WriteEndObject();
        });
    }

    static async Task GetAsync(HttpContext context)
    {
        var id = context.Route("checkpoint");
        var ns = context.Request.Query["checkpoint_ns"].ToString();
        if (id.Contains('\0', StringComparison.Ordinal) || ns.Contains('\0', StringComparison.Ordinal)) throw ProblemException.NotFound("checkpoint", id);
        var (checkpoint, writes) = await context.ReadRunAsync(async (sql, run, ct) =>
            await CheckpointStore.FindAsync(sql, run.RunNo, ns, id == "latest" ? null : id, ct) is { } found
                ? (found, await CheckpointStore.WritesAsync(sql, run.RunNo, found.Ns, found.Id, ct))
                : throw ProblemException.NotFound("checkpoint", id));
        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            Members(json, checkpoint.Ns, checkpoint.Id, checkpoint.ParentId, checkpoint.Value.Type, checkpoint.Source, checkpoint.Step, checkpoint.At, checkpoint.Value.Bytes.Length);
            Value(json, "checkpoint", checkpoint.Value);
            json.WritePropertyName("metadata");
            json.WriteRawValue(checkpoint.Metadata.Span, skipInputValidation: true);
            json.WriteStartArray("writes");
            foreach (var write in writes)
            {
                json.WriteStartObject();
                json.WriteString("task_id", write.TaskId);
                json.WriteString("task_path", write.TaskPath);
                json.WriteNumber("idx", write.Idx);
                json.WriteString("channel", write.Channel);
                json.WriteString("type", write.Value.Type);
                Value(json, "value", write.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static void Members(Utf8JsonWriter json, string ns, string id, string? parentId, string type, string? source, long? step, long at, long size)
    {
        json.WriteString("checkpoint_ns", ns);
        json.WriteString("checkpoint_id", id);
        json.WriteString("parent_checkpoint_id", parentId);
        json.WriteString("type", type);
        json.WriteString("source", source);
        if (step is { } number) json.WriteNumber("step", number);
        else json.WriteNull("step");
        json.WriteString("created_at", Times.ToIso(at));
        json.WriteNumber("size", size);
    }

    static void Value(Utf8JsonWriter json, string name, CheckpointValue value)
    {
        json.WritePropertyName(name);
        if (value.IsJson) json.WriteRawValue(value.Bytes.Span, skipInputValidation: true);
        else if (value.Type == "null") json.WriteNullValue();
        else json.WriteBase64StringValue(value.Bytes.Span);
    }

    static (string? Ns, (string Id, string Ns)? Before, int Limit) Page(HttpRequest request)
    {
        var limit = DefaultLimit;
        if (request.Query.TryGetValue("limit", out var text) && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
            throw ProblemException.Invalid("query.limit", $"A number from 1 to {MaxLimit} is wanted.");
        string? ns = request.Query.TryGetValue("checkpoint_ns", out var given) ? given.ToString() : null;
        if (ns?.Contains('\0', StringComparison.Ordinal) == true) throw ProblemException.Invalid("query.checkpoint_ns", "This is no namespace.");
        (string, string)? before = null;
        if (request.Query["before"].ToString() is { Length: > 0 } id) before = Ids.WhatIsWrong(id) is { } wrong ? throw ProblemException.Invalid("query.before", wrong) : (id, "");
        if (request.Query["next_token"].ToString() is { Length: > 0 } token)
        {
            var at = token.IndexOf(Between, StringComparison.Ordinal);
            before = at > 0 && !token.Contains('\0', StringComparison.Ordinal) ? (token[..at], token[(at + 1)..]) : throw ProblemException.Invalid("query.next_token", "This is not a token of this list.");
        }

        return (ns, before, limit);
    }

    static (CheckpointStore Store, IngestOptions Options) Services(HttpContext context) =>
        (context.RequestServices.GetRequiredService<CheckpointStore>(), context.RequestServices.GetRequiredService<IOptions<IngestOptions>>().Value);
}
