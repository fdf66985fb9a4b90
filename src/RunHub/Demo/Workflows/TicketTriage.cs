using System.Globalization;
using System.Text.Json.Nodes;

namespace RunHub.Demo.Workflows;

/// <summary>Classifies a support ticket, looks for an answer and routes it; in both languages.</summary>
static class TicketTriage
{
    static readonly (string Subject, string Text, string Category, string Queue, string Answer)[] English =
    [
        ("Package says delivered but nothing arrived", "Hi, tracking says my order was delivered yesterday at 14:10. I was home all day and nobody came. Can you check?", "delivery", "logistics", "I am sorry about this. I have opened an inquiry with the carrier and asked for the driver's note and location; you will hear from us within one working day. If the parcel does not turn up by then we send a replacement at no cost."),
        ("Charged twice for the same order", "My card shows two payments of the same amount for order 20418. Please refund one of them.", "billing", "payments", "Thank you for the screenshot. The second line is a reservation that your bank releases by itself within three days; only one payment was captured. Should it still be there on Friday, write back and we refund it by hand."),
        ("Cannot reset my password", "The reset link says it has expired, even when I click it within a minute.", "account", "identity", "The link works once, and some mail scanners open it before you do. I have sent you a code instead: enter it on the sign-in page under \"Use a code\"."),
        ("Mug arrived with a chip", "One of the six mugs has a chipped rim. Photo attached.", "returns", "returns", "That should not have happened. A new mug leaves our warehouse today; please keep the chipped one, or recycle it, there is no need to send it back."),
        ("Do you ship to the Faroe Islands?", "I would like to order three shelves. Is delivery to Tórshavn possible and how much would it be?", "pre-sales", "sales", "Yes, by sea freight, about twelve days. For three shelves the fee is 84 EUR, customs papers included."),
    ];

    static readonly (string Subject, string Text, string Category, string Queue, string Answer)[] Spanish =
    [
        ("La factura no lleva mi NIF", "Buenos días, la factura de octubre salió sin el NIF de la empresa. ¿Me la podéis corregir, por favor?", "facturación", "administración", "Buenos días: hemos rectificado la factura y la tiene ya en su área de cliente con el NIF correcto. La anterior queda anulada, no hace falta que haga nada más."),
        ("No puedo entrar en el panel", "Desde ayer el panel me devuelve a la pantalla de acceso cada vez que entro. He probado con otro navegador.", "acceso", "soporte", "Hemos visto que su sesión quedó abierta en un equipo antiguo. La hemos cerrado; entre de nuevo y marque «recordar este dispositivo»."),
        ("Cambio de fecha de la sesión de fotos", "Necesitamos mover la sesión del jueves al lunes siguiente. ¿Tenéis hueco por la mañana?", "agenda", "producción", "Sí, el lunes a las 10:00 está libre el estudio pequeño. Se lo dejo reservado hasta mañana a mediodía; con un sí por respuesta lo confirmamos."),
        ("Los colores de la web no coinciden", "El azul de la cabecera no es el del manual de marca, se ve mucho más oscuro en el móvil.", "diseño", "web", "Gracias por avisar: el modo oscuro del móvil cambiaba el tono. Lo hemos fijado al azul del manual y ya está publicado."),
    ];

    public static RunScript Write(Scene scene)
    {
        var draw = scene.Draw;
        var (ticket, number) = (draw.Pick(scene.Spanish ? Spanish : English), draw.Between(10_000, 98_000));
        var angry = draw.Chance(0.14);
        var score = Math.Round(0.97 - Math.Abs(draw.Normal()) * 0.05, 2);
        var hits = new JsonArray([.. Enumerable.Range(1, draw.Between(2, 5)).Select(i => (JsonNode)new JsonObject
        {
            ["article"] = $"kb-{draw.Between(100, 420)}", ["title"] = scene.Say("How we handle: ", "Cómo tratamos: ") + ticket.Category, ["score"] = Math.Round(0.92 - i * 0.07, 2),
        })]);
        var run = new RunScript
        {
            Id = draw.Id("run_", scene.At), Tenant = scene.Cast.Tenant.Id, Type = "support", Workflow = "ticket_triage", Version = scene.Version, CreatedAt = scene.At,
            Queued = TimeSpan.FromMilliseconds(draw.Millis(60, 0.7)), BusinessEvent = "desk:ticket#" + number.ToString(CultureInfo.InvariantCulture),
            Thread = "conv-" + number.ToString(CultureInfo.InvariantCulture), StartedBy = "helpdesk", Experience = draw.Chance(0.3) ? Math.Round(draw.Between(3.1, 5.0), 1) : null,
            Inputs = new JsonObject { ["ticket"] = number, ["subject"] = ticket.Subject, ["channel"] = draw.Pick(["email", "chat", "form"]), ["language"] = scene.Say("en", "es") },
            Outputs = new JsonObject { ["category"] = ticket.Category, ["queue"] = ticket.Queue, ["priority"] = angry ? "high" : "normal", ["reply"] = ticket.Answer }, Accuracy = score,
        };
        run.Tags.Add("support");
        if (angry) run.Tags.Add("priority-high");
        run.Steps.AddRange(
        [
            new("classify", StepType.Model, draw.Millis(650))
            {
                Label = scene.Say("Classify", "Clasificar"), Model = "gpt-4o-mini", Parameters = new JsonObject { ["temperature"] = 0 }, TokensIn = draw.Between(380, 620), TokensOut = draw.Between(24, 48),
                Input = new JsonObject { ["systemPrompt"] = scene.Say("You sort support tickets into one category and say how upset the writer is.", "Clasificas incidencias de soporte en una categoría y dices si el cliente está molesto."), ["userPrompt"] = ticket.Subject + "\n\n" + ticket.Text },
                Output = new JsonObject { ["category"] = ticket.Category, ["sentiment"] = angry ? "upset" : "neutral", ["confidence"] = score }, Score = score,
            },
            new("search_kb", StepType.Tool, draw.Millis(180, 0.7)) { Label = scene.Say("Search knowledge base", "Buscar en la base de conocimiento"), Tool = "kb.search", Endpoint = "https://kb.internal.example/search", Input = new JsonObject { ["query"] = ticket.Subject, ["k"] = 5 }, Output = new JsonObject { ["hits"] = hits } },
            new("draft_reply", StepType.Model, draw.Millis(2100))
            {
                Label = scene.Say("Draft reply", "Redactar respuesta"), Model = "gpt-4o", Parameters = new JsonObject { ["temperature"] = 0.4 }, TokensIn = draw.Between(1400, 2600), TokensOut = draw.Between(140, 320),
                Input = new JsonObject { ["systemPrompt"] = scene.Say("Write a short, friendly and concrete answer. Promise nothing the articles do not say.", "Escribe una respuesta breve, amable y concreta. No prometas nada que no digan los artículos."), ["userPrompt"] = ticket.Text + "\n\n{{articles}}" },
                Output = ticket.Answer,
            },
            new("route", StepType.Decision, draw.Millis(9)) { Label = scene.Say("Route", "Asignar"), Input = new JsonObject { ["category"] = ticket.Category, ["upset"] = angry }, Output = new JsonObject { ["queue"] = ticket.Queue, ["send_automatically"] = !angry && score > 0.9 } },
        ]);
        return run;
    }
}
