namespace RunHub.Admin;

/// <summary>Where a form may send a browser: paths of this site only.</summary>
static class LocalUrl
{
    /// <summary><paramref name="url"/> when it is a local path, else <paramref name="otherwise"/>.</summary>
    public static string Or(string? url, string otherwise) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.Any(c => c is <= ' ' or '\\' or > '~') ? url : otherwise;
}
