using System.Diagnostics;

namespace Solacore.Bench;

/// <summary>
/// The pace at which very many speak: each as often as told, but in turns within the time between two pieces, because people do
/// not speak in chorus.
/// </summary>
internal static class Beat
{
    public const int Slices = 10;

    /// <summary>Calls for one slice after the other, late ones at once; when stopped, every slice has been called equally often.</summary>
    public static async Task RunAsync(int perSecond, Action<int> onSlice, CancellationToken stopping)
    {
        var started = Stopwatch.GetTimestamp();
        for (var beat = 0L; beat % Slices != 0 || !stopping.IsCancellationRequested; beat++)
        {
            var early = TimeSpan.FromSeconds(beat / (double)(Slices * perSecond)) - Stopwatch.GetElapsedTime(started);
            if (early > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(early, CancellationToken.None);
            }

            onSlice((int)(beat % Slices));
        }
    }
}
