using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RunHub.IntegrationTests.Api;
using RunHub.Store;
using RunHub.Store.Blobs;

namespace RunHub.IntegrationTests.Attachments;

/// <summary>Whatever dies wherever: nothing half-written is opened, nothing that nobody needs stays.</summary>
public sealed class BlobTests
{
    [Theory, Engines]
    public async Task Bytes_that_were_put_and_never_linked_are_swept_after_a_while(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        var blobs = hub.Get<KeepBlobs>();
        var put = await blobs.PutAsync(1, new MemoryStream(Files.Bytes(1_500_000)), 2_000_000, default);
        Assert.Equal(1_500_000, put.Length);
        Assert.Equal(0, await blobs.SweepAsync(KeepBlobs.Patience, default));
        Assert.Equal((1, 0, engine == "Sqlite" ? 1 : 2), await hub.LeftAsync());
        Assert.Equal(1, await blobs.SweepAsync(TimeSpan.Zero, default));
        Assert.Equal((0, 0, 0), await hub.LeftAsync());
        await Assert.ThrowsAsync<RunHub.Http.ProblemException>(() => hub.Get<WriteLane>().Run(async (scope, ct) => await KeepBlobs.LinkAsync(scope, put, ct), default));
    }

    [Theory, Engines]
    public async Task An_upload_that_breaks_off_leaves_nothing(string engine)
    {
        await using var hub = await TestHub.StartAsync(engine);
        await Assert.ThrowsAsync<IOException>(() => hub.Get<KeepBlobs>().PutAsync(1, new BreaksOff(2_500_000), 10_000_000, default));
        await Assert.ThrowsAsync<BlobTooLargeException>(() => hub.Get<KeepBlobs>().PutAsync(1, new MemoryStream(Files.Bytes(2_500_000)), 2_000_000, default));
        Assert.Equal((0, 0, 0), await hub.LeftAsync());
    }

    [Theory, Engines]
    public async Task What_a_dying_process_had_begun_is_swept(string engine)
    {
        // Dies while it writes, and again while it removes: the store throws and cleaning up does nothing, as in a process that is gone.
        var dying = new Dying();
        await using var hub = await TestHub.StartAsync(engine, configure: dying.Wrap);
        var client = await hub.WithRunAsync();
        await client.AttachAsync("kept", Files.Bytes(2_000_000));
        dying.Writes = dying.Removes = true;
        Assert.Equal(500, (await client.SendAsync("r", "filename=a", Files.Bytes(2_000_000, seed: 2))).Status);
        var left = await hub.LeftAsync();
        Assert.Equal((2, 1), (left.Blobs, left.Attachments));
        Assert.True(left.Pieces > (engine == "Sqlite" ? 1 : 2), "Half of it was written.");
        Assert.Single(await client.ListAsync());
        dying.Writes = dying.Removes = false;
        Assert.Equal(1, await hub.Get<KeepBlobs>().SweepAsync(TimeSpan.Zero, default));
        Assert.Equal((1, 1, engine == "Sqlite" ? 1 : 2), await hub.LeftAsync());
    }

    [Theory, Engines]
    public async Task A_deletion_that_dies_after_its_commit_is_finished_by_the_sweep(string engine)
    {
        var dying = new Dying();
        await using var hub = await TestHub.StartAsync(engine, configure: dying.Wrap);
        var client = await hub.WithRunAsync();
        await client.AttachAsync("a", Files.Bytes(2_000_000));
        dying.Removes = true;
        Assert.Equal(204, (await client.CallAsync(HttpMethod.Delete, "/api/runs/r")).Status);
        var left = await hub.LeftAsync();
        Assert.Equal((1, 0), (left.Blobs, left.Attachments));
        Assert.True(left.Pieces > 0);
        dying.Removes = false;
        Assert.Equal(1, await hub.Get<KeepBlobs>().SweepAsync(KeepBlobs.Patience, default));
        Assert.Equal((0, 0, 0), await hub.LeftAsync());
    }

    [Fact]
    public async Task A_file_has_its_name_only_when_it_is_whole()
    {
        await using var hub = await TestHub.StartAsync();
        var watching = new Watching(() => hub.BlobFiles());
        var put = await hub.Get<KeepBlobs>().PutAsync(1, watching, 1_000_000, default);
        Assert.All(watching.Seen, file => Assert.EndsWith(".part", file, StringComparison.Ordinal));
        Assert.NotEmpty(watching.Seen);
        Assert.EndsWith(put.Id, Assert.Single(hub.BlobFiles()), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(hub.BlobFiles()[0]));
    }

    sealed class Dying
    {
        public bool Writes { get; set; }

        public bool Removes { get; set; }

        public void Wrap(WebApplicationBuilder builder) => builder.Services.AddSingleton<IBlobStore>(provider => new Store(this, provider.GetRequiredService<Database>().IsSqlite
            ? (IBlobStore)ActivatorUtilities.CreateInstance(provider, typeof(KeepBlobs).Assembly.GetType("RunHub.Store.Blobs.FileBlobs")!)
            : (IBlobStore)ActivatorUtilities.CreateInstance(provider, typeof(KeepBlobs).Assembly.GetType("RunHub.Store.Blobs.TableBlobs")!)));

        sealed class Store(Dying dying, IBlobStore inner) : IBlobStore
        {
            public Task WriteAsync(string id, Stream content, CancellationToken cancellationToken) =>
                inner.WriteAsync(id, dying.Writes ? new BreaksOff(1_500_000) : content, cancellationToken);

            public Task<Stream?> OpenAsync(string id, long length, CancellationToken cancellationToken) => inner.OpenAsync(id, length, cancellationToken);

            public Task RemoveAsync(string id, CancellationToken cancellationToken) => dying.Removes ? throw new IOException("The process is gone.") : inner.RemoveAsync(id, cancellationToken);
        }
    }

    sealed class BreaksOff(int after) : MemoryStream(new byte[after])
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : throw new IOException("The connection is gone.");
    }

    sealed class Watching(Func<IReadOnlyList<string>> look) : MemoryStream(new byte[300_000])
    {
        public List<string> Seen { get; } = [];

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Seen.AddRange(look());
            return base.ReadAsync(buffer, cancellationToken);
        }
    }
}
