namespace RunHub.Testing;

/// <summary>Waits for what happens behind the answer.</summary>
public static class Eventually
{
    /// <summary>Asks again until it is true; fails after ten seconds.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            if (await condition()) return;
            await Task.Delay(50);
        }

        Assert.Fail("It did not become true in ten seconds.");
    }
}
