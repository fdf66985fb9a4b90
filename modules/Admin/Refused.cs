using System.Globalization;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using RunHub.Http;
using RunHub.Ui;

namespace RunHub.Admin;

/// <summary>
/// An act that is refused for a reason the person can do something about. Pages say it beside the field, in the person's
/// language; the API as a problem document, in English. Thrown inside the write lane it also undoes what was done.
/// </summary>
/// <param name="status">400 for a bad value, 404 for what is not there, 409 for what is in the way.</param>
/// <param name="field">JSON name of the field, such as <c>email</c>; empty: none in particular.</param>
/// <param name="textKey">Key in <see cref="AdminTexts"/>.</param>
/// <param name="arguments">For the text.</param>
public sealed class Refused(int status, string field, string textKey, params object[] arguments) : Exception(Say("en", textKey, arguments))
{
    /// <summary>Adds it to a page's faults.</summary>
    public void AddTo(ModelStateDictionary state) => state.AddModelError(field, Say(TextTable.Language, textKey, arguments));

    /// <summary>The same as a problem document.</summary>
    public ProblemException ToProblem()
    {
        var title = status switch { 404 => "Not found.", 409 => "This is in the way.", _ => "The request is not valid." };
        return field.Length == 0 || status == 404 ? new ProblemException(status, title, Message) : new ProblemException(status, title, Message, new Fault("$." + field, Message));
    }

    static string Say(string language, string key, object[] arguments) =>
        string.Format(CultureInfo.InvariantCulture, TextTable.Of(typeof(AdminTexts), language)[key], arguments);
}
