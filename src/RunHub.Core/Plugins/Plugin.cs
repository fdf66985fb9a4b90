using System.Reflection;

namespace RunHub.Plugins;

/// <summary>One plugin folder: what is known about it, its loaded code, and its record of misbehaviour.</summary>
sealed class Plugin(string folder, PluginOptions options, TimeProvider time, Action<Plugin, string> disable)
{
    const int ErrorsKept = 20;
    readonly Lock gate = new();
    readonly LinkedList<PluginError> errors = [];
    PluginThreads? threads;
    int hangs;
    int throws;

    public string Folder { get; } = folder;

    public string Id => Manifest?.Id ?? Path.GetFileName(Folder);

    public PluginManifest? Manifest { get; private set; }

    public PluginState State { get; private set; } = PluginState.Failed;

    public string? Reason { get; private set; }

    /// <summary>What it registered; empty until its code has run.</summary>
    public IReadOnlyList<AdapterRegistration> Registrations { get; private set; } = [];

    /// <summary>Its adapters with the settings in force.</summary>
    public IReadOnlyList<WorkflowType> Types { get; private set; } = [];

    /// <summary>The settings they were made with, as stored.</summary>
    public string SettingsInForce { get; private set; } = PluginSettings.None.ToJson();

    public IReadOnlyList<PluginError> Errors
    {
        get
        {
            lock (gate) return [.. errors];
        }
    }

    /// <summary>Reads the manifest and checks what can be checked without running code.</summary>
    public bool ReadManifest()
    {
        try
        {
            Manifest = null;
            Manifest = PluginManifest.Read(Folder);
            if (Manifest.Contract != PluginContract.Version)
                throw new PluginLoadException($"It was built for contract {Manifest.Contract}; this RunHub has contract {PluginContract.Version}.");
            var contractFile = typeof(IPlugin).Assembly.GetName().Name + ".dll";
            if (Directory.EnumerateFiles(Folder, "*.dll", SearchOption.AllDirectories).FirstOrDefault(f => string.Equals(Path.GetFileName(f), contractFile, StringComparison.OrdinalIgnoreCase)) is { } copy)
                throw new PluginLoadException($"It ships its own {contractFile} ({Path.GetRelativePath(Folder, copy)}); the contract comes from RunHub. Reference it without copying.");
            if (!File.Exists(Path.Combine(Folder, Manifest.Assembly))) throw new PluginLoadException($"The folder has no {Manifest.Assembly}.");
            return true;
        }
        catch (Exception e) when (e is PluginLoadException or IOException or UnauthorizedAccessException)
        {
            Fail("plugin.json", e.Message);
            return false;
        }
    }

    /// <summary>Runs its code for the first time: load, construct, register, make the adapters.</summary>
    public async Task LoadAsync(PluginSettings settings, CancellationToken cancellationToken)
    {
        threads = new PluginThreads(Id, Math.Clamp(options.MaxCalls, 1, 256));
        (hangs, throws) = (0, 0);
        var during = "load";
        var outcome = await threads.RunAsync(() =>
        {
            // A context of its own per attempt, so that a mended plugin can be tried again without a restart.
            var context = new PluginLoadContext(Id, Path.Combine(Folder, Manifest!.Assembly));
            var assembly = context.LoadFromAssemblyPath(Path.Combine(Folder, Manifest.Assembly));
            var plugin = Single(assembly);
            during = "Register";
            var builder = new PluginBuilder();
            ((IPlugin)Activator.CreateInstance(plugin)!).Register(builder);
            IReadOnlyList<AdapterRegistration> registrations = [.. builder.Registrations];
            if (registrations.Count == 0) throw new PluginLoadException("Register added no adapter.");
            during = "make its adapters";
            foreach (var registration in registrations)
            {
                if (registration.Settings is not null) SettingsForm.Check(registration.Settings);
            }

            return (registrations, Types: (IReadOnlyList<WorkflowType>)[.. registrations.Select(r => WorkflowType.Make(this, r, settings))]);
        }, options.LoadTimeout, cancellationToken);
        if (outcome.End == PluginEnd.Returned)
        {
            (Registrations, Types) = outcome.Value;
            SettingsInForce = settings.ToJson();
            (State, Reason) = (PluginState.Loaded, null);
        }
        else
        {
            Fail(during, outcome.End == PluginEnd.Threw ? Explain(outcome.Error!) : $"It did not finish to {during} within {options.LoadTimeoutMs} ms.");
        }
    }

