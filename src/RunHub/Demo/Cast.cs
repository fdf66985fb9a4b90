using RunHub.Demo.Workflows;

namespace RunHub.Demo;

/// <summary>A version and how often it failed.</summary>
/// <param name="DaysAgo">Since when it was in use.</param>
/// <param name="Name">The version.</param>
/// <param name="FailureRate">Share of its runs that failed.</param>
sealed record Rollout(double DaysAgo, string Name, double FailureRate);

/// <summary>A tenant of the demo; everybody in it is invented.</summary>
/// <param name="Id">Public id.</param>
/// <param name="Name">Name.</param>
/// <param name="Spanish">Language of its texts.</param>
/// <param name="UtcOffset">Hours between UTC and its office.</param>
/// <param name="Operators">Who looks after failures.</param>
/// <param name="Notes">What they write.</param>
sealed record DemoTenant(string Id, string Name, bool Spanish, int UtcOffset, IReadOnlyList<string> Operators, IReadOnlyList<string> Notes)
{
    /// <summary>English.</summary>
    public static DemoTenant Acme { get; } = new("acme-inc", "Acme Inc", false, 0,
        ["maya.lindqvist@acme.example", "tom.okafor@acme.example", "priya.raman@acme.example"],
        ["Checked by hand, totals are right.", "Customer confirmed by phone.", "Known issue of the supplier's PDF export, see the team channel.", "Second look needed: the amount is unusual for this vendor.", "Looks good. Closing."]);

    /// <summary>Spanish.</summary>
    public static DemoTenant Sol { get; } = new("estudio-sol", "Estudio Sol", true, 1,
        ["lucia.ferrer@estudiosol.example", "andres.quiroga@estudiosol.example"],
        ["Revisado a mano, la puntuación es correcta.", "El cliente pidió que le llamemos la semana que viene.", "Lead duplicado, ya estaba en el CRM.", "Buen tono, lo enviamos tal cual."]);

    /// <summary>Both.</summary>
    public static IReadOnlyList<DemoTenant> All { get; } = [Acme, Sol];
}

/// <summary>A workflow of a tenant: how often it runs, in which versions, and who writes its runs.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Name">Workflow name.</param>
/// <param name="PerDay">Mean runs on a day.</param>
/// <param name="Versions">Oldest first.</param>
/// <param name="Write">Writes one run.</param>
sealed record Cast(DemoTenant Tenant, string Name, double PerDay, IReadOnlyList<Rollout> Versions, Func<Scene, RunScript> Write)
{
    /// <summary>Runs at a quarter past these hours (UTC) instead of at random.</summary>
    public IReadOnlyList<int> Hours { get; init; } = [];

    /// <summary>Everything that runs.</summary>
    public static IReadOnlyList<Cast> All { get; } =
    [
        new(DemoTenant.Acme, "precrafter", 62, [new(14, "22", 0.03), new(6, "23", 0.02)], Leads.PreCraft),
        new(DemoTenant.Acme, "crafter", 44, [new(14, "11", 0.025), new(3, "12", 0.02)], Leads.Craft),
        new(DemoTenant.Acme, "invoice_extraction", 58, [new(14, "1.8.3", 0.03), new(8, "1.9.0", 0.17), new(7.1, "1.9.1", 0.02)], InvoiceExtraction.Write),
        new(DemoTenant.Acme, "ticket_triage", 84, [new(14, "4.2.0", 0.02), new(5, "4.3.0", 0.015)], TicketTriage.Write),
        new(DemoTenant.Acme, "nightly_orders_etl", 3, [new(14, "2026.10", 0.05), new(10, "2026.11", 0.03)], NightlyOrders.Write) { Hours = [2, 3, 4] },
        new(DemoTenant.Acme, "contract_review", 14, [new(14, "0.9.2", 0.05), new(4, "0.10.0", 0.04)], ContractReview.Write),
        new(DemoTenant.Sol, "precrafter", 40, [new(14, "22", 0.03), new(5, "23", 0.02)], Leads.PreCraft),
        new(DemoTenant.Sol, "crafter", 30, [new(14, "11", 0.03), new(2, "12", 0.02)], Leads.Craft),
        new(DemoTenant.Sol, "ticket_triage", 36, [new(14, "4.1.7", 0.025), new(9, "4.2.0", 0.02)], TicketTriage.Write),
    ];
}

/// <summary>What a writer knows about the run to write.</summary>
sealed record Scene(Cast Cast, Draw Draw, DateTimeOffset At, string Version)
{
    /// <summary>Texts in Spanish.</summary>
    public bool Spanish => Cast.Tenant.Spanish;

    /// <summary>The backfill it belongs to.</summary>
    public string? Batch { get; init; }

    /// <summary>Day of the month it loads, in a backfill.</summary>
    public int Day { get; init; }

    /// <summary>Whichever language the tenant speaks.</summary>
    public string Say(string english, string spanish) => Spanish ? spanish : english;
}
