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
        html.Raw("<h2 id=\"error-title\">"u8).Text(texts["RunFailed"]).Raw("</h2>"u8);
        if (run.ErrorClass is { } kind) html.Raw("<span class=\"badge red\">"u8).Text(ListView.Choices["error_class"].Contains(kind) ? texts["Value_" + kind] : kind).Raw("</span>"u8);
        if (run.ErrorCode is { } code) html.Raw("<span class=\"badge\"><code>"u8).Text(code).Raw("</code></span>"u8);
        html.Raw("</div><p class=\"run-error-text\" id=\"error-message\">"u8).Text(view.ErrorMessage ?? texts["NoErrorMessage"]).Raw("</p>"u8);
        if (run.ErrorClass is { } known && texts.Has("Guide_" + known)) html.Raw("<p class=\"run-error-guide\">"u8).Text(texts["Guide_" + known]).Raw("</p>"u8);
        if (run.FailedSteps > 0 && run.StepCount > run.FailedSteps)
            html.Raw("<p class=\"run-error-guide\">"u8).Text(texts.Put("WhyPartly", shell.Format.Number(run.FailedSteps), shell.Format.Number(run.StepCount))).Raw("</p>"u8);
        if ((run.ErrorStepId ?? run.FailedNode) is { } at)
        {
            // From another tab the card is on another address.
            html.Raw("<p class=\"run-error-at\"><a href=\""u8).Text(view.Tab is null ? "" : view.Url).Raw("#node-"u8);
            html.Text(Uri.EscapeDataString(at)).Raw("\" data-node=\""u8);
            html.Text(at);
            html.Raw("\">"u8);
            Icon(html, "arrow-down");
            html.Text(texts["FailedAt"]);
            html.Raw(" "u8).Text(run.FailedNode ?? at).Raw("</a></p>"u8);
        }

        pieces.CompareWithSuccess.Write(html, view.Url);
        if (view.ErrorStack is { } stack)
        {
            html.Raw("<details class=\"fold\"><summary>"u8);
            Icon(html, "chevron-right");
            html.Text(texts["StackTrace"]);
            html.Raw("</summary><div class=\"json\"><pre class=\"code\" tabindex=\"0\" id=\"error-stack\">"u8).Text(stack).Raw("</pre><button class=\"copy json-copy\" data-copy-from=\"#error-stack\""u8);
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
        html.Text(texts["WhyPartlyTitle"]).Raw("\">"u8);
        Icon(html, "alert-triangle");
        html.Raw("<div><p>"u8).Text(texts.Put(run.Status == RunStatus.Completed ? "WhyPartlyCompleted" : "WhyPartlyGoesOn", shell.Format.Number(run.FailedSteps), shell.Format.Number(run.StepCount))).Raw("</p>"u8);
        if (run.ErrorClass is { } known && texts.Has("Guide_" + known)) html.Raw("<p>"u8).Text(texts["Guide_" + known]).Raw("</p>"u8);
        html.Raw("<p><a href=\""u8).Text(view.Url).Raw("?view=table&amp;failed=true\">"u8);
        html.Text(texts["ShowFailedSteps"]).Raw("</a></p></div></section></div>\n"u8);
    }

    // Asked for when the page stands: what earlier runs say takes longer than the page.
    void Why(HtmlBuffer html, bool skeleton)
    {
        html.Raw("<div class=\"run-why\" id=\"why\" hx-get=\""u8).Text(view.Url).Raw("/why\" hx-trigger=\"load\" hx-swap=\"innerHTML\">"u8);
        if (skeleton) html.Raw("<div class=\"skeleton sk-box\" role=\"img\" aria-label=\""u8).Text(texts["WhyLoading"]).Raw("\"></div>"u8);
        html.Raw("</div>\n"u8);
    }
}