    /// <summary>Makes the adapters again, after a change of settings.</summary>
    public async Task<string?> RemakeAsync(PluginSettings settings, CancellationToken cancellationToken)
    {
        var outcome = await threads!.RunAsync<IReadOnlyList<WorkflowType>>(() => [.. Registrations.Select(r => WorkflowType.Make(this, r, settings))], options.CallTimeout, cancellationToken);
        if (outcome.End == PluginEnd.Returned)
        {
            Types = outcome.Value;
            SettingsInForce = settings.ToJson();
            return null;
        }

        var why = outcome.End == PluginEnd.Threw ? Explain(outcome.Error!) : $"It did not answer within {options.CallTimeoutMs} ms.";
        Record("settings", why);
        return why;
    }

    /// <summary>Calls an adapter within its time; a throw or hang counts against the plugin.</summary>
    public async Task<PluginOutcome<T>> CallAsync<T>(string during, Func<T> code, CancellationToken cancellationToken)
    {
        var outcome = await threads!.RunAsync(code, options.CallTimeout, cancellationToken);
        switch (outcome.End)
        {
            case PluginEnd.Returned:
            case PluginEnd.Threw when outcome.Error is PayloadException:
                Interlocked.Exchange(ref throws, 0);
                break;
            case PluginEnd.Threw:
                Record(during, Explain(outcome.Error!));
                if (Interlocked.Increment(ref throws) == options.MaxThrows) disable(this, $"{during} threw {options.MaxThrows} times in a row, last: {Explain(outcome.Error!)}");
                break;
            case PluginEnd.Hung:
                Record(during, $"It did not answer within {options.CallTimeoutMs} ms.");
                if (Interlocked.Increment(ref hangs) == options.MaxHangs) disable(this, $"It did not answer within {options.CallTimeoutMs} ms, {options.MaxHangs} times; last asked to {during}.");
                break;
        }

        return outcome;
    }

    /// <summary>Switches it off; its types are withdrawn by the host.</summary>
    public void Disable(string? reason) => (State, Reason) = (PluginState.Disabled, reason);

    /// <summary>Switches it on again with a clean slate, when its code is loaded.</summary>
    public void Enable()
    {
        (hangs, throws) = (0, 0);
        // The threads of calls that still hang are not waited for.
        threads = new PluginThreads(Id, Math.Clamp(options.MaxCalls, 1, 256));
        (State, Reason) = (PluginState.Loaded, null);
    }

    /// <summary>Says that it cannot be used, and why.</summary>
    public void Fail(string during, string reason)
    {
        (State, Reason) = (PluginState.Failed, reason);
        (Registrations, Types) = ([], []);
        Record(during, reason);
    }

    public PluginReport Report() => new(Id, Manifest?.Name ?? Id, Manifest?.Version, Manifest?.Contract, Manifest?.Description ?? "", Folder, State, Reason,
        [.. Types.Select(t => new PluginTypeReport(t.Type, t.Info.DisplayName, t.Capabilities, t.SettingsClass is not null))], Errors);

    void Record(string during, string message)
    {
        lock (gate)
        {
            errors.AddFirst(new PluginError(time.GetUtcNow(), during, message));
            if (errors.Count > ErrorsKept) errors.RemoveLast();
        }
    }

    static Type Single(Assembly assembly)
    {
        var found = assembly.GetExportedTypes().Where(t => typeof(IPlugin).IsAssignableFrom(t) && t is { IsAbstract: false, IsInterface: false }).ToList();
        return found.Count == 1 ? found[0] : throw new PluginLoadException(found.Count == 0
            ? $"{assembly.GetName().Name} has no public class that implements IPlugin."
            : $"{assembly.GetName().Name} has {found.Count} classes that implement IPlugin ({string.Join(", ", found.Select(t => t.Name))}); it must have one.");
    }

    internal static string Explain(Exception e)
    {
        while (e is TargetInvocationException or TypeInitializationException && e.InnerException is not null) e = e.InnerException;
        var text = e is PluginLoadException ? e.Message : $"{e.GetType().Name}: {e.Message}";
        return text.Length > 500 ? text[..500] + "…" : text;
    }
}
