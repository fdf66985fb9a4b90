using System.Globalization;
using Microsoft.Extensions.Options;
using RunHub.Access;
using RunHub.Http;
using RunHub.Ingest;
using RunHub.Model;
using RunHub.Store.Events;
using RunHub.Store.Payloads;

namespace RunHub.Store.Checkpoints;

/// <summary>A checkpoint that was put.</summary>
/// <param name="Ns">Namespace.</param>
/// <param name="Id">Id.</param>
/// <param name="Created">False: it was there; it is now as sent.</param>
public sealed record PutCheckpoint(string Ns, string Id, bool Created);

/// <summary>
/// Checkpoints and pending writes of runs, with the meaning LangGraph's savers give them: a checkpoint replaces the one with
/// its id; a write to an ordinary channel stays as it first came, one to a special channel is replaced; the latest checkpoint
/// of a namespace is the one with the greatest id. Putting twice changes nothing and tells nobody.
/// </summary>
public sealed class CheckpointStore(WriteLane lane, IOptions<CheckpointOptions> options)
{
    const string Columns = "checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, source, step, at, codec, raw_len, data, metadata_codec, metadata_len, metadata";
    const string Summary = """
        SELECT c.checkpoint_ns, c.checkpoint_id, c.parent_checkpoint_id, c.type, c.source, c.step, c.at, c.raw_len, c.metadata_codec, c.metadata_len, c.metadata,
          (SELECT count(*) FROM checkpoint_writes w WHERE w.run_no = c.run_no AND w.checkpoint_ns = c.checkpoint_ns AND w.checkpoint_id = c.checkpoint_id)
        FROM checkpoints c WHERE c.run_no = @run_no
        """;

    /// <summary>Limits in force.</summary>
    public CheckpointOptions Options => options.Value;

    /// <summary>Newest first: by id, then namespace.</summary>
    /// <param name="sql">A session.</param>
    /// <param name="runNo">The run.</param>
    /// <param name="ns">One namespace; null: all.</param>
    /// <param name="before">After this one in the order of the list; null: from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<List<CheckpointSummary>> ListAsync(SqlSession sql, long runNo, string? ns, (string Id, string Ns)? before, int limit, CancellationToken cancellationToken)
    {
        var text = Summary + (ns is null ? "" : " AND c.checkpoint_ns = @ns") + (before is null ? "" : " AND (c.checkpoint_id, c.checkpoint_ns) < (@before_id, @before_ns)")
            + " ORDER BY c.checkpoint_id DESC, c.checkpoint_ns DESC LIMIT @limit";
        List<object?> values = [runNo];
        if (ns is not null) values.Add(ns);
        if (before is { } place) values.AddRange([place.Id, place.Ns]);
        values.Add((long)limit);
        var rows = await sql.Prepare(text).With([.. values]).ListAsync(r => new CheckpointSummary(r.GetString(0), r.GetString(1), r.Text(2), r.GetString(3), r.Text(4), r.Long(5), r.GetInt64(6), r.GetInt64(7),
            Unpack(r.GetInt64(8), r.GetInt64(9), r.GetValue(10)), Convert.ToInt64(r.GetValue(11), CultureInfo.InvariantCulture), []), cancellationToken);
        return await WithSpecialsAsync(sql, runNo, rows, cancellationToken);
    }

    /// <summary>A checkpoint with its value; the latest of the namespace where no id is named; null where there is none.</summary>
    public static async Task<Checkpoint?> FindAsync(SqlSession sql, long runNo, string ns, string? id, CancellationToken cancellationToken)
    {
        var text = $"SELECT {Columns} FROM checkpoints WHERE run_no = @run_no AND checkpoint_ns = @ns";
        var statement = id is null
            ? sql.Prepare(text + " ORDER BY checkpoint_id DESC LIMIT 1").With(runNo, ns)
            : sql.Prepare(text + " AND checkpoint_id = @id").With(runNo, ns, id);
        return await statement.FirstAsync(r => (Checkpoint?)new Checkpoint(r.GetString(0), r.GetString(1), r.Text(2), new CheckpointValue(r.GetString(3), Unpack(r.GetInt64(7), r.GetInt64(8), r.GetValue(9))),
            Unpack(r.GetInt64(10), r.GetInt64(11), r.GetValue(12)), r.Text(4), r.Long(5), r.GetInt64(6)), cancellationToken);
    }

