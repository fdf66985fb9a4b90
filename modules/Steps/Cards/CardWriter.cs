using System.Globalization;
using System.Text;
using RunHub.Model;
using RunHub.Plugins;
using RunHub.Steps.View;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Steps.Cards;

/// <summary>A node's card, to be written.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Step">The row.</param>
/// <param name="Payloads">Read already.</param>
/// <param name="Layout">The adapter's own; null: the usual one.</param>
/// <param name="IsOpen">Unfolded.</param>
/// <param name="Now">Microseconds since 1970.</param>
readonly record struct Card(RunRow Run, StepRow Step, RunPayloads Payloads, StepPresentation? Layout, bool IsOpen, long Now)
{
    /// <summary>The node, or the step's name.</summary>
    public string Node => Step.NodeId ?? Step.Name;

    /// <summary>What people call it; null: the same.</summary>
    public string? Label => (Step.Label ?? (Step.Name == Node ? null : Step.Name)) is { } label && label != Node ? label : null;
}

/// <summary>
/// Writes cards by hand, from the stored bytes to HTML: they are what a run's page consists of. Texts and icons are looked up
/// once for a language.
/// </summary>
sealed partial class CardWriter
{
    readonly TextTable texts = TextTable.Of(typeof(StepsTexts));
    readonly JsonBlockWriter blocks;
    readonly Format format;
    readonly byte[][] heads, statuses;
    readonly byte[] retry, tokens, error, stack, copyStack, input, noInput, output, noOutput, pending;
    readonly string retries;

    /// <summary>Looks its texts and icons up.</summary>
    public CardWriter(Shell shell)
    {
        format = shell.Format;
        blocks = shell.Prepared(static s => new JsonBlockWriter(s));
        string T(string key) => HtmlBuffer.Encode(texts[key]);
        heads = [.. Enum.GetValues<StepType>().Select(type => Utf8(
            $"<summary class=\"node-head\">{shell.Icon("chevron-right")}<span class=\"node-icon\" title=\"{T("Type_" + type.ToName())}\">{shell.Icon(StepIcons.Of(type))}</span><span class=\"node-title\"><strong id=\"node-"))];
        statuses = [.. RunStatuses.All.Select(status => Utf8($"</span><span class=\"node-status\">{shell.Status(status)}</span></span></summary>\n<div class=\"node-body\">\n"))];
        retry = Utf8($"<span class=\"badge yellow\">{T("RetriesOne")}</span>");
        retries = texts["RetriesN"];
        tokens = Utf8($" {T("Tokens")}</span>");
        error = Utf8($"<div class=\"node-error\"><h3>{T("Error")}");
        stack = Utf8($"<details class=\"fold\"><summary>{shell.Icon("chevron-right")}{T("StackTrace")}</summary><div class=\"json\"><pre class=\"code\" tabindex=\"0\">");
        copyStack = Utf8($"</pre><button class=\"copy json-copy\" data-copy-from aria-label=\"{T("CopyStack")}\" title=\"{T("CopyStack")}\">{shell.Icon("copy")}</button></div></details>");
        input = Utf8($"<section class=\"node-part\"><h3>{T("Input")}</h3>\n");
        noInput = Utf8($"<p class=\"muted\">{T("NoInput")}</p>\n");
        output = Utf8($"</section>\n<section class=\"node-part\"><h3>{T("Output")}</h3>\n");
        noOutput = Utf8($"<p class=\"muted\">{T("NoOutput")}</p>\n");
        pending = Utf8($"<p class=\"muted\">{T("OutputPending")}</p>\n");
        check = shell.Icon("check").Value!;
        cross = shell.Icon("x").Value!;
    }

