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
        if (!blocks.TryGetValue(tenantNo, out var block) || block.Next >= block.End)
        {
            var end = await scope.Sql.Prepare("UPDATE tenants SET next_run = next_run + @block WHERE tenant_no = @tenant_no RETURNING next_run")
                .With((long)Block, tenantNo).ScalarAsync<long?>(cancellationToken)
                ?? throw new InvalidOperationException($"Tenant number {tenantNo} does not exist.");
            block = (end - Block, end);
        }

        blocks[tenantNo] = block with { Next = block.Next + 1 };
        return tenantNo << 40 | block.Next;
    }

    /// <summary>After any rollback: what was reserved may be undone.</summary>
    public void Forget() => blocks.Clear();
}
