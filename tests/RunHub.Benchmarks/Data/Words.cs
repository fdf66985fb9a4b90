namespace RunHub.Benchmarks.Data;

/// <summary>The words of one language and how its sentences are put together.</summary>
sealed record Words(string[] Determiners, string[] Adjectives, string[] Nouns, string[] Verbs, string[] Places, string[] Openers, string[] Links, bool NounFirst)
{
    public static Words English { get; } = new(
        S("the a this every each that one another our their its"),
        S("open late partial signed missing revised monthly quarterly urgent duplicate regional external internal verified unpaid pending approved disputed recurring complete damaged sensitive technical commercial annual final early strong weak reliable outdated promising cautious local handwritten scanned encrypted shared temporary manual automatic average minimum expected unusual frequent previous current seasonal preferred delayed"),
        S("invoice order customer contract supplier shipment payment claim policy ticket account report statement warehouse engineer manager meeting budget forecast discount refund receipt product catalogue campaign lead proposal deadline region department factory vehicle sensor reading temperature pressure database backup incident release certificate password address signature attachment paragraph summary translation question answer reviewer threshold score market competitor price margin currency transfer audit finding recommendation insurance hospital patient appointment prescription student course calendar holiday application interview candidate salary bonus licence subscription renewal"),
        S("confirms rejects updates describes requires exceeds matches contradicts mentions follows replaces delays supports explains includes lacks improves reduces doubles cancels requests approves forwards extracts classifies compares validates summarises schedules reconciles escalates archives assigns reopens estimates measures covers limits triggers protects questions corrects repeats announces postpones acknowledges"),
        S("Rotterdam Leeds Chicago Toronto Melbourne Dublin Austin Glasgow Nairobi Singapore Boston Denver Cardiff Oslo Vienna Seattle Auckland Portland"),
        ["In most cases", "According to the file", "After the second review", "For this customer", "As agreed last week", "Without further evidence", "Before the deadline", "Given the amounts", "On closer reading", "By contrast"],
        ["because", "although", "while", "so that", "and", "but", "unless", "which means that"], NounFirst: false);

    public static Words Spanish { get; } = new(
        S("el la este cada un nuestra aquella otro su cualquier"),
        S("pendiente firmado urgente mensual duplicado regional externo interno verificado impagado aprobado recurrente completo sensible técnico comercial anual definitivo temprano fuerte débil fiable obsoleto prometedor prudente local manuscrito escaneado cifrado compartido temporal manual automático medio mínimo previsto inusual frecuente anterior actual preferido retrasado español"),
        S("factura pedido cliente contrato proveedor envío pago reclamación póliza incidencia cuenta informe extracto almacén ingeniera gerente reunión presupuesto previsión descuento reembolso recibo producto catálogo campaña propuesta plazo región departamento fábrica vehículo sensor lectura temperatura presión servidor respaldo certificado contraseña dirección firma adjunto párrafo resumen traducción pregunta respuesta revisor umbral puntuación mercado competidor precio margen divisa transferencia auditoría hallazgo recomendación seguro hospital paciente cita receta alumno curso calendario solicitud entrevista candidata salario licencia suscripción renovación"),
        S("confirma rechaza actualiza describe requiere supera coincide contradice menciona sigue sustituye retrasa apoya explica incluye mejora reduce duplica cancela solicita aprueba reenvía extrae clasifica compara valida resume programa concilia escala archiva asigna reabre estima mide cubre limita activa protege cuestiona corrige repite anuncia pospone reconoce"),
        S("Sevilla Bilbao Zaragoza Monterrey Rosario Valparaíso Medellín Cartagena Montevideo Cusco Málaga Gijón Puebla Córdoba Alicante Quito"),
        ["En la mayoría de los casos", "Según el expediente", "Tras la segunda revisión", "Para este cliente", "Como se acordó la semana pasada", "Sin más pruebas", "Antes del plazo", "Dados los importes", "Leído con calma", "En cambio"],
        ["porque", "aunque", "mientras", "para que", "y", "pero", "salvo que", "lo que significa que"], NounFirst: true);

    static string[] S(string words) => words.Split(' ');
}
