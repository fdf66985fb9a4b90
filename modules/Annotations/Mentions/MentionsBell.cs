using Microsoft.AspNetCore.Html;
using RunHub.Access;
using RunHub.Ui;

namespace RunHub.Annotations.Mentions;

/// <summary>
/// The bell in every page's head, with the number of unread mentions, and the texts of the scripts that write notes
/// (<c>notes.js</c>, <c>marks.js</c>, <c>mentions.js</c>). Keys are not mentioned: they have no bell.
/// </summary>
static class MentionsBell
{
    public static ValueTask<long> StateAsync(HttpContext context) =>
        context.RequestServices.GetRequiredService<Store.Annotations.Mentions>().UnreadAsync(context.Caller(), context.RequestAborted);

    public static async ValueTask<IHtmlContent> ContentAsync(HttpContext context, string? current)
    {
        var html = new HtmlBuffer(1024);
        var texts = TextTable.Of(typeof(AnnotationsTexts));
        var shell = context.RequestServices.GetRequiredService<Shell>();
        if (context.Caller().Kind == CallerKind.User)
        {
            var unread = await StateAsync(context);
            var said = unread == 0 ? texts["Mentions"] : texts["MentionsUnread"].Replace("{0}", shell.Format.Number(unread), StringComparison.Ordinal);
            html.Raw("<a class=\"btn btn-quiet btn-icon top-mentions\" href=\"/mentions\" aria-label=\""u8);
            html.Text(said);
            html.Raw("\" title=\""u8);
            html.Text(said);
            html.Raw(current == "mentions" ? "\" aria-current=\"page\">"u8 : "\">"u8);
            html.Raw(shell.Icon("bell").Value);
            if (unread > 0)
            {
                html.Raw("<span class=\"count\" aria-hidden=\"true\">"u8);
                html.Raw(unread > 99 ? "99+" : unread.ToString(System.Globalization.CultureInfo.InvariantCulture));
                html.Raw("</span>"u8);
            }

            html.Raw("</a>"u8);
        }

        html.Raw("<template id=\"note-texts\" data-comment=\""u8);
        html.Text(texts["DoComment"]);
        html.Raw("\" data-comment-step=\""u8);
        html.Text(texts["CommentStep"]);
        html.Raw("\" data-not-shown=\""u8);
        html.Text(texts["QuoteNotShown"]);
        html.Raw("\" data-members=\""u8);
        html.Text(texts["Members"]);
        html.Raw("\">"u8);
        html.Raw(shell.Icon("message").Value);
        html.Raw("</template>"u8);
        return html;
    }
}
