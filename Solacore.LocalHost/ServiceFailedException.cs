namespace Solacore.LocalHost;

/// <summary>A local process could not be started, did not become ready, or died. The message is written for a person at a terminal.</summary>
public sealed class ServiceFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
