namespace Solacore.Tests.Infrastructure;

/// <summary>
/// Single events with names and times of the test's choice, in the form in which the stores send them. Events that belong
/// together come from <see cref="StripeAccount"/>.
/// </summary>
internal static class StoreEvents
{
    /// <summary>A customer has paid for a subscription; both have ids of that name, if no other customer is given.</summary>
    public static object Checkout(Guid user, string name, string price, DateTimeOffset at, string? customer = null) => new
    {
        id = "checkout_" + name,
        type = "checkout.session.completed",
        created = at.ToUnixTimeSeconds(),
        data = new
        {
            @object = new
            {
                customer = customer ?? "cus_" + name,
                subscription = "sub_" + name,
                payment_status = "paid",
                metadata = new { user_id = user, price_id = price },
            },
        },
    };

    /// <summary>Thirty days of a subscription are paid.</summary>
    public static object InvoicePaid(string name, DateTimeOffset periodStart, DateTimeOffset at) => new
    {
        id = "invoice_" + name,
        type = "invoice.paid",
        created = at.ToUnixTimeSeconds(),
        data = new
        {
            @object = new
            {
                customer = "cus_" + name,
                subscription = "sub_" + name,
                lines = new { data = new[] { new { period = new { start = periodStart.ToUnixTimeSeconds(), end = periodStart.AddDays(30).ToUnixTimeSeconds() } } } },
            },
        },
    };

    /// <summary>A subscription is over.</summary>
    public static object Deleted(string name, DateTimeOffset at) => new
    {
        id = "deleted_" + name,
        type = "customer.subscription.deleted",
        created = at.ToUnixTimeSeconds(),
        data = new { @object = new { id = "sub_" + name, @object = "subscription", customer = "cus_" + name } },
    };

    /// <summary>An event of an app store, as RevenueCat passes it on: thirty days from the purchase.</summary>
    public static object RevenueCat(Guid user, string id, string type, DateTimeOffset at, string entitlement, DateTimeOffset? purchasedAt = null, string? transaction = null) => new
    {
        api_version = "1.0",
        @event = new
        {
            id,
            type,
            app_user_id = user,
            original_transaction_id = transaction ?? "tx_" + id[0],
            event_timestamp_ms = at.ToUnixTimeMilliseconds(),
            purchased_at_ms = (purchasedAt ?? at).ToUnixTimeMilliseconds(),
            expiration_at_ms = (purchasedAt ?? at).AddDays(30).ToUnixTimeMilliseconds(),
            entitlement_ids = new[] { entitlement },
        },
    };
}
