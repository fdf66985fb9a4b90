using System.Text.Json.Nodes;

namespace RunHub.Demo.Workflows;

/// <summary>PreCrafter judges a lead, Crafter writes to it. Both report RunDetail documents keyed by node.</summary>
static class Leads
{
    static readonly Lead[] English =
    [
        new("lead_2041", "Nora Whitfield", "Copperline Networks", "Head of IT", "telecommunications", 240, "asked for a demo after the webinar on order automation"),
        new("lead_2077", "Desmond Achebe", "Blue Kiln Ceramics", "Owner", "manufacturing", 35, "downloaded the price list twice this week"),
        new("lead_2113", "Ingrid Solheim", "Fjordline Outdoor", "Operations manager", "retail", 120, "uses a competitor's product, contract ends in March"),
        new("lead_2150", "Callum Reyes", "Harbor & Finch Ltd", "Finance director", "professional services", 60, "wants to know about invoice approval and audit trails"),
        new("lead_2188", "Amara Castell", "Juniper Street Dental", "Practice manager", "healthcare", 18, "came through a recommendation, small budget"),
        new("lead_2202", "Peter Novak", "Osprey Logistics", "CTO", "logistics", 900, "evaluates three vendors, decision before the end of the quarter"),
    ];

    static readonly Lead[] Spanish =
    [
        new("lead_3310", "Marta Iborra", "Bodegas Valdehiedra", "Directora de marketing", "vinos", 48, "pidió una propuesta para la campaña de Navidad"),
        new("lead_3325", "Ignacio Lasheras", "Talleres Aranda", "Gerente", "automoción", 26, "quiere renovar la web y recibir citas en línea"),
        new("lead_3342", "Rocío Belmonte", "Clínica Monteluz", "Responsable de comunicación", "salud", 85, "compara dos agencias, decide este mes"),
        new("lead_3371", "Julián Echarri", "Óptica Sanzol", "Propietario", "comercio", 12, "llegó por recomendación de una clienta"),
        new("lead_3390", "Carmen Oliveras", "Librería Tintero", "Socia", "libros", 7, "busca una tienda en línea sencilla, presupuesto ajustado"),
    ];

    public static RunScript PreCraft(Scene scene)
    {
        var (draw, lead) = (scene.Draw, scene.Draw.Pick(scene.Spanish ? Spanish : English));
        var score = Math.Clamp(45 + lead.Employees / 25 + draw.Between(-12, 30), 5, 98);
        var segment = lead.Employees > 200 ? "Enterprise" : lead.Employees > 40 ? "Mid-market" : scene.Say("Small business", "Pequeña empresa");
        var run = Begin(scene, lead, "precrafter", lead.ToJson());
        run.Steps.AddRange(
        [
            Prompt(draw, "node_1", "Lead Analyzer", "gpt-4", 0.7, 1500, scene.Say("You are a lead analyst. Judge how likely this company is to buy within six months; use only what you are given.", "Eres analista de leads. Valora la probabilidad de compra en seis meses usando solo los datos recibidos."), scene.Say("Analyze this lead: {{lead}}", "Analiza este lead: {{lead}}"),
                new JsonObject { ["score"] = score, ["segment"] = segment, ["signals"] = new JsonArray(lead.Signal, $"{lead.Employees} " + scene.Say("employees", "empleados")) }),
            Prompt(draw, "node_2", "Need Finder", "gpt-4o-mini", 0.3, 900, scene.Say("Name the one need we can meet best, in a sentence.", "Indica en una frase la necesidad que mejor podemos cubrir."), scene.Say("Lead: {{lead}}\nAnalysis: {{node_1.output}}", "Lead: {{lead}}\nAnálisis: {{node_1.output}}"),
                new JsonObject { ["need"] = scene.Say($"{lead.Company} loses time on manual work: {lead.Signal}.", $"{lead.Company} {lead.Signal}."), ["confidence"] = Math.Round(draw.Between(0.62, 0.97), 2) }),
            Prompt(draw, "node_3", "Router", "gpt-4o-mini", 0, 500, scene.Say("Decide: craft_now, nurture or discard.", "Decide: craft_now, nurture o discard."), "{{node_1.output.score}} · {{node_2.output.need}}",
                new JsonObject { ["route"] = score >= 60 ? "craft_now" : score >= 35 ? "nurture" : "discard", ["reason"] = scene.Say($"score {score}, {segment}", $"puntuación {score}, {segment}") }),
        ]);
        if (score >= 80) run.Tags.Add("hot-lead");
        return run;
    }

