using System.Globalization;
using System.Text;
using System.Text.Json;
using RunHub.Model;
using RunHub.Plugins;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Steps.Cards;

// INPUT with its badges and blocks, and the foot of a card.
sealed partial class CardWriter
{
    readonly string check, cross;

    void Input(HtmlBuffer html, in Card card, StepExtra extra)
    {
        var step = card.Step;
        var given = card.Payloads[StepCards.AtOnce(step.Input)].Span;
        var prompt = card.Layout is null ? PromptInput.Read(given) : default;
        var parameters = extra.Parameters is { } utf8 ? utf8.Utf8.Span : default;
        var temperature = prompt.Temperature.Length > 0 ? prompt.Temperature : TemperatureOf(parameters, out _);
        var begun = html.Length;
        html.Raw("<div class=\"node-badges\">"u8);
        var empty = html.Length;
        var badges = card.Layout?.Badges ?? [];
        foreach (var badge in badges) Badge(html, badge.Label, badge.Value);
        if (prompt.Model.Length > 0) Badge(html, StepTitles.Model, prompt.Model);
        else if (step.Model is { Length: > 0 } model && !Has(badges, StepTitles.Model)) Badge(html, StepTitles.Model, model);
        if (temperature.Length > 0 && !Has(badges, StepTitles.Temperature)) Badge(html, StepTitles.Temperature, temperature);
        if (step.Tool is { Length: > 0 } tool && !Has(badges, StepTitles.Tool)) Badge(html, StepTitles.Tool, tool);
        if (step.Endpoint is { Length: > 0 } endpoint && !Has(badges, StepTitles.Endpoint)) Badge(html, StepTitles.Endpoint, endpoint);
        if (html.Length == empty) html.Truncate(begun);
        else html.Raw("</div>\n"u8);

        if (card.Layout is { } layout) Blocks(html, layout.Input);
        else if (prompt.IsObject) Prompt(html, prompt, given);
        else if (given.Length > 0) blocks.Write(html, given, KindOf(given));
        if (step.Input is { Length: > JsonBlock.LoadedAtOnce } large) blocks.Write(html, JsonBlock.Large(null, UrlOf(card, "input"), large.Length));
        if (parameters.Length > 0)
        {
            TemperatureOf(parameters, out var only);
            if (!only)
            {
                Title(html, StepTitles.Parameters);
                blocks.Write(html, parameters, KindOf(parameters));
            }
        }

        if (html.Length == begun) html.Raw(noInput);
    }

    void Prompt(HtmlBuffer html, PromptInput prompt, ReadOnlySpan<byte> given)
    {
        if (prompt.System.Length > 0)
        {
            Title(html, StepTitles.SystemPrompt);
            blocks.Write(html, prompt.System, JsonBlockKind.JsonString);
        }

        if (prompt.User.Length > 0)
        {
            Title(html, StepTitles.UserPrompt);
            blocks.Write(html, prompt.User, JsonBlockKind.JsonString);
        }

        if (prompt.Others == 0) return;
        var block = JsonBlockWriter.Begin(html);
        blocks.End(html, block, prompt.WriteOthers(html), given.Length);
    }

    void Blocks(HtmlBuffer html, IReadOnlyList<StepBlock> given)
    {
        foreach (var block in given)
        {
            if (block.Title is { } title) Title(html, title);
            var utf8 = Encoding.UTF8.GetBytes(block.Text);
            // An adapter's word for JSON is not proof of it.
            blocks.Write(html, utf8, block.Kind == StepBlockKind.Json && IsJson(utf8) ? JsonBlockKind.Json : JsonBlockKind.Text);
        }
    }

