using Microsoft.IdentityModel.Tokens;

namespace Solacore.Core.Accounts.Providers;

/// <summary>The keys with which a provider signs, fetched when needed and kept for a day.</summary>
internal sealed class SigningKeys(HttpClient http, Uri url, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    // A flood of tokens with made-up key ids must not become a flood of requests to the provider.
    private static readonly TimeSpan MinInterval = TimeSpan.FromMinutes(1);

    // While the provider is away nobody stands in line behind the time-outs of others.
    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _gate = new(1);
    private long? _failedAt;
    private volatile KeySet _keys = new([], FetchedAt: null);

    /// <summary>The key of that id, or null when the provider does not have it.</summary>
    /// <exception cref="HttpRequestException">The keys cannot be fetched and none are kept.</exception>
    public async Task<SecurityKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (FindFresh(keyId) is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (FindFresh(keyId) is null && !IsWithin(MinInterval, _keys.FetchedAt))
            {
                await FetchAsync(cancellationToken);
            }

            return _keys.Find(keyId);
        }
        catch (HttpRequestException) when (_keys.Find(keyId) is { } old)
        {
            return old;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private SecurityKey? FindFresh(string keyId) => _keys is var kept && IsWithin(Lifetime, kept.FetchedAt) ? kept.Find(keyId) : null;

    private bool IsWithin(TimeSpan span, long? since) => since is { } timestamp && time.GetElapsedTime(timestamp) < span;

    private async Task FetchAsync(CancellationToken cancellationToken)
    {
        if (IsWithin(FailureMemory, _failedAt))
        {
            throw new HttpRequestException("The provider's keys could not be fetched a moment ago.");
        }

        try
        {
            _keys = new KeySet([.. new JsonWebKeySet(await http.GetStringAsync(url, cancellationToken)).GetSigningKeys()], time.GetTimestamp());
        }
        catch (HttpRequestException)
        {
            _failedAt = time.GetTimestamp();
            throw;
        }
        catch (Exception e) when (e is ArgumentException || ProviderAnswers.IsUnreadable(e) || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            _failedAt = time.GetTimestamp();
            throw new HttpRequestException("The provider's keys are not readable.", e);
        }
    }

    private sealed record KeySet(IReadOnlyList<SecurityKey> Keys, long? FetchedAt)
    {
        public SecurityKey? Find(string keyId) => Keys.FirstOrDefault(key => key.KeyId == keyId);
    }
}