    /// <summary>The writes pending on a checkpoint, by task and place.</summary>
    public static Task<List<CheckpointWrite>> WritesAsync(SqlSession sql, long runNo, string ns, string id, CancellationToken cancellationToken) =>
        sql.Prepare("SELECT task_id, task_path, idx, channel, type, codec, raw_len, data FROM checkpoint_writes WHERE run_no = @run_no AND checkpoint_ns = @ns AND checkpoint_id = @id ORDER BY task_id, idx")
            .With(runNo, ns, id).ListAsync(r => new CheckpointWrite(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetString(3), new CheckpointValue(r.GetString(4), Unpack(r.GetInt64(5), r.GetInt64(6), r.GetValue(7)))), cancellationToken);

    /// <summary>Puts checkpoints with the writes they carry, all or none.</summary>
    /// <exception cref="ProblemException">404 no such run; 409 over <see cref="CheckpointOptions.MaxPerRun"/>.</exception>
    public Task<IReadOnlyList<PutCheckpoint>> PutAsync(Caller caller, string runId, IReadOnlyList<Checkpoint> checkpoints, CancellationToken cancellationToken)
    {
        // Packed here, off the lane, by however many callers there are.
        var packed = checkpoints.Select(c => (Checkpoint: c, Data: PayloadPacker.Pack(c.Value.Bytes.Span), Metadata: PayloadPacker.Pack(c.Metadata.Span), Writes: Pack(c.Writes))).ToList();
        return lane.Run<IReadOnlyList<PutCheckpoint>>(async (scope, ct) =>
        {
            var run = await RunReader.GetAsync(scope, caller.Tenant.No, runId, ct);
            var (put, changed) = (new List<PutCheckpoint>(), new List<Checkpoint>());
            foreach (var (checkpoint, data, metadata, writes) in packed)
            {
                var (created, differs) = await PutOneAsync(scope, run.RunNo, checkpoint, data, metadata, ct);
                differs |= await WriteAsync(scope, run.RunNo, checkpoint.Ns, checkpoint.Id, writes, ct) > 0;
                put.Add(new PutCheckpoint(checkpoint.Ns, checkpoint.Id, created));
                if (differs) changed.Add(checkpoint);
            }

            await CheckCountsAsync(scope, run.RunNo, ct);
            Emit(scope, run, caller.Name, [.. changed.Select(c => (c.Ns, c.Id))]);
            return put;
        }, cancellationToken, packed.Sum(p => (long)p.Data.Data.Length + p.Metadata.Data.Length + p.Writes.Sum(w => (long)w.Data.Data.Length)));
    }

    /// <summary>Puts the writes of a task. The checkpoint need not be there yet.</summary>
    /// <returns>How many were new or replaced.</returns>
    /// <exception cref="ProblemException">404 no such run; 409 too many.</exception>
    public Task<int> PutWritesAsync(Caller caller, string runId, string ns, string id, IReadOnlyList<CheckpointWrite> writes, CancellationToken cancellationToken)
    {
        var packed = Pack(writes);
        return lane.Run<int>(async (scope, ct) =>
        {
            var run = await RunReader.GetAsync(scope, caller.Tenant.No, runId, ct);
            var written = await WriteAsync(scope, run.RunNo, ns, id, packed, ct);
            await CheckCountsAsync(scope, run.RunNo, ct);
            if (written > 0) Emit(scope, run, caller.Name, [(ns, id)]);
            return written;
        }, cancellationToken, packed.Sum(w => (long)w.Data.Data.Length));
    }

    static async Task<(bool Created, bool Differs)> PutOneAsync(WriteScope scope, long runNo, Checkpoint checkpoint, PackedChunk data, PackedChunk metadata, CancellationToken cancellationToken)
    {
        var old = await FindAsync(scope.Sql, runNo, checkpoint.Ns, checkpoint.Id, cancellationToken);
        if (old is not null && old.ParentId == checkpoint.ParentId && old.Value.Type == checkpoint.Value.Type && old.Value.Bytes.Span.SequenceEqual(checkpoint.Value.Bytes.Span)
            && old.Metadata.Span.SequenceEqual(checkpoint.Metadata.Span)) return (false, false);
        await scope.Sql.Prepare($"""
            INSERT INTO checkpoints (run_no, {Columns})
            VALUES (@run_no, @ns, @id, @parent_id, @type, @source, @step, @at, @codec, @raw_len, @data, @metadata_codec, @metadata_len, @metadata)
            ON CONFLICT (run_no, checkpoint_ns, checkpoint_id) DO UPDATE SET parent_checkpoint_id = excluded.parent_checkpoint_id, type = excluded.type, source = excluded.source,
              step = excluded.step, at = excluded.at, codec = excluded.codec, raw_len = excluded.raw_len, data = excluded.data,
              metadata_codec = excluded.metadata_codec, metadata_len = excluded.metadata_len, metadata = excluded.metadata
            """).With(runNo, checkpoint.Ns, checkpoint.Id, checkpoint.ParentId, checkpoint.Value.Type, checkpoint.Source, checkpoint.Step, checkpoint.At == 0 ? scope.Now : checkpoint.At,
                (long)data.Codec, (long)data.RawLength, data.Data, (long)metadata.Codec, (long)metadata.RawLength, metadata.Data).ExecuteAsync(cancellationToken);
        return (old is null, true);
    }