    void Foot(HtmlBuffer html, StepRow step, StepExtra extra)
    {
        if (step.ValidationPassed is null && step.ValidationScore is null && step.TokensIn is null && step.CostNano is null) return;
        html.Raw("<div class=\"node-foot num\">"u8);
        if (step.ValidationPassed is not null || step.ValidationScore is not null)
        {
            html.Raw(step.ValidationPassed switch { true => "<span class=\"badge green\">"u8, false => "<span class=\"badge red\">"u8, null => "<span class=\"badge\">"u8 });
            if (step.ValidationPassed is { } yes) html.Raw(yes ? check : cross);
            html.Text(texts["Validation"]);
            html.Raw(": "u8);
            if (step.ValidationPassed is { } passed) html.Text(texts[passed ? "Passed" : "NotPassed"]);
            if (step.ValidationScore is { } score)
            {
                if (step.ValidationPassed is not null) html.Raw(" · "u8);
                html.Text(texts["Score"]);
                html.Raw((byte)' ');
                html.Raw(format.Decimal(score));
            }

            html.Raw("</span>"u8);
        }

        if (step.TokensIn is not null || step.TokensOut is not null)
        {
            html.Raw("<span class=\"badge\">"u8);
            html.Text(string.Format(CultureInfo.InvariantCulture, texts["TokensInOut"], format.Number(step.TokensIn), format.Number(step.TokensOut)));
            html.Raw("</span>"u8);
        }

        if (step.CostNano is { } cost)
        {
            html.Raw("<span class=\"badge\">"u8);
            html.Text(format.Cost(cost));
            html.Raw("</span>"u8);
        }

        html.Raw("</div>\n"u8);
        if (extra.Reasons is { } reasons) Reasons(html, reasons);
    }

    static void Reasons(HtmlBuffer html, JsonPayload reasons)
    {
        using var document = reasons.ToDocument();
        var root = document.RootElement;
        IEnumerable<JsonElement> all = root.ValueKind == JsonValueKind.Array ? root.EnumerateArray() : [root];
        var any = false;
        foreach (var reason in all)
        {
            html.Raw(any ? "<li>"u8 : "<ul class=\"node-reasons\"><li>"u8);
            any = true;
            html.Text(reason.ValueKind == JsonValueKind.String ? reason.GetString() : reason.GetRawText());
            html.Raw("</li>"u8);
        }

        if (any) html.Raw("</ul>\n"u8);
    }

    void Title(HtmlBuffer html, string title)
    {
        html.Raw("<h4>"u8);
        html.Text(texts[title]);
        html.Raw("</h4>\n"u8);
    }

    void Badge(HtmlBuffer html, string label, string value)
    {
        BadgeLabel(html, label);
        html.Text(value);
        html.Raw("\">"u8);
        html.Text(value);
        html.Raw("</span></span>"u8);
    }

    void Badge(HtmlBuffer html, string label, ReadOnlySpan<byte> json)
    {
        BadgeLabel(html, label);
        JsonHtml.Text(html, json);
        html.Raw("\">"u8);
        JsonHtml.Text(html, json);
        html.Raw("</span></span>"u8);
    }

    void BadgeLabel(HtmlBuffer html, string label)
    {
        html.Raw("<span class=\"badge\"><span class=\"badge-label\">"u8);
        html.Text(texts[label]);
        html.Raw("</span><span class=\"truncate\" title=\""u8);
    }

    static bool Has(IReadOnlyList<StepBadge> badges, string label)
    {
        foreach (var badge in badges)
            if (badge.Label == label) return true;
        return false;
    }

    // The number of a member "temperature"; alone: the object has no other members.
    static ReadOnlySpan<byte> TemperatureOf(ReadOnlySpan<byte> parameters, out bool alone)
    {
        alone = false;
        ReadOnlySpan<byte> found = default;
        var reader = new Utf8JsonReader(parameters, new JsonReaderOptions { MaxDepth = 1024 });
        if (parameters.Length == 0 || !reader.Read() || reader.TokenType != JsonTokenType.StartObject) return found;
        alone = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals("temperature"u8);
            reader.Read();
            if (isIt && reader.TokenType == JsonTokenType.Number) found = reader.ValueSpan;
            else alone = false;
            reader.Skip();
        }

        alone &= found.Length > 0;
        return found;
    }

    static bool IsJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 1024 });
            while (reader.Read())
            {
                // Only whether it can be read.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
