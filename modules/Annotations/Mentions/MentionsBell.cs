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
            var said = unread == 0 ? texts["Mentions"] : texts.Put("MentionsUnread", shell.Format.Number(unread));
            html.Raw("<a class=\"btn btn-quiet btn-icon top-mentions\" href=\"/mentions\" aria-label=\""u8).Text(said).Raw("\" title=\""u8).Text(said);
            html.Raw(current == "mentions" ? "\" aria-current=\"page\">"u8 : "\">"u8).Raw(shell.Icon("bell").Value);
            if (unread > 99) html.Raw("<span class=\"count\" aria-hidden=\"true\">99+</span>"u8);
            else if (unread > 0) html.Raw("<span class=\"count\" aria-hidden=\"true\">"u8).Number(unread).Raw("</span>"u8);
            html.Raw("</a>"u8);
        }

        html.Raw("<template id=\"note-texts\" data-comment=\""u8).Text(texts["DoComment"]).Raw("\" data-comment-step=\""u8).Text(texts["CommentStep"]);
        html.Raw("\" data-not-shown=\""u8).Text(texts["QuoteNotShown"]).Raw("\" data-members=\""u8).Text(texts["Members"]).Raw("\">"u8);
        html.Raw(shell.Icon("message").Value).Raw("</template>"u8);
        return html;
    }
}
