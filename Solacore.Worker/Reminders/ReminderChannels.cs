namespace Solacore.Worker.Reminders;

/// <summary>The ways in which this deployment can reach a person.</summary>
internal sealed record ReminderChannels(bool Mail, bool Push);
