namespace RunHub.UnitTests.House;

/// <summary>The working copy the tests were built from.</summary>
static class Tree
{
    static readonly string[] Generated = ["bin", "obj", "node_modules", ".git", "lib", "artifacts", "TestResults", "data", "data-demo", ".vs", ".idea"];

    /// <summary>Its folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Text files that people wrote, as paths below the root with forward slashes.</summary>
    public static IEnumerable<string> Files(params string[] extensions) => Walk(Root)
        .Where(f => extensions.Length == 0 || extensions.Contains(Path.GetExtension(f), StringComparer.Ordinal))
        .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'));

    /// <summary>The text of a file below the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Fails with all that was found, one a line.</summary>
    public static void AssertNone(IEnumerable<string> found)
    {
        var list = found.ToList();
        Assert.True(list.Count == 0, $"{list.Count} found:\n" + string.Join('\n', list));
    }

    static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder)
        .Concat(Directory.EnumerateDirectories(folder).Where(d => !Generated.Contains(Path.GetFileName(d), StringComparer.Ordinal)).SelectMany(Walk));

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RunHub.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("RunHub.sln is in no folder above the tests.");
        return folder.FullName;
    }
}
