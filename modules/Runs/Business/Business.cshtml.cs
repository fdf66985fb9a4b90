using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using RunHub.Access;
using RunHub.Acts;
using RunHub.Http;
using RunHub.Model;
using RunHub.Store;
using RunHub.Ui;

namespace RunHub.Runs.Business;

/// <summary><c>/runs/{id}/business</c>: the panel with what a run was worth, each figure beside the one before; asked for when the page stands.</summary>
[Access(Role.Viewer, KeyScopes.Read)]
public sealed class BusinessPage(Database database) : PageModel
{
    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>Its figures.</summary>
    public BusinessFigures Figures { get; private set; } = null!;

    /// <summary>Those before it.</summary>
    public BusinessBefore Before { get; private set; } = null!;

    /// <summary>The panel.</summary>
    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellationToken)
    {
        Response.VaryByHtmx();
        if (!Request.IsHtmx()) return LocalRedirect("/runs/" + Uri.EscapeDataString(id));
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        Figures = await ReadBusiness.OfAsync(sql, Run, cancellationToken);
        Before = await ReadBusiness.BeforeAsync(sql, Run, cancellationToken);
        return Page();
    }
}

/// <summary><c>/runs/{id}/business/edit</c>: writes the figures; what a report brings later counts again.</summary>
[Access(Role.Operator, KeyScopes.Operate)]
public sealed class BusinessEditPage(Database database, ActOnRuns acts) : PageModel
{
    readonly TextTable texts = TextTable.Of(typeof(RunsTexts));

    /// <summary>The run.</summary>
    public RunRow Run { get; private set; } = null!;

    /// <summary>What stands in the fields.</summary>
    public IReadOnlyDictionary<string, string?> Values { get; private set; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Why it was refused.</summary>
    public string? Fault { get; private set; }

    /// <summary>Where it is posted.</summary>
    public string PostUrl => $"/runs/{Uri.EscapeDataString(Run.Id)}/business/edit";

    /// <summary>The form.</summary>
    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        var figures = await ReadBusiness.OfAsync(sql, Run, cancellationToken);
        Values = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["first_pass_success"] = figures.FirstPassSuccess switch { true => "true", false => "false", null => null },
            ["accuracy"] = figures.Accuracy?.ToString("R", CultureInfo.InvariantCulture),
            ["throughput_delta"] = figures.ThroughputDelta?.ToString("R", CultureInfo.InvariantCulture),
            ["customer_experience_index"] = figures.CustomerExperienceIndex?.ToString("R", CultureInfo.InvariantCulture),
            ["time_to_feature"] = figures.TimeToFeature?.ToString(CultureInfo.InvariantCulture),
            ["experience_notes"] = figures.ExperienceNotes,
        };
        return Shown();
    }

    /// <summary>Writes them.</summary>
    public async Task<IActionResult> OnPostAsync(string id, CancellationToken cancellationToken)
    {
        await using (var sql = await database.ReadAsync(cancellationToken))
            Run = await RunReader.GetAsync(sql, HttpContext.Caller().Tenant.No, id, cancellationToken);
        var form = await Request.ReadFormAsync(cancellationToken);
        Values = new[] { "first_pass_success", "accuracy", "throughput_delta", "customer_experience_index", "time_to_feature", "experience_notes" }.ToDictionary(n => n, n => form[n].ToString() is { Length: > 0 } text ? text.Trim() : null, StringComparer.Ordinal);
        try
        {
            var act = new MeasureRun(Values["first_pass_success"] switch { null or "" => null, "true" => true, "false" => false, _ => throw ProblemException.Invalid("$.first_pass_success", texts["BusinessNumber"]) },
                Number("accuracy"), Number("throughput_delta"), Number("customer_experience_index"), Whole("time_to_feature"), Values["experience_notes"]?.ReplaceLineEndings("\n"));
            await acts.HandleAsync(HttpContext.Caller(), act, id, cancellationToken);
            if (!Request.IsHtmx()) return LocalRedirect("/runs/" + Uri.EscapeDataString(id));
            Response.HtmxTrigger("business-changed");
            return Content("", "text/html");
        }
        catch (ProblemException problem) when (problem.Status is StatusCodes.Status400BadRequest or StatusCodes.Status409Conflict)
        {
            Fault = problem.Faults is [{ Reason: { } reason }] ? reason : problem.Detail;
            Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        }

        return Shown();
    }

    IActionResult Shown()
    {
        Response.VaryByHtmx();
        return Request.IsHtmx() ? Partial("_BusinessForm", this) : Page();
    }

    double? Number(string name) => Values[name] is not { } text ? null
        : double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : throw ProblemException.Invalid("$." + name, texts["BusinessNumber"] + " " + texts["Business_" + name]);

    long? Whole(string name) => Values[name] is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MeasureRun.MaxTime ? number
        : throw ProblemException.Invalid("$." + name, texts["BusinessNumber"] + " " + texts["Business_" + name]);
}
