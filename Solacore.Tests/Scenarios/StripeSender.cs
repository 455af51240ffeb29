using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Solacore.Tests.Scenarios;

/// <summary>Sends signed events as Stripe does, and like Stripe sends again what was not answered with 200.</summary>
internal sealed class StripeSender : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(15) };

    /// <summary>A completed checkout of the standard plan.</summary>
    public static byte[] Checkout(string eventId, Guid user, string customer) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = eventId,
        @object = "event",
        type = "checkout.session.completed",
        created = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        data = new
        {
            @object = new
            {
                id = "cs_" + eventId,
                @object = "checkout.session",
                customer,
                subscription = "sub_" + customer,
                payment_status = "paid",
                client_reference_id = user,
                metadata = new { user_id = user, price_id = "price_standard" },
            },
        },
    });

    /// <summary>One delivery; null when no answer came.</summary>
    public async Task<HttpStatusCode?> DeliverAsync(Uri api, byte[] body, string? traceParent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api, "/webhooks/stripe")) { Content = new ByteArrayContent(body) };
        request.Headers.Add("Stripe-Signature", Sign(body));
        if (traceParent is not null)
        {
            request.Headers.Add("traceparent", traceParent);
        }

        try
        {
            using var response = await _client.SendAsync(request);
            return response.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>The signature header of a body sent now.</summary>
    public static string Sign(byte[] body)
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes(time + "."), .. body];
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(RunningSystem.StripeSecret), signed);
        return $"t={time},v1={Convert.ToHexStringLower(mac)}";
    }

    public void Dispose() => _client.Dispose();
}