    /// <summary>Writes one.</summary>
    public void Write(HtmlBuffer html, in Card card)
    {
        var extra = StepExtra.Read(card.Payloads[card.Step.Extra]);
        Head(html, card);
        if (card.Step.ErrorMessage is not null || extra.ErrorStack is not null) Error(html, card.Step, extra);
        html.Raw(input);
        Input(html, card, extra);
        html.Raw(output);
        Output(html, card);
        html.Raw("</section>\n"u8);
        Foot(html, card.Step, extra);
        html.Raw("</div></details>\n"u8);
    }

    /// <summary>Says that there are none.</summary>
    public void None(HtmlBuffer html, RunRow run)
    {
        html.Raw("<p class=\"muted nodes-empty\">"u8);
        html.Text(texts["NoSteps"].Replace("{id}", run.Id, StringComparison.Ordinal));
        html.Raw("</p>\n"u8);
    }

    /// <summary>Offers the next ones.</summary>
    public void More(HtmlBuffer html, RunRow run, StepPosition after, long shown)
    {
        var url = StepsView.UrlOf(run.Id);
        var place = string.Create(CultureInfo.InvariantCulture, $"after={Uri.EscapeDataString(after.ToString())}&before={shown}");
        html.Raw("<p class=\"nodes-more\" id=\"nodes-more\"><a class=\"btn\" href=\""u8).Text(url).Raw("?view=cards&amp;"u8).Text(place).Raw("\" hx-get=\""u8).Text(url).Raw("/steps?"u8).Text(place)
            .Raw("\" hx-target=\"#nodes-more\" hx-swap=\"outerHTML\">"u8).Text(texts["ShowMore"]).Raw("<span class=\"muted num\">"u8)
            .Text(texts.Put("ShownOf", format.Number(shown), format.Number(run.StepCount))).Raw("</span></a></p>\n"u8);
    }

    /// <summary>Says that the cards do not begin with the first one.</summary>
    public void Begin(HtmlBuffer html, RunRow run, long before)
    {
        if (before == 0) return;
        var url = StepsView.UrlOf(run.Id);
        html.Raw("<p class=\"steps-window\">"u8).Text(texts.Put("CardsFrom", format.Number(before + 1), format.Number(run.StepCount))).Raw(" <a href=\""u8).Text(url).Raw("?view=cards\" hx-get=\""u8).Text(url)
            .Raw("/steps/cards\" hx-target=\"#steps-view\">"u8).Text(texts["FromTheBeginning"]).Raw("</a></p>\n"u8);
    }

    /// <summary>What failed and the way to it, above the first cards of many.</summary>
    public void Failed(HtmlBuffer html, RunRow run, IReadOnlyList<FailedStep> failed)
    {
        var url = StepsView.UrlOf(run.Id);
        html.Raw("<section class=\"failed-first\" id=\"failed-steps\" aria-labelledby=\"failed-steps-title\"><h3 id=\"failed-steps-title\">"u8).Raw(cross).Text(texts.Put("FailedOf", format.Number(run.FailedSteps), format.Number(run.StepCount))).Raw("</h3><ol>"u8);
        foreach (var (step, way) in failed)
        {
            html.Raw("<li><a href=\""u8).Text(url).Raw("#step-"u8).Text(Uri.EscapeDataString(step.Id)).Raw("\" data-node=\""u8).Text(step.Id).Raw("\">"u8);
            foreach (var above in way) html.Raw("<span>"u8).Text(above).Raw(" › </span>"u8);
            html.Raw("<strong>"u8).Text(step.NodeId ?? step.Name).Raw("</strong></a>"u8);
            if ((step.ErrorMessage ?? step.ErrorCode) is { } message) html.Raw("<span class=\"failed-why\">"u8).Text(message).Raw("</span>"u8);
            html.Raw("<span class=\"muted num\">"u8).Raw(format.Duration(step.DurationMs)).Raw("</span></li>"u8);
        }

        html.Raw("</ol>"u8);
        if (run.FailedSteps > failed.Count)
            html.Raw("<p><a href=\""u8).Text(url).Raw("?view=table&amp;failed=true\" hx-get=\""u8).Text(url).Raw("/steps/table?failed=true\" hx-target=\"#steps-view\">"u8).Text(texts.Put("AllFailed", format.Number(run.FailedSteps))).Raw("</a></p>"u8);
        html.Raw("</section>\n"u8);
    }

