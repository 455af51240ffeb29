namespace Solacore.Core.Jobs;

/// <summary>Trying again cannot help; the job is parked as a dead letter at once.</summary>
public sealed class PermanentJobException(string reason) : Exception(reason);
