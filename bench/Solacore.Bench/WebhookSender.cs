using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Solacore.Tests.Scenarios;

namespace Solacore.Bench;

/// <summary>Sends signed invoices of the size that Stripe sends, each with an id of its own.</summary>
internal sealed class WebhookSender : IDisposable
{
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes(RunningSystem.StripeSecret);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }, disposeHandler: true);
    private readonly string _run = Guid.CreateVersion7().ToString("n", CultureInfo.InvariantCulture)[^8..];
    private int _sent;

    /// <summary>Delivers one new event; false when the answer is not 200.</summary>
    public async Task<bool> SendAsync(Uri address)
    {
        var number = Interlocked.Increment(ref _sent);
        var body = Encoding.UTF8.GetBytes(Invoice(string.Create(CultureInfo.InvariantCulture, $"{_run}_{number}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) { Headers = { ContentType = Json } } };
        request.Headers.TryAddWithoutValidation("Stripe-Signature", Sign(body));
        using var response = await _client.SendAsync(request, CancellationToken.None);
        return response.StatusCode == HttpStatusCode.OK;
    }

    /// <summary>An invoice in the shape of API version 2024-12-18 with one line, about 1.5 KB.</summary>
    public static string Invoice(string name) =>
        $$$"""
        {"id":"evt_{{{name}}}","object":"event","api_version":"2024-12-18.acacia","created":1795600000,"livemode":false,"pending_webhooks":1,
        "request":{"id":null,"idempotency_key":null},"type":"invoice.paid","data":{"object":{"id":"in_{{{name}}}","object":"invoice",
        "account_country":"DE","account_name":"Bench","amount_due":1200,"amount_paid":1200,"amount_remaining":0,"amount_shipping":0,
        "application":null,"attempt_count":1,"attempted":true,"auto_advance":false,"automatic_tax":{"enabled":false,"liability":null,"status":null},
        "billing_reason":"subscription_cycle","charge":"ch_{{{name}}}","collection_method":"charge_automatically","created":1795600000,
        "currency":"eur","custom_fields":null,"customer":"cus_{{{name}}}","customer_address":null,"customer_email":null,"customer_name":null,
        "discounts":[],"due_date":null,"ending_balance":0,"footer":null,"invoice_pdf":null,"lines":{"object":"list","data":[
        {"id":"il_{{{name}}}","object":"line_item","amount":1200,"currency":"eur","description":"1 x Standard","discount_amounts":[],
        "livemode":false,"metadata":{},"period":{"start":1795600000,"end":1798200000},"plan":{"id":"price_standard","object":"plan","active":true},
        "price":{"id":"price_standard","object":"price","active":true,"currency":"eur","recurring":{"interval":"month","interval_count":1}},
        "proration":false,"quantity":1,"subscription":"sub_{{{name}}}","type":"subscription"}],"has_more":false,"total_count":1},
        "metadata":{},"number":"B-1","paid":true,"payment_intent":"pi_{{{name}}}","period_end":1795600000,"period_start":1793000000,
        "status":"paid","subscription":"sub_{{{name}}}","subtotal":1200,"tax":null,"total":1200} } }
        """;

    private static string Sign(byte[] body)
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Secret);
        mac.AppendData(Encoding.ASCII.GetBytes(time + "."));
        mac.AppendData(body);
        return $"t={time},v1={Convert.ToHexStringLower(mac.GetHashAndReset())}";
    }

    public void Dispose() => _client.Dispose();
}
