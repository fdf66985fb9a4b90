using System.Text;
using System.Text.Json;
using RunHub.Model;
using RunHub.Plugins;
using RunHub.RunDetail;
using RunHub.Store;
using RunHub.Store.Payloads;
using RunHub.Ui;

namespace RunHub.Steps.Cards;

/// <summary>A node's card.</summary>
/// <param name="Step">The row.</param>
/// <param name="Extra">What it knows beside its row.</param>
/// <param name="Badges">Small labelled values, such as model and temperature.</param>
/// <param name="Input">Blocks under INPUT, top to bottom.</param>
/// <param name="Output">Blocks under OUTPUT.</param>
/// <param name="IsOpen">Unfolded.</param>
public sealed record StepCard(StepRow Step, StepExtra Extra, IReadOnlyList<StepBadge> Badges, IReadOnlyList<CardBlock> Input, IReadOnlyList<CardBlock> Output, bool IsOpen)
{
    /// <summary><c>node_1 (Lead Analyzer)</c>: the node, or the step's name, and its label where it says more.</summary>
    public string Node => Step.NodeId ?? Step.Name;

    /// <summary>What people call it; null: the same.</summary>
    public string? Label => (Step.Label ?? (Step.Name == Node ? null : Step.Name)) is { } label && label != Node ? label : null;

    /// <summary>Id of the card's element.</summary>
    public string ElementId => "node-" + Uri.EscapeDataString(Node);

    /// <summary>Reasons of the validation, one a line.</summary>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            if (Extra.Reasons is not { } reasons) return [];
            using var document = reasons.ToDocument();
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray().Select(Text)] : [Text(root)];
        }
    }

    /// <summary>What the ids of the card's elements begin with: letters and digits whatever the step's id is made of.</summary>
    public string Key => LayOutSteps.KeyOf(Step);

    static string Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();
}

/// <summary>A titled block of a card.</summary>
/// <param name="Title">One of <see cref="StepTitles"/>, any text, or null.</param>
/// <param name="Content">What is shown.</param>
public sealed record CardBlock(string? Title, JsonBlock Content);

/// <summary>Makes cards of steps: laid out by the workflow type's adapter where it offers that, else by what the step is.</summary>
public sealed class LayOutSteps(WorkflowTypes types)
{
    /// <summary>A page of cards.</summary>
    /// <param name="sql">To read payloads.</param>
    /// <param name="run">Their run.</param>
    /// <param name="steps">In order.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<StepCard>> HandleAsync(SqlSession sql, RunRow run, IReadOnlyList<StepRow> steps, CancellationToken cancellationToken)
    {
        var payloads = await RunReader.PayloadsAsync(sql, run.RunNo, steps.SelectMany(s => new[] { AtOnce(s.Input), AtOnce(s.Output), s.Extra }), cancellationToken);
        var stored = steps.Select(s => new StoredStep(StoredRuns.ToMessage(s, run, payloads))).ToList();
        var layouts = types.Find(run.Type) is { CanPresent: true } type ? await type.PresentAsync(stored, cancellationToken) : new StepPresentation?[steps.Count];
        // Few nodes are shown open; of many only what failed.
        var few = run.StepCount <= 5;
        return [.. steps.Select((step, i) => Card(run, step, stored[i], layouts[i] ?? PromptLayout.Present(stored[i]), payloads, few || step.Status == RunStatus.Failed))];
    }

    static StepCard Card(RunRow run, StepRow step, StoredStep stored, StepPresentation? layout, PayloadSet payloads, bool open)
    {
        var write = stored.Step;
        var id = KeyOf(step);
        var url = $"/runs/{Uri.EscapeDataString(run.Id)}/steps/{Uri.EscapeDataString(step.Id)}/";
        List<CardBlock> input = [], output = [];
        if (layout is not null)
        {
            input.AddRange(layout.Input.Select((b, i) => Block(b, $"{id}-in{i}")));
            output.AddRange(layout.Output.Select((b, i) => Block(b, $"{id}-out{i}")));
        }
        else
        {
            if (payloads[step.Input] is { Length: > 0 } given) input.Add(new(null, JsonBlock.Of(id + "-input", given)));
        }

        if (layout?.Output is null or [] && payloads[step.Output] is { Length: > 0 } made) output.Add(new(null, JsonBlock.Of(id + "-output", made)));
        if (step.Input is { Length: > JsonBlock.LoadedAtOnce } largeInput) input.Add(new(null, Large(id + "-input", url + "input", largeInput)));
        if (step.Output is { Length: > JsonBlock.LoadedAtOnce } largeOutput) output.Add(new(null, Large(id + "-output", url + "output", largeOutput)));
        var badges = Badges(write, layout?.Badges ?? [], out var temperatureShown);
        if (write.Parameters is { } parameters && !(temperatureShown && IsOnlyTemperature(parameters))) input.Add(new(StepTitles.Parameters, JsonBlock.Of(id + "-parameters", parameters.Utf8)));
        return new StepCard(step, StepExtra.Read(payloads[step.Extra]), badges, input, output, open);
    }

    /// <summary>Stands for a step in ids of elements (FNV-1a of its id).</summary>
    internal static string KeyOf(StepRow step)
    {
        var hash = 2166136261u;
        foreach (var c in step.Id) hash = unchecked((hash ^ c) * 16777619u);
        return "step" + hash.ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
    }

    static List<StepBadge> Badges(StepWrite step, IReadOnlyList<StepBadge> given, out bool temperatureShown)
    {
        var badges = given.ToList();
        void Add(string label, string? value)
        {
            if (!string.IsNullOrEmpty(value) && !badges.Exists(b => b.Label == label)) badges.Add(new StepBadge(label, value));
        }

        Add(StepTitles.Model, step.Model);
        Add(StepTitles.Temperature, Temperature(step.Parameters));
        Add(StepTitles.Tool, step.Tool);
        Add(StepTitles.Endpoint, step.Endpoint);
        temperatureShown = badges.Exists(b => b.Label == StepTitles.Temperature);
        return badges;
    }

    static string? Temperature(JsonPayload? parameters)
    {
        if (parameters is not { } given) return null;
        using var document = given.ToDocument();
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("temperature", out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
    }

    static bool IsOnlyTemperature(JsonPayload parameters)
    {
        using var document = parameters.ToDocument();
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().All(p => p.NameEquals("temperature"));
    }

    static CardBlock Block(StepBlock block, string id)
    {
        if (block.Kind == StepBlockKind.Text) return new(block.Title, JsonBlock.Of(id, block.Text));
        var utf8 = Encoding.UTF8.GetBytes(block.Text);
        try
        {
            return new(block.Title, JsonBlock.Of(id, utf8.AsMemory()));
        }
        catch (JsonException)
        {
            // An adapter's word for JSON is not proof of it.
            return new(block.Title, JsonBlock.Of(id, block.Text));
        }
    }

    static JsonBlock Large(string id, string url, PayloadRef payload) => new(id, null, IsJson: true, payload.Length) { LoadUrl = url, DownloadUrl = url + "?download=true" };

    static PayloadRef? AtOnce(PayloadRef? payload) => payload is { Length: <= JsonBlock.LoadedAtOnce } ? payload : null;
}
