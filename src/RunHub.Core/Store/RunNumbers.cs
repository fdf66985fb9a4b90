namespace RunHub.Store;

/// <summary>
/// Hands out <c>run_no</c> = tenant number &lt;&lt; 40 | counter. Counters are reserved in blocks inside the writing
/// transaction; a rolled back or lost block leaves a gap and nothing else.
/// </summary>
sealed class RunNumbers(WriteScope scope)
{
    const int Block = 1000;
    readonly Dictionary<long, (long Next, long End)> blocks = [];

    public async ValueTask<long> NextAsync(long tenantNo, CancellationToken cancellationToken)
    {
        await ReserveAsync(tenantNo, 1, cancellationToken);
        var block = blocks[tenantNo];
        blocks[tenantNo] = block with { Next = block.Next + 1 };
        return tenantNo << 40 | block.Next;
    }

    /// <summary>
    /// Makes sure that so many numbers are at hand (or a block of them). Called before the first run of a write is locked: on
    /// PostgreSQL the reservation locks the tenant's row, and every writer has to take its locks in the same order.
    /// </summary>
    public async ValueTask ReserveAsync(long tenantNo, int count, CancellationToken cancellationToken)
    {
        if (!blocks.TryGetValue(tenantNo, out var block) || block.End - block.Next < Math.Min(count, Block))
        {
            var end = await scope.Sql.Prepare("UPDATE tenants SET next_run = next_run + @block WHERE tenant_no = @tenant_no RETURNING next_run")
                .With((long)Block, tenantNo).ScalarAsync<long?>(cancellationToken)
                ?? throw new InvalidOperationException($"Tenant number {tenantNo} does not exist.");
            blocks[tenantNo] = (end - Block, end);
        }
    }

    /// <summary>After any rollback: what was reserved may be undone.</summary>
    public void Forget() => blocks.Clear();
}
