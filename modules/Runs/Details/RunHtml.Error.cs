using RunHub.Model;
using RunHub.Runs.List;
using RunHub.Ui;

namespace RunHub.Runs.Details;

/// <summary>The part at the top that says what went wrong, and why.</summary>
public sealed partial class RunHtml
{
    void Error(HtmlBuffer html)
    {
        html.Raw("<div class=\"run-alert\"><section class=\"run-error\" aria-labelledby=\"error-title\"><div class=\"run-error-head\">"u8);
        Icon(html, "alert-circle");
        Element(html, "<h2 id=\"error-title\">"u8, texts["RunFailed"], "</h2>"u8);
        if (run.ErrorClass is { } kind) Element(html, "<span class=\"badge red\">"u8, ListView.Choices["error_class"].Contains(kind) ? texts["Value_" + kind] : kind, "</span>"u8);
        if (run.ErrorCode is { } code) Element(html, "<span class=\"badge\"><code>"u8, code, "</code></span>"u8);
        Element(html, "</div><p class=\"run-error-text\" id=\"error-message\">"u8, view.ErrorMessage ?? texts["NoErrorMessage"], "</p>"u8);
        if (run.ErrorClass is { } known && texts.Has("Guide_" + known)) Element(html, "<p class=\"run-error-guide\">"u8, texts["Guide_" + known], "</p>"u8);
        if (run.FailedSteps > 0 && run.StepCount > run.FailedSteps)
            Element(html, "<p class=\"run-error-guide\">"u8, texts["WhyPartly"].Replace("{0}", shell.Format.Number(run.FailedSteps), StringComparison.Ordinal).Replace("{1}", shell.Format.Number(run.StepCount), StringComparison.Ordinal), "</p>"u8);
        if ((run.ErrorStepId ?? run.FailedNode) is { } at)
        {
            // From another tab the card is on another address.
            Element(html, "<p class=\"run-error-at\"><a href=\""u8, view.Tab is null ? "" : view.Url, "#node-"u8);
            Element(html, default, Uri.EscapeDataString(at), "\" data-node=\""u8);
            html.Text(at);
            html.Raw("\">"u8);
            Icon(html, "arrow-down");
            html.Text(texts["FailedAt"]);
            Element(html, " "u8, run.FailedNode ?? at, "</a></p>"u8);
        }

        pieces.CompareWithSuccess.Write(html, view.Url);
        if (view.ErrorStack is { } stack)
        {
            html.Raw("<details class=\"stack\"><summary>"u8);
            Icon(html, "chevron-right");
            html.Text(texts["StackTrace"]);
            Element(html, "</summary><div class=\"json\"><pre class=\"code\" tabindex=\"0\" id=\"error-stack\">"u8, stack, "</pre><button class=\"copy json-copy\" data-copy-from=\"#error-stack\""u8);
            Named(html, texts["CopyStack"], "copy");
            html.Raw("</button></div></details>"u8);
        }

        html.Raw("</section>"u8);
        if (run.Status == RunStatus.Failed) Why(html, skeleton: true);
        html.Raw("</div>\n"u8);
    }

    // The run did not fail, some of its steps did.
    void Partly(HtmlBuffer html)
    {
        html.Raw("<div class=\"run-alert\"><section class=\"alert alert-warning\" id=\"run-partly\" aria-label=\""u8);
        Element(html, default, texts["WhyPartlyTitle"], "\">"u8);
        Icon(html, "alert-triangle");
        var failed = shell.Format.Number(run.FailedSteps);
        Element(html, "<div><p>"u8, texts[run.Status == RunStatus.Completed ? "WhyPartlyCompleted" : "WhyPartlyGoesOn"].Replace("{0}", failed, StringComparison.Ordinal).Replace("{1}", shell.Format.Number(run.StepCount), StringComparison.Ordinal), "</p>"u8);
        if (run.ErrorClass is { } known && texts.Has("Guide_" + known)) Element(html, "<p>"u8, texts["Guide_" + known], "</p>"u8);
        Element(html, "<p><a href=\""u8, view.Url, "?view=table&amp;failed=true\">"u8);
        Element(html, default, texts["ShowFailedSteps"], "</a></p></div></section></div>\n"u8);
    }

    // Asked for when the page stands: what earlier runs say takes longer than the page.
    void Why(HtmlBuffer html, bool skeleton)
    {
        Element(html, "<div class=\"run-why\" id=\"why\" hx-get=\""u8, view.Url, "/why\" hx-trigger=\"load\" hx-swap=\"innerHTML\">"u8);
        if (skeleton) Element(html, "<div class=\"skeleton sk-box\" role=\"img\" aria-label=\""u8, texts["WhyLoading"], "\"></div>"u8);
        html.Raw("</div>\n"u8);
    }
}
