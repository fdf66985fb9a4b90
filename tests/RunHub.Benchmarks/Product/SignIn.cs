using System.Net;
using System.Text.RegularExpressions;

namespace RunHub.Benchmarks.Product;

/// <summary>Signs in as a person does, by the form, and answers the cookies as a header line.</summary>
static partial class SignIn
{
    public static async Task<string> CookieAsync(int port)
    {
        var jar = new CookieContainer();
        using var handler = new HttpClientHandler { CookieContainer = jar };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(FormattableString.Invariant($"http://127.0.0.1:{port}")) };
        http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        using var page = await http.GetAsync(new Uri("/runs", UriKind.Relative));
        var form = Form().Matches(await page.Content.ReadAsStringAsync()).Select(m => m.Value).FirstOrDefault(f => f.Contains("type=\"password\"", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"GET /runs without a session showed no sign-in form ({(int)page.StatusCode} {page.RequestMessage!.RequestUri}).");
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var input in Input().Matches(form).Select(m => m.Value))
        {
            if (Attribute(input, "name") is not { } name) continue;
            var type = Attribute(input, "type");
            if (type is "checkbox" or "submit") continue;
            fields[name] = type is "password" ? ProductServer.Password : name.Contains("mail", StringComparison.OrdinalIgnoreCase) ? ProductServer.Email : Attribute(input, "value") ?? "";
        }

        var target = new Uri(page.RequestMessage!.RequestUri!, Attribute(Form().Match(form).Value.Split('>')[0], "action") ?? "");
        using var content = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(target, content);
        var list = await http.GetStringAsync(new Uri("/runs", UriKind.Relative));
        return list.Contains("type=\"password\"", StringComparison.Ordinal)
            ? throw new InvalidOperationException($"Signing in did not work: {(int)answer.StatusCode}.")
            : "Cookie: " + jar.GetCookieHeader(http.BaseAddress);
    }

    static string? Attribute(string tag, string name)
    {
        var match = Regex.Match(tag, $"\\b{name}=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return match.Success ? WebUtility.HtmlDecode(match.Groups["value"].Value) : null;
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex Form();

    [GeneratedRegex("<input[^>]*>", RegexOptions.ExplicitCapture, 2000)]
    private static partial Regex Input();
}
