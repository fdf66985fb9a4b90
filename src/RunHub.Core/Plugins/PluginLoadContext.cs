using System.Reflection;
using System.Runtime.Loader;

namespace RunHub.Plugins;

/// <summary>
/// One per plugin folder: its assemblies and their dependencies come from there, the contract and the framework from the
/// host, and nothing else of the host's is seen.
/// </summary>
sealed class PluginLoadContext : AssemblyLoadContext
{
    static readonly Assembly Contract = typeof(IPlugin).Assembly;
    readonly string folder;
    readonly AssemblyDependencyResolver? resolver;

    public PluginLoadContext(string id, string assemblyFile) : base("plugin:" + id)
    {
        folder = Path.GetDirectoryName(assemblyFile)!;
        // Without a deps.json the resolver would take every file of the folder; then names of files decide below.
        if (File.Exists(Path.ChangeExtension(assemblyFile, ".deps.json"))) resolver = new AssemblyDependencyResolver(assemblyFile);
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (string.Equals(assemblyName.Name, Contract.GetName().Name, StringComparison.OrdinalIgnoreCase)) return Contract;
        var file = resolver?.ResolveAssemblyToPath(assemblyName) ?? Path.Combine(folder, assemblyName.CultureName ?? "", assemblyName.Name + ".dll");
        if (File.Exists(file)) return LoadFromAssemblyPath(file);
        // Texts in a language the plugin does not have: its own stand in.
        if (!string.IsNullOrEmpty(assemblyName.CultureName)) return null;
        if (assemblyName.Name!.StartsWith("RunHub.", StringComparison.OrdinalIgnoreCase) || string.Equals(assemblyName.Name, "runhub", StringComparison.OrdinalIgnoreCase))
            throw new FileNotFoundException($"A plugin sees {Contract.GetName().Name} and nothing else of RunHub; it asks for {assemblyName.Name}.");
        return null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        resolver?.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file ? LoadUnmanagedDllFromPath(file) : 0;
}
