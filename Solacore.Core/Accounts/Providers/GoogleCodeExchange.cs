using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Solacore.Core.Accounts.Providers;

/// <summary>Exchanges the code that the web app got for Google's id token.</summary>
public sealed class GoogleCodeExchange(IdentityProviderOptions options) : IDisposable
{
    private readonly HttpClient _http = OutgoingHttp.Create(ProviderAnswers.Timeout);

    public async Task<(string? IdToken, SignInRefusal? Refusal)> ExchangeAsync(string code, CancellationToken cancellationToken)
    {
        if (options.ClientSecret.Length == 0 || options.Google.Audiences.Count == 0)
        {
            return (null, SignInRefusal.CodeExchangeNotConfigured);
        }

        try
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["code"] = code,
                ["client_id"] = options.Google.Audiences[0],
                ["client_secret"] = options.ClientSecret,
                ["redirect_uri"] = options.RedirectUrl,
                ["grant_type"] = "authorization_code",
            });
            using var response = await _http.PostAsync(options.TokenUrl, form, cancellationToken);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
            {
                return (null, SignInRefusal.ProviderUnavailable);
            }

            var answer = response.IsSuccessStatusCode
                ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)
                : default;
            return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("id_token", out var idToken)
                && idToken.ValueKind == JsonValueKind.String
                    ? (idToken.GetString(), null)
                    : (null, SignInRefusal.CodeExchangeFailed);
        }
        catch (Exception e) when (ProviderAnswers.IsUnreadable(e))
        {
            return (null, SignInRefusal.CodeExchangeFailed);
        }
        catch (Exception e) when (ProviderAnswers.IsUnreachable(e, cancellationToken))
        {
            return (null, SignInRefusal.ProviderUnavailable);
        }
    }

    public void Dispose() => _http.Dispose();
}
