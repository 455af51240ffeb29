using Microsoft.EntityFrameworkCore;

namespace Solacore.Core.Data;

/// <summary>
/// For a question about very many rows, whose best plan depends on how many: it is planned for the very values that it is
/// asked with, and free to read and join as Postgres sees fit.
/// </summary>
internal static class Replanning
{
    /// <summary>Runs <paramref name="ask"/> in a transaction of its own, after which connection and plans are as before.</summary>
    public static async Task<T> ReplannedAsync<T>(this SolacoreDb db, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync(
            "set local plan_cache_mode = force_custom_plan; set local enable_seqscan = on; set local enable_hashjoin = on; set local enable_mergejoin = on",
            cancellationToken);
        var answer = await ask();
        await transaction.CommitAsync(cancellationToken);
        return answer;
    }
}
