using System.Collections.Concurrent;

namespace Solacore.LocalHost;

/// <summary>
/// The one thread that starts processes. Linux sends a child its "parent died" signal when the <em>thread</em> that
/// forked it ends, and threads of the pool end after seconds of idleness: they would take a healthy server with them.
/// This thread ends with the process and at no other time.
/// </summary>
internal static class LauncherThread
{
    private static readonly BlockingCollection<Action> Starts = StartThread();

    /// <summary>Runs <paramref name="start"/> on the launcher thread and waits for it; its exception is thrown here.</summary>
    public static void Run(Action start)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Starts.Add(() =>
        {
            try
            {
                start();
                done.SetResult();
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        });
        done.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<Action> StartThread()
    {
        var starts = new BlockingCollection<Action>();
        var thread = new Thread(() =>
        {
            foreach (var start in starts.GetConsumingEnumerable())
            {
                start();
            }
        })
        {
            IsBackground = true,
            Name = "process launcher",
        };
        thread.Start();
        return starts;
    }
}
