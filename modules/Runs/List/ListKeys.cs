using System.Text;
using Microsoft.AspNetCore.Html;
using RunHub.Ui;

namespace RunHub.Runs.List;

/// <summary>The keys of the list that have no button: what wwwroot/js/keys.js listens to and its overlay tells. Written once for a language.</summary>
sealed class ListKeys
{
    readonly HtmlString all;
    readonly HtmlString withPick;

    ListKeys(Shell shell)
    {
        var texts = TextTable.Of(typeof(RunsTexts), shell.Language);
        var html = new StringBuilder();
        void Add(string key, string does, string text) =>
            html.Append("<data hidden data-key=\"").Append(key).Append("\" ").Append(does).Append(" data-key-text=\"").Append(HtmlBuffer.Encode(texts[text])).Append("\"></data>");
        Add("j", "data-key-does=\"row-next\"", "KeyNext");
        Add("k", "data-key-does=\"row-before\"", "KeyBefore");
        Add("Enter", "data-key-note", "KeyOpen");
        Add("v", "data-key-does=\"row-quick\"", "QuickView");
        Add("c", "data-key-does=\"row-copy\"", "CopyId");
        all = new HtmlString(html.ToString());
        Add("x", "data-key-does=\"row-pick\"", "KeyPick");
        Add("Escape", "data-key-note", "PickedClear");
        withPick = new HtmlString(html.ToString());
    }

    /// <summary>The keys of whoever looks.</summary>
    public static HtmlString Of(Shell shell, bool mayPick)
    {
        var keys = shell.Prepared(s => new ListKeys(s));
        return mayPick ? keys.withPick : keys.all;
    }
}
