using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Solacore.Core.Jobs;

/// <summary>Signals the lanes of new jobs once their transaction has committed, so that no caller can forget to.</summary>
public sealed class WakeHintInterceptor(WakeHint hint) : DbTransactionInterceptor, ISaveChangesInterceptor
{
    // Weak keys: notes keep no context alive. Contexts are pooled, so a note left by a failed save or by a transaction that
    // was disposed without an end waits for the context's next commit, where it costs one hint too many.
    private static readonly ConditionalWeakTable<DbContext, HashSet<string>> Noted = [];

    internal static void Note(DbContext context, string lane) => Noted.GetOrCreateValue(context).Add(lane);

    public ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { Database.CurrentTransaction: null } context)
        {
            Send(context);
        }

        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context)
        {
            Send(context);
        }

        return Task.CompletedTask;
    }

    public override Task TransactionRolledBackAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is { } context)
        {
            Noted.Remove(context);
        }

        return Task.CompletedTask;
    }

    private void Send(DbContext context)
    {
        if (Noted.TryGetValue(context, out var lanes))
        {
            Noted.Remove(context);
            foreach (var lane in lanes)
            {
                hint.Signal(lane);
            }
        }
    }
}
