using System.Globalization;
using Solacore.Tests.Reminders;

namespace Solacore.Bench;

/// <summary>Ten thousand reminders at one moment while workers die and the mail server fails.</summary>
internal static class RemindersCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <param name="options"><c>--reminders N</c>, <c>--kill-every S</c> (seconds).</param>
    /// <returns>1 when a promise was broken, 2 when the options are not understood.</returns>
    public static async Task<int> RunAsync(string[] options)
    {
        if (BenchOptions.Read(options, ("reminders", 10_000), ("kill-every", 5)) is not { } settings)
        {
            return BenchOptions.NotUnderstood;
        }

        var (reminders, every) = (settings["reminders"], TimeSpan.FromSeconds(settings["kill-every"]));
        await using var servers = await BenchServers.StartAsync();
        await using var storm = await ReminderStorm.StartAsync(servers.Database, servers.Redis.ConnectionString);
        var report = await storm.RunAsync(reminders, (_, over) => Task.Delay(every, TimeProvider.System, over), Patience);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {report.Reminders} reminders due at one moment, 3 workers, {report.Kills} killed, {report.Took.TotalSeconds:F1} s to the last mark
            mail: {report.Mails} taken in {report.Tries} tries over {report.Connections} connections ({report.Mails / report.Took.TotalSeconds:F0}/s), {report.RepeatedMails} repeated under their Message-ID
            push: {report.Notifications} taken, {report.RepeatedNotifications} repeated, receipts read
            {(report.Broken.Count == 0 ? "each sent once, none lost" : "BROKEN: " + string.Join("; ", report.Broken))}
            """));
        return report.Broken.Count == 0 ? 0 : 1;
    }
}
