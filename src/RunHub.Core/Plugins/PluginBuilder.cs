namespace RunHub.Plugins;

/// <summary>What a plugin said it adds; adapters are made afterwards, with their settings.</summary>
/// <param name="Type">Workflow type.</param>
/// <param name="Adapter">Class of the adapter.</param>
/// <param name="Settings">Class of its settings, if it has any.</param>
sealed record AdapterRegistration(string Type, Type Adapter, Type? Settings);

/// <summary>Collects registrations while <see cref="IPlugin.Register"/> runs.</summary>
sealed class PluginBuilder : IPluginBuilder
{
    readonly List<AdapterRegistration> registrations = [];

    public IReadOnlyList<AdapterRegistration> Registrations => registrations;

    public void AddAdapter<TAdapter>(string type) where TAdapter : class, IWorkflowAdapter
    {
        if (typeof(TAdapter).GetConstructor(Type.EmptyTypes) is null) throw new PluginLoadException($"{typeof(TAdapter).Name} has no public constructor without parameters.");
        Add(new AdapterRegistration(type, typeof(TAdapter), null));
    }

    public void AddAdapter<TAdapter, TSettings>(string type)
        where TAdapter : class, IWorkflowAdapter
        where TSettings : class, new()
    {
        if (typeof(TAdapter).GetConstructor([typeof(TSettings)]) is null) throw new PluginLoadException($"{typeof(TAdapter).Name} has no public constructor that takes one {typeof(TSettings).Name}.");
        Add(new AdapterRegistration(type, typeof(TAdapter), typeof(TSettings)));
    }

    void Add(AdapterRegistration registration)
    {
        if (!PluginManifest.IsName(registration.Type)) throw new PluginLoadException($"\"{registration.Type}\" cannot be a workflow type: 1 to 64 of a-z, 0-9, - and _.");
        if (registrations.Exists(r => r.Type == registration.Type)) throw new PluginLoadException($"The workflow type {registration.Type} is added twice.");
        registrations.Add(registration);
    }
}
