using Solacore.Tests.Infrastructure;
using Solacore.Tests.Reminders;

namespace Solacore.Tests.Mail;

/// <summary>Reminders of real worker processes, which die in the middle of it.</summary>
public sealed class ReminderScenarios(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Reminders = 200;

    [Fact]
    public async Task each_reminder_is_sent_once_whoever_of_three_workers_dies_while_the_mail_server_fails_at_every_second_try()
    {
        await using var storm = await ReminderStorm.StartAsync(database.ConnectionString, (await SharedServers.Redis).ConnectionString);

        var report = await storm.RunAsync(Reminders, InTheMiddleAsync, TimeSpan.FromMinutes(1));

        Assert.Empty(report.Broken);
        Assert.InRange(report.Kills, 1, 2);

        // Once early, once late; then never again.
        Task InTheMiddleAsync(int kills, CancellationToken over) => kills < 2
            ? Eventually.BeTrueAsync("a storm under way", () => over.IsCancellationRequested
                ? Task.FromCanceled<bool>(over)
                : Task.FromResult(storm.Taken > Reminders * (1 + (2 * kills)) / 8))
            : Task.Delay(Timeout.InfiniteTimeSpan, over);
    }
}
