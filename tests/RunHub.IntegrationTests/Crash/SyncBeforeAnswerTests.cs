using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace RunHub.IntegrationTests.Crash;

public sealed partial class SyncBeforeAnswerTests
{
    const int Reports = 8;

    [StraceFact]
    public async Task The_database_file_is_synced_before_each_acknowledgement_is_sent()
    {
        await using var database = await TestDatabase.CreateAsync("Sqlite");
        var log = Path.Combine(database.Folder, "strace.log");
        await using (var hub = HubProcess.Start(database.Settings, before:
            ["strace", "-f", "-y", "-s", "64", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg", "-o", log]))
        {
            await hub.ReadyAsync();
            for (var i = 0; i < Reports; i++)
            {
                using var content = new StringContent($$"""{"id":"traced-{{i}}","workflow_name":"traced","status":"completed"}""", Encoding.UTF8, "application/json");
                using var answer = await hub.Client.PostAsync("/api/runs?marker=" + i, content);
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            }

            await hub.KillAsync();
        }

        var synced = new List<bool>();
        var since = false;
        var syncing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in await File.ReadAllLinesAsync(log))
        {
            var thread = line.Split(' ')[0];
            if (Sync().IsMatch(line))
            {
                if (line.EndsWith("<unfinished ...>", StringComparison.Ordinal)) syncing.Add(thread);
                else since |= line.EndsWith("= 0", StringComparison.Ordinal);
            }
            else if (line.Contains("sync resumed>", StringComparison.Ordinal))
            {
                since |= syncing.Remove(thread) && line.EndsWith("= 0", StringComparison.Ordinal);
            }
            else if (Answer().IsMatch(line))
            {
                // The answer of a created run; those of the health page carry another status.
                synced.Add(since);
                since = false;
            }
        }

        Assert.Equal(Enumerable.Repeat(true, Reports), synced);
    }

    // fdatasync(214</tmp/…/runhub.db-wal>) = 0
    [GeneratedRegex(@"\bf(data)?sync\(\d+<[^>]*/runhub\.db(-wal)?>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sync();

    [GeneratedRegex(@"\b(sendto|sendmsg|write|writev)\(\d+<[^>]*>.*""HTTP/1\.1 201 ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Answer();

    /// <summary>Skipped, and says so, where strace may not trace; with CI=true that is a failure.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    sealed class StraceFactAttribute : FactAttribute
    {
        public StraceFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("CI") is not "true" && !Works()) Skip = "strace is not installed or may not trace here.";
        }

        static bool Works()
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { UseShellExecute = false, RedirectStandardError = true });
                process!.WaitForExit();
                return process.ExitCode == 0;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                return false;
            }
        }
    }
}
