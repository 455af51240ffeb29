using System.Runtime.ExceptionServices;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// One run of a comparison, item by item. An item that cannot be compared is stepped over as soon as another one can be, or it
/// would stand before all others in every run; the run then fails at its end. A store that answers for nobody is down: the run
/// ends early, and nobody is stepped over.
/// </summary>
internal sealed class StoreWalk(CancellationToken cancellationToken)
{
    /// <summary>So many failures in a row are an outage.</summary>
    private const int Outage = 10;

    private readonly List<Func<Task>> _failed = [];
    private ExceptionDispatchInfo? _failure;

    /// <param name="compare">Compares the item and notes that it is done.</param>
    /// <param name="stepOver">Notes of an item that failed that it had its turn.</param>
    /// <exception cref="RetryLaterException">The store asked to wait.</exception>
    public async Task StepAsync(Func<Task> compare, Func<Task> stepOver)
    {
        try
        {
            await compare();
        }
        catch (Exception e) when (e is not RetryLaterException && !cancellationToken.IsCancellationRequested)
        {
            _failure = ExceptionDispatchInfo.Capture(e);
            _failed.Add(stepOver);
            if (_failed.Count == Outage)
            {
                _failure.Throw();
            }

            return;
        }

        foreach (var failed in _failed)
        {
            await failed();
        }

        _failed.Clear();
    }

    /// <summary>Fails when an item has failed.</summary>
    public void End() => _failure?.Throw();
}
