namespace Solacore.Core.Data;

/// <summary>
/// Two transactions that wait for one another: Postgres ends one of them. Most take their rows in an order that makes it
/// impossible (a session before its account); a cascading delete locks dependent rows in no fixed order.
/// </summary>
public static class Deadlocks
{
    private const int Attempts = 3;

    /// <summary>Runs a transaction, and again when it was the one to give way.</summary>
    /// <param name="db">Forgets before each new attempt what the one before has read and added.</param>
    public static async Task<T> RetryAsync<T>(SolacoreDb db, Func<Task<T>> transaction)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await transaction();
            }
            catch (Exception e) when (attempt < Attempts && DatabaseErrors.IsDeadlock(e))
            {
                db.ChangeTracker.Clear();
            }
        }
    }
}