    public static RunScript Craft(Scene scene)
    {
        var (draw, lead) = (scene.Draw, scene.Draw.Pick(scene.Spanish ? Spanish : English));
        var first = lead.Name.Split(' ')[0];
        var subject = scene.Say($"A shorter way for {lead.Company}", $"Una idea para {lead.Company}");
        var body = scene.Say(
            $"Hi {first},\n\nyou {Lower(lead.Signal)}, so let me be brief. Teams of about {lead.Employees} people in {lead.Industry} tell us that most of their week goes into copying data from one system to the next. We take that off their desks: connected in two days, no change to what you already use.\n\nWould fifteen minutes on Thursday or Friday suit you? I would show you the three flows that companies like {lead.Company} start with, with your own example if you send me one.\n\nBest wishes,\nMaya",
            $"Hola, {first}:\n\nhe visto que {lead.Company} {Lower(lead.Signal)}, así que voy al grano. Con equipos de unas {lead.Employees} personas del sector de {lead.Industry} solemos empezar por una sola pieza que se note en pocas semanas, y a partir de ahí decidimos juntos.\n\n¿Te vendría bien una llamada de quince minutos el jueves o el viernes? Te enseñaría dos trabajos parecidos y un presupuesto orientativo.\n\nUn saludo,\nLucía");
        var run = Begin(scene, lead, "crafter", new JsonObject { ["lead"] = lead.ToJson(), ["tone"] = scene.Say("friendly, concrete", "cercano y concreto"), ["channel"] = "email" });
        run.Steps.AddRange(
        [
            Prompt(draw, "node_1", "Angle Picker", "gpt-4o", 0.8, 1300, scene.Say("Pick one angle for a first message. No flattery.", "Elige un solo enfoque para un primer mensaje. Sin halagos."), scene.Say("Lead: {{lead}}\nOur offer: {{offer}}", "Lead: {{lead}}\nNuestra oferta: {{offer}}"), new JsonObject { ["angle"] = lead.Signal, ["avoid"] = new JsonArray(scene.Say("discounts", "descuentos")) }),
            Prompt(draw, "node_2", "Message Writer", "gpt-4o", 0.7, 3400, scene.Say("Write an email of at most 120 words in the given tone. One question at the end.", "Escribe un correo de 120 palabras como máximo con el tono indicado. Termina con una pregunta."), "{{node_1.output.angle}}\n\n{{lead}}", new JsonObject { ["subject"] = subject, ["body"] = body, ["words"] = body.Split(' ').Length }),
            Prompt(draw, "node_3", "Tone Checker", "gpt-4o-mini", 0, 700, scene.Say("Does the message keep to the tone? Answer with passed and reasons.", "¿Respeta el mensaje el tono? Responde con passed y reasons."), "{{node_2.output.body}}", new JsonObject { ["passed"] = true, ["readability"] = draw.Between(58, 91), ["reasons"] = new JsonArray(scene.Say("short sentences, one clear question", "frases cortas, una pregunta clara")) }),
        ]);
        return run;
    }

    static RunScript Begin(Scene scene, Lead lead, string type, JsonNode inputs) => new()
    {
        Id = scene.Draw.Id("run_", scene.At), Tenant = scene.Cast.Tenant.Id, Type = type, Workflow = type, Version = scene.Version, CreatedAt = scene.At,
        Environment = scene.Draw.Chance(0.9) ? "prod" : "dev", Lead = lead.Id, Inputs = inputs,
    };

    static StepScript Prompt(Draw draw, string node, string label, string model, double temperature, int millis, string system, string user, JsonNode output) => new(label, StepType.Model, draw.Millis(millis))
    {
        NodeId = node, Label = label, Model = model, TokensIn = draw.Between(260, 900), TokensOut = draw.Between(40, 420), Output = output,
        Input = new JsonObject { ["systemPrompt"] = system, ["userPrompt"] = user, ["model"] = model, ["temperature"] = temperature },
    };

    static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];

    sealed record Lead(string Id, string Name, string Company, string Role, string Industry, int Employees, string Signal)
    {
        public JsonObject ToJson() => new() { ["name"] = Name, ["company"] = Company, ["role"] = Role, ["industry"] = Industry, ["employees"] = Employees, ["signal"] = Signal };
    }
}
