using System.Text.Json;
using RunHub.Access;
using RunHub.Http;

namespace RunHub.Runs.Views;

/// <summary><c>/api/views</c>: saved views. Whoever reads may save for themselves; more is checked where it is done.</summary>
static class ViewsApi
{
    static readonly TimeSpan MaxCounting = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapApi("GET", "/api/views", Allow.Viewers, ViewDocs.List, ListAsync);
        app.MapApi("POST", "/api/views", Allow.Viewers, ViewDocs.Create, CreateAsync);
        app.MapApi("GET", "/api/views/{id}", Allow.Viewers, ViewDocs.Get, GetAsync);
        app.MapApi("PATCH", "/api/views/{id}", Allow.Viewers, ViewDocs.Change, ChangeAsync);
        app.MapApi("DELETE", "/api/views/{id}", Allow.Viewers, ViewDocs.Delete, DeleteAsync);
    }

    static async Task ListAsync(HttpContext context)
    {
        var (caller, views, cancellationToken) = (context.Caller(), Views(context), context.RequestAborted);
        var withCounts = context.Request.Flag("counts");
        var list = await views.ListAsync(caller, cancellationToken);
        var chosen = (await views.SettingsAsync(caller, cancellationToken)).DefaultView;
        var counts = new Dictionary<string, ViewCount?>(StringComparer.Ordinal);
        if (withCounts)
        {
            var count = context.RequestServices.GetRequiredService<CountView>();
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            // What is not counted by then has no count in this answer.
            foreach (var view in list) counts[view.Id] = System.Diagnostics.Stopwatch.GetElapsedTime(start) < MaxCounting ? await count.OfAsync(view, cancellationToken) : null;
        }

        await context.Response.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("views");
            foreach (var view in list) Write(json, view, caller, chosen, withCounts ? counts[view.Id] : null, withCounts);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static async Task CreateAsync(HttpContext context)
    {
        var body = await ApiJson.ReadAsync<ViewBody>(context);
        if (body.Filter is null) throw ProblemException.Invalid("$.filter", "Say which runs: \"status=failed&workflow=invoice\", \"\" for the default view.");
        var (caller, views) = (context.Caller(), Views(context));
        if (body.Default == true && caller.Kind != CallerKind.User) throw new ProblemException(403, "Not allowed.", "Only a person has a default view.");
        var view = await views.CreateAsync(caller, body.ToChange(), context.RequestAborted);
        if (body.Default == true) await views.SetDefaultAsync(caller, view.Id, context.RequestAborted);
        context.Response.Headers.Location = "/api/views/" + view.Id;
        await SendAsync(context, 201, view);
    }

    static async Task GetAsync(HttpContext context) =>
        await SendAsync(context, 200, await Views(context).FindAsync(context.Caller(), Id(context), context.RequestAborted) ?? throw ProblemException.NotFound("view", Id(context)));

    static async Task ChangeAsync(HttpContext context)
    {
        var body = await ApiJson.ReadAsync<ViewBody>(context);
        var (caller, views, id) = (context.Caller(), Views(context), Id(context));
        var change = body.ToChange();
        var view = change == new ViewChange()
            ? await views.FindAsync(caller, id, context.RequestAborted) ?? throw ProblemException.NotFound("view", id)
            : await views.ChangeAsync(caller, id, change, context.RequestAborted);
        if (body.Default is { } chosen)
        {
            var was = (await views.SettingsAsync(caller, context.RequestAborted)).DefaultView;
            if (chosen || was == id) await views.SetDefaultAsync(caller, chosen ? id : null, context.RequestAborted);
        }

        await SendAsync(context, 200, view);
    }

    static async Task DeleteAsync(HttpContext context)
    {
        await Views(context).DeleteAsync(context.Caller(), Id(context), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    static SavedViews Views(HttpContext context) => context.RequestServices.GetRequiredService<SavedViews>();

    static string Id(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    static async Task SendAsync(HttpContext context, int status, SavedView view)
    {
        var chosen = (await Views(context).SettingsAsync(context.Caller(), context.RequestAborted)).DefaultView;
        await context.Response.WriteJsonAsync(status, json => Write(json, view, context.Caller(), chosen, null, withCount: false));
    }

    static void Write(Utf8JsonWriter json, SavedView view, Caller caller, string? chosen, ViewCount? count, bool withCount)
    {
        json.WriteStartObject();
        json.WriteString("id", view.Id);
        json.WriteString("name", view.Name);
        json.WriteString("filter", view.Filter);
        json.WriteString("problem", view.Problem);
        json.WriteBoolean("shared", view.IsShared);
        json.WriteBoolean("pinned", view.IsPinned);
        json.WriteBoolean("default", view.Id == chosen);
        json.WriteBoolean("may_change", view.MayChange(caller));
        json.WriteString("created_by", view.OwnerName);
        json.WriteString("created_at", Times.ToIso(view.CreatedAt));
        json.WriteString("updated_at", Times.ToIso(view.UpdatedAt));
        if (withCount)
        {
            if (count is { } found) json.WriteNumber("count", found.Count);
            else json.WriteNull("count");
            json.WriteBoolean("count_is_capped", count is { IsCapped: true });
        }

        json.WriteEndObject();
    }

    sealed record ViewBody(string? Name = null, string? Filter = null, bool? Shared = null, bool? Pinned = null, bool? Default = null)
    {
        public ViewChange ToChange() => new(Name, Filter, Shared, Pinned);
    }
}