    static async Task<int> WriteAsync(WriteScope scope, long runNo, string ns, string id, IReadOnlyList<(CheckpointWrite Write, PackedChunk Data)> writes, CancellationToken cancellationToken)
    {
        const string insert = """
            INSERT INTO checkpoint_writes (run_no, checkpoint_ns, checkpoint_id, task_id, idx, task_path, channel, type, at, codec, raw_len, data)
            VALUES (@run_no, @ns, @id, @task_id, @idx, @task_path, @channel, @type, @at, @codec, @raw_len, @data)
            ON CONFLICT (run_no, checkpoint_ns, checkpoint_id, task_id, idx) DO
            """;
        // An interrupt that is raised again, or another answer to it, replaces the first; what a task wrote, it wrote.
        const string replace = insert + " UPDATE SET task_path = excluded.task_path, channel = excluded.channel, type = excluded.type, at = excluded.at, codec = excluded.codec, raw_len = excluded.raw_len, data = excluded.data WHERE checkpoint_writes.data <> excluded.data OR checkpoint_writes.type <> excluded.type";
        var written = 0;
        foreach (var (write, data) in writes)
            written += await scope.Sql.Prepare(write.Idx < 0 ? replace : insert + " NOTHING")
                .With(runNo, ns, id, write.TaskId, write.Idx, write.TaskPath, write.Channel, write.Value.Type, scope.Now, (long)data.Codec, (long)data.RawLength, data.Data).ExecuteAsync(cancellationToken);
        return written;
    }

    async Task CheckCountsAsync(WriteScope scope, long runNo, CancellationToken cancellationToken)
    {
        var most = (long)options.Value.MaxPerRun;
        if (await scope.Sql.Prepare("SELECT count(*) FROM checkpoints WHERE run_no = @run_no").With(runNo).ScalarAsync<long>(cancellationToken) > most
            || await scope.Sql.Prepare("SELECT count(*) FROM checkpoint_writes WHERE run_no = @run_no").With(runNo).ScalarAsync<long>(cancellationToken) > most * 10)
            throw new ProblemException(409, "The run has too many checkpoints.", string.Create(CultureInfo.InvariantCulture, $"A run has at most {most} checkpoints and {most * 10} writes (Checkpoints:MaxPerRun)."));
    }

    static async Task<List<CheckpointSummary>> WithSpecialsAsync(SqlSession sql, long runNo, List<CheckpointSummary> rows, CancellationToken cancellationToken)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Writes == 0) continue;
            var places = await sql.Prepare("SELECT DISTINCT idx FROM checkpoint_writes WHERE run_no = @run_no AND checkpoint_ns = @ns AND checkpoint_id = @id AND idx < 0 ORDER BY idx DESC")
                .With(runNo, rows[i].Ns, rows[i].Id).ListAsync(r => r.GetInt64(0), cancellationToken);
            rows[i] = rows[i] with { Specials = [.. places.Select(CheckpointWrite.SpecialAt).OfType<string>()] };
        }

        return rows;
    }

    static List<(CheckpointWrite Write, PackedChunk Data)> Pack(IReadOnlyList<CheckpointWrite> writes) => [.. writes.Select(w => (w, PayloadPacker.Pack(w.Value.Bytes.Span)))];

    static byte[] Unpack(long codec, long length, object data) => PayloadPacker.Unpack((PayloadCodec)codec, (int)length, (byte[])data);

    static void Emit(WriteScope scope, RunRow run, string by, IReadOnlyList<(string Ns, string Id)> changed) =>
        RunEvents.EmitParts(scope, run, [.. changed.Select(c => new EventPart("checkpoints", c.Id, c.Ns))], by);
}