    void Head(HtmlBuffer html, in Card card)
    {
        var step = card.Step;
        html.Raw("<details class=\"node "u8);
        html.Raw(step.Status.ToName());
        html.Raw("\" id=\"step-"u8);
        html.Text(Uri.EscapeDataString(step.Id));
        html.Raw("\" data-node-id=\""u8);
        html.Text(card.Node);
        html.Raw("\" data-step-id=\""u8);
        html.Text(step.Id);
        html.Raw(card.IsOpen ? "\" open>"u8 : "\">"u8);
        html.Raw(heads[(int)step.Type]);
        html.Text(Uri.EscapeDataString(card.Node));
        html.Raw("\">"u8);
        html.Text(card.Node);
        html.Raw("</strong>"u8);
        if (card.Label is { } label)
        {
            html.Raw("<span> ("u8);
            html.Text(label);
            html.Raw(")</span>"u8);
        }

        html.Raw("</span><span class=\"node-facts num\">"u8);
        if (step.Retries == 1) html.Raw(retry);
        else if (step.Retries > 1)
        {
            html.Raw("<span class=\"badge yellow\">"u8);
            html.Text(string.Format(CultureInfo.InvariantCulture, retries, step.Retries));
            html.Raw("</span>"u8);
        }

        if (step.Tokens is { } used)
        {
            html.Raw("<span class=\"node-tokens\">"u8);
            html.Raw(format.Number(used));
            html.Raw(tokens);
        }

        html.Raw("<span>"u8);
        if (step is { Status: RunStatus.Running, StartedAt: { } since })
        {
            html.Raw("<span data-since=\""u8);
            html.Number(since / 1000);
            html.Raw("\">"u8);
            html.Raw(format.Duration(Math.Max(0, (card.Now - since) / 1000)));
            html.Raw("</span>"u8);
        }
        else html.Raw(format.Duration(step.DurationMs));
        html.Raw(statuses[(int)step.Status]);
    }

    void Error(HtmlBuffer html, StepRow step, StepExtra extra)
    {
        html.Raw(error);
        if (step.ErrorCode is { } code)
        {
            html.Raw("<code class=\"badge red\">"u8);
            html.Text(code);
            html.Raw("</code>"u8);
        }

        html.Raw("</h3><p>"u8);
        html.Text(extra.ErrorMessage ?? step.ErrorMessage);
        html.Raw("</p>"u8);
        if (extra.ErrorStack is { } trace)
        {
            html.Raw(stack);
            html.Text(trace);
            html.Raw(copyStack);
        }

        html.Raw("</div>\n"u8);
    }

    void Output(HtmlBuffer html, in Card card)
    {
        var step = card.Step;
        var any = card.Layout is { Output.Count: > 0 };
        if (any) Blocks(html, card.Layout!.Output);
        else if (card.Payloads[StepCards.AtOnce(step.Output)].Span is { Length: > 0 } made)
        {
            blocks.Write(html, made, KindOf(made));
            any = true;
        }

        if (step.Output is { Length: > JsonBlock.LoadedAtOnce } large)
        {
            blocks.Write(html, JsonBlock.Large(null, UrlOf(card, "output"), large.Length));
            any = true;
        }

        if (!any) html.Raw(step.Status.IsFinal() ? noOutput : pending);
    }

    static JsonBlockKind KindOf(ReadOnlySpan<byte> json) => json[0] == '"' ? JsonBlockKind.JsonString : JsonBlockKind.Json;

    static string UrlOf(in Card card, string part) => $"/runs/{Uri.EscapeDataString(card.Run.Id)}/steps/{Uri.EscapeDataString(card.Step.Id)}/{part}";

    static byte[] Utf8(string html) => Encoding.UTF8.GetBytes(html);
}
