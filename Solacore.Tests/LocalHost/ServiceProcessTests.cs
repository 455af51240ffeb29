using System.Collections.Concurrent;
using Solacore.LocalHost;

namespace Solacore.Tests.LocalHost;

public sealed class ServiceProcessTests
{
    [Fact]
    public async Task the_environment_the_output_and_the_exit_code_come_through()
    {
        var lines = new ConcurrentQueue<string>();
        await using var process = ServiceProcess.Start(Shell("echo \"$GREETING\"; echo \"${HOME-no home}\" >&2; exit 3") with
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["GREETING"] = "good day", ["HOME"] = null },
            OnLine = lines.Enqueue,
        });

        Assert.Equal(3, await process.Exited);
        Assert.Equal(["good day", "no home"], lines.Order(StringComparer.Ordinal));
        Assert.Equal(["good day", "no home"], process.LastLines.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task only_the_last_lines_are_kept()
    {
        var lines = await ServiceProcess.RunToEndAsync(Shell("for i in $(seq 1000); do echo $i; done"));

        Assert.Equal(Enumerable.Range(801, 200).Select(number => $"{number}"), lines);
    }

    [Fact]
    public async Task a_command_that_fails_says_what_it_wrote()
    {
        var failure = await Assert.ThrowsAsync<ServiceFailedException>(() => ServiceProcess.RunToEndAsync(Shell("echo nothing works; exit 7")));

        Assert.Equal("shell ended with exit code 7. Its last lines:\nnothing works", failure.Message);
    }

    [Fact]
    public async Task a_process_that_ends_before_it_is_healthy_is_not_waited_for()
    {
        await using var process = ServiceProcess.Start(Shell("echo no; exit 1"));

        var failure = await Assert.ThrowsAsync<ServiceFailedException>(
            () => process.WaitUntilHealthyAsync(new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/"), TimeSpan.FromMinutes(5)));

        Assert.Equal("shell ended with exit code 1 before it was ready. Its last lines:\nno", failure.Message);
    }

    [Fact]
    public async Task a_process_that_does_not_answer_is_waited_for_with_a_bound()
    {
        await using var process = ServiceProcess.Start(Shell("exec sleep 60"));

        var failure = await Assert.ThrowsAsync<ServiceFailedException>(
            () => process.WaitUntilHealthyAsync(new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/"), TimeSpan.FromSeconds(0.2)));

        Assert.Equal("shell was not ready within 0.2 s; it wrote nothing.", failure.Message);
    }

    [Fact]
    public async Task a_stop_is_polite_first_and_a_kill_when_that_does_not_help()
    {
        await using var polite = await StartedAsync("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done");
        await using var stubborn = await StartedAsync("trap '' TERM; echo up; while :; do sleep 0.05; done", TimeSpan.FromSeconds(0.2));

        Assert.True(await polite.StopAsync());
        Assert.Equal((0, "bye"), (await polite.Exited, polite.LastLines[^1]));
        Assert.False(await stubborn.StopAsync());
        Assert.Equal(137, await stubborn.Exited);
    }

    [Fact]
    public async Task a_frozen_process_goes_on_when_it_is_resumed()
    {
        await using var process = await StartedAsync("trap 'exit 0' TERM; echo up; while :; do sleep 0.05; done");
        process.Pause();
        process.Send(UnixSignal.Terminate);
        await Assert.ThrowsAsync<TimeoutException>(() => process.Exited.WaitAsync(TimeSpan.FromSeconds(0.3)));

        process.Resume();

        Assert.Equal(0, await process.Exited.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private static ServiceOptions Shell(string script) => new("shell", "sh", ["-c", script]);

    private static async Task<ServiceProcess> StartedAsync(string script, TimeSpan? stopTimeout = null)
    {
        var up = new TaskCompletionSource();
        var process = ServiceProcess.Start(Shell(script) with
        {
            OnLine = _ => up.TrySetResult(),
            StopTimeout = stopTimeout ?? TimeSpan.FromSeconds(30),
        });
        await up.Task.WaitAsync(TimeSpan.FromSeconds(10));
        return process;
    }
}
