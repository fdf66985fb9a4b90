using System.Text.Json;

namespace RunHub.Client.Reporting;

/// <summary>
/// What is to be sent about one run: every change since it was last taken, so that changes of one run within a batch are one.
/// What names the run, and a step, goes with each change: a lost or refused one takes no other with it.
/// </summary>
sealed class RunState(ReportQueue queue)
{
    /// <summary>Lines of a log that may wait for their run to be sent.</summary>
    const int MaxLines = 10_000;

    /// <summary>Lines, and bytes of them, that go with one piece of a run: less than a hub takes at once.</summary>
    const int PieceLines = 2000, PieceBytes = 2 << 20;
    readonly Lock gate = new();
    readonly Fields always = new();
    readonly Fields changed = new();
    readonly List<StepState> steps = [];
    readonly List<byte[]> notes = [];
    readonly List<byte[]> logs = [];
    bool isDirty;
    int items;
    long bytes;

    /// <summary>True: left out as a whole (<see cref="WhenFull.Drop"/>).</summary>
    public bool IsMuted { get; init; }

    /// <summary>Public id.</summary>
    public required string Id { get; init; }

    /// <summary>Sets what goes with every change; before the first.</summary>
    public void Always(string path, byte[] json) => always.Set(path, json);

    public void Set(string path, byte[] json) => Change(() => changed.Set(path, json), counts: false);

    public void Note(byte[] json) => Change(() => Add(notes, json), counts: true);

    public void Log(byte[] json)
    {
        if (IsMuted || queue.DropsNow)
        {
            queue.Dropped();
            return;
        }

        var full = false;
        Change(() =>
        {
            full = logs.Count >= MaxLines;
            return full ? 0 : Add(logs, json);
        }, counts: true, unless: () => full);
        if (full) queue.Dropped();
    }

    public void Set(StepState step, string path, byte[] json)
    {
        if (!step.IsMuted) Change(() => Touch(step) + step.Changed.Set(path, json), counts: false);
    }

    /// <summary>A step begins.</summary>
    public void Begin(StepState step)
    {
        if (!step.IsMuted) Change(() => Touch(step), counts: true);
    }

    /// <summary>Takes all changes as one JSON object; log lines beyond what a request should carry follow in others.</summary>
    public List<TakenRun> Take()
    {
        lock (gate)
        {
            var taken = new List<TakenRun>();
            var from = 0;
            do
            {
                var (isFirst, start, upto) = (from == 0, from, PieceEnd(from));
                var json = Fields.Write(j => Write(j, isFirst, logs.GetRange(start, upto - start)));
                from = upto;
                // The last one counts for all: until it is settled, the run's changes are on their way.
                taken.Add(new TakenRun(Id, json, from == logs.Count ? items : 0, from == logs.Count ? bytes : 0, from == logs.Count));
            }
            while (from < logs.Count);

            changed.Clear();
            foreach (var step in steps)
            {
                step.Changed.Clear();
                step.IsDirty = false;
            }

            steps.Clear();
            notes.Clear();
            logs.Clear();
            (isDirty, items, bytes) = (false, 0, 0);
            return taken;
        }
    }

    void Change(Func<long> change, bool counts, Func<bool>? unless = null)
    {
        if (IsMuted) return;
        bool wasClean;
        int more;
        long grown;
        lock (gate)
        {
            grown = change();
            if (unless?.Invoke() == true) return;
            wasClean = !isDirty;
            more = (counts ? 1 : 0) + (wasClean ? 1 : 0);
            isDirty = true;
            items += more;
            bytes += grown;
            // Inside the lock: a run that is dirty stands in the queue.
            queue.Add(this, wasClean, more, grown);
        }
    }

    long Touch(StepState step)
    {
        if (step.IsDirty) return 0;
        step.IsDirty = true;
        steps.Add(step);
        return 64;
    }

    static long Add(List<byte[]> list, byte[] json)
    {
        list.Add(json);
        return json.Length + 1;
    }

    int PieceEnd(int from)
    {
        var (upto, size) = (from, 0L);
        while (upto < logs.Count && upto - from < PieceLines && (upto == from || size + logs[upto].Length <= PieceBytes)) size += logs[upto++].Length;
        return upto;
    }

    void Write(Utf8JsonWriter json, bool withChanges, List<byte[]> lines)
    {
        json.WriteStartObject();
        (withChanges ? changed : new Fields()).WriteMembers(json, always);
        if (withChanges) List(json, "annotations", notes);
        List(json, "logs", lines);
        if (withChanges && steps.Count > 0)
        {
            json.WriteStartArray("steps");
            foreach (var step in steps)
            {
                json.WriteStartObject();
                step.Changed.WriteMembers(json, step.Always);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    static void List(Utf8JsonWriter json, string name, List<byte[]> items)
    {
        if (items.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var item in items) json.WriteRawValue(item, skipInputValidation: true);
        json.WriteEndArray();
    }
}

/// <summary>What is to be sent about one step; guarded by its run.</summary>
sealed class StepState
{
    public required string Id { get; init; }

    /// <summary>True: left out as a whole.</summary>
    public bool IsMuted { get; init; }

    public Fields Always { get; } = new();

    public Fields Changed { get; } = new();

    public bool IsDirty { get; set; }
}

/// <summary>A run's changes on their way.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="Json">One JSON object.</param>
/// <param name="Items">Changes it holds.</param>
/// <param name="Bytes">What it counted for in the queue.</param>
/// <param name="IsLast">No further piece of these changes follows.</param>
sealed record TakenRun(string RunId, byte[] Json, int Items, long Bytes, bool IsLast);
