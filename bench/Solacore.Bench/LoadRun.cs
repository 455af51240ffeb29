using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Solacore.Bench;

/// <summary>What came of one stretch of load.</summary>
/// <param name="PerSecond">Requests that were answered well.</param>
/// <param name="Failures">Requests that were not.</param>
/// <param name="Latencies">From the intended start of a request to its answer.</param>
internal sealed record LoadResult(double PerSecond, int Failures, Percentiles Latencies);

/// <summary>Sends requests for a while, in one of two ways.</summary>
internal static class LoadRun
{
    /// <summary>So many at a time, each followed at once by the next: finds the highest rate.</summary>
    public static async Task<LoadResult> SaturateAsync(int atOnce, TimeSpan duration, Func<Task<bool>> send)
    {
        var latencies = new ConcurrentBag<TimeSpan>();
        var failures = 0;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                var sent = Stopwatch.GetTimestamp();
                Count(await send(), Stopwatch.GetElapsedTime(sent));
            }
        })));
        return Result();

        void Count(bool good, TimeSpan latency)
        {
            if (good)
            {
                latencies.Add(latency);
            }
            else
            {
                Interlocked.Increment(ref failures);
            }
        }

        LoadResult Result() => new(latencies.Count / Stopwatch.GetElapsedTime(started).TotalSeconds, failures, new Percentiles(latencies));
    }

    /// <summary>
    /// At a fixed rate, whether earlier requests were answered or not. A request that could only be sent late counts from
    /// when it was due: a stall of the server cannot hide behind a load program that waited for it.
    /// </summary>
    public static async Task<LoadResult> PaceAsync(double perSecond, TimeSpan duration, Func<Task<bool>> send)
    {
        var latencies = new ConcurrentBag<TimeSpan>();
        var failures = 0;
        var count = (int)(perSecond * duration.TotalSeconds);
        var running = new List<Task>(count);
        var started = Stopwatch.GetTimestamp();
        for (var n = 0; n < count; n++)
        {
            var due = TimeSpan.FromSeconds(n / perSecond);
            var early = due - Stopwatch.GetElapsedTime(started);
            if (early > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(early);
            }

            running.Add(SendAsync(due));
        }

        await Task.WhenAll(running);
        return new(latencies.Count / Stopwatch.GetElapsedTime(started).TotalSeconds, failures, new Percentiles(latencies));

        async Task SendAsync(TimeSpan due)
        {
            if (await send())
            {
                latencies.Add(Stopwatch.GetElapsedTime(started) - due);
            }
            else
            {
                Interlocked.Increment(ref failures);
            }
        }
    }

    /// <summary>The middle one; the upper of the two middle ones.</summary>
    public static double Median(this IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    public static string Text(double value, int digits = 0) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
