using RunHub.Access;
using RunHub.Access.People;
using RunHub.Store;

namespace RunHub.Admin.Profile;

/// <summary>What people change about themselves.</summary>
public sealed class ChangeProfile(WriteLane lane, Database database, AccessDirectory directory)
{
    /// <summary>Name, language (<c>en, es</c> or null) and theme (<c>light, dark</c> or null).</summary>
    /// <exception cref="Refused">The name will not do.</exception>
    public async Task LookAsync(Person person, string? name, string? language, string? theme, CancellationToken cancellationToken)
    {
        var said = name?.Trim() ?? "";
        if (said.Length is 0 or > Limits.Name || said.Any(char.IsControl)) throw new Refused(400, "name", "NameNeeded");
        await WriteAsync(person, "user.profile_changed", async (sql, ct) =>
            await sql.Prepare("UPDATE users SET name = @name, language = @language, theme = @theme WHERE user_no = @user_no")
                .With(said, language is "en" or "es" ? language : null, theme is "light" or "dark" ? theme : null, person.No).ExecuteAsync(ct), cancellationToken);
    }

    /// <summary>Sets the password; every session but those started afterwards ends.</summary>
    public Task PasswordAsync(Person person, string passwordHash, CancellationToken cancellationToken) => WriteAsync(person, "user.password_changed", async (sql, ct) =>
        await sql.Prepare("UPDATE users SET password_hash = @hash, stamp = @stamp WHERE user_no = @user_no").With(passwordHash, AccessWriter.NewStamp(), person.No).ExecuteAsync(ct), cancellationToken);

    /// <summary>Ends every session started before now.</summary>
    public Task EndSessionsAsync(Person person, CancellationToken cancellationToken) => WriteAsync(person, "user.sessions_ended", async (sql, ct) =>
        await sql.Prepare("UPDATE users SET stamp = @stamp WHERE user_no = @user_no").With(AccessWriter.NewStamp(), person.No).ExecuteAsync(ct), cancellationToken);

    /// <summary>The stored hash, to compare with.</summary>
    public async Task<string?> HashAsync(Person person, CancellationToken cancellationToken)
    {
        await using var sql = await database.ReadAsync(cancellationToken);
        return await sql.Prepare("SELECT password_hash FROM users WHERE user_no = @user_no").With(person.No).ScalarAsync<string>(cancellationToken);
    }

    async Task WriteAsync(Person person, string action, Func<SqlSession, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await lane.Run(async (scope, ct) =>
        {
            await work(scope.Sql, ct);
            await scope.AuditAsync(new AuditEntry(null, "user", person.Email, action, "user", person.Email), ct);
        }, cancellationToken);
        directory.ForgetPerson(person.No);
    }
}
