using System.Diagnostics;

namespace Solacore.Tests.Infrastructure;

/// <summary>Waiting for a condition with a bound, instead of sleeping.</summary>
public static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <summary>Looks every 20 ms until the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold in time; the message says what was waited for.</exception>
    public static Task BeTrueAsync(string what, Func<Task<bool>> condition, TimeSpan? bound = null) =>
        BeAsync(what, async () => await condition(), holds => holds, bound);

    /// <inheritdoc cref="BeTrueAsync(string, Func{Task{bool}}, TimeSpan?)"/>
    public static Task BeTrueAsync(string what, Func<bool> condition, TimeSpan? bound = null) => BeAsync(what, condition, holds => holds, bound);

    /// <inheritdoc cref="BeAsync{T}(string, Func{Task{T}}, Func{T, bool}, TimeSpan?)"/>
    public static Task<T> BeAsync<T>(string what, Func<T> read, Func<T, bool> holds, TimeSpan? bound = null) =>
        BeAsync(what, () => Task.FromResult(read()), holds, bound);

    /// <summary>Looks every 20 ms until the value satisfies the condition, and returns it.</summary>
    public static async Task<T> BeAsync<T>(string what, Func<Task<T>> read, Func<T, bool> holds, TimeSpan? bound = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var value = await read();
            if (holds(value))
            {
                return value;
            }

            if (watch.Elapsed > (bound ?? Bound))
            {
                throw new TimeoutException($"Waited in vain for: {what}. Last seen: {value}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }
}
