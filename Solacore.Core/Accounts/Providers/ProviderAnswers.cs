using System.Text.Json;

namespace Solacore.Core.Accounts.Providers;

/// <summary>What can go wrong while a provider is asked.</summary>
internal static class ProviderAnswers
{
    /// <summary>Longest wait for a provider: a person waits too.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>No JSON, or in a character set that nobody knows.</summary>
    public static bool IsUnreadable(Exception exception) => exception is JsonException or InvalidOperationException;

    /// <summary>No answer in time, or none at all.</summary>
    public static bool IsUnreachable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
