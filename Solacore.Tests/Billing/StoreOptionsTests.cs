using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;

namespace Solacore.Tests.Billing;

public sealed class StoreOptionsTests
{
    [Theory]
    [InlineData("false", true, "STRIPE_CANCEL_URL, STRIPE_SECRET_KEY, STRIPE_SUCCESS_URL")]
    [InlineData("false", false, "")]
    [InlineData("true", true, "")]
    public void production_insists_on_what_selling_needs(string debug, bool payments, string missing)
    {
        var settings = Settings(("DEBUG", debug));

        StoreOptions.Read(settings, payments);

        Assert.Equal(missing, string.Join(", ", settings.Problems.Select(p => p.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void every_setting_is_read_and_checked()
    {
        var settings = Settings(
            ("DEBUG", "true"),
            ("STRIPE_BASE_URL", "nowhere"),
            ("STRIPE_REQUESTS_PER_SECOND", "0"),
            ("REVENUECAT_REQUESTS_PER_SECOND", "x"),
            ("STORE_TIMEOUT_SECONDS", "26"),
            ("RECONCILE_EVERY_MINUTES", "60"),
            ("RECONCILE_AGE_HOURS", "-1"),
            ("RECONCILE_BATCH", "0"));

        StoreOptions.Read(settings, paymentsEnabled: true);

        Assert.Equal(
            [
                "RECONCILE_AGE_HOURS", "RECONCILE_BATCH", "RECONCILE_EVERY_MINUTES", "REVENUECAT_REQUESTS_PER_SECOND", "STORE_TIMEOUT_SECONDS",
                "STRIPE_BASE_URL", "STRIPE_REQUESTS_PER_SECOND",
            ],
            settings.Problems.Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task calls_are_spaced_rest_when_asked_and_go_back_to_the_queue_when_it_takes_long()
    {
        var time = new FakeTimeProvider();
        var limiter = new StoreRateLimiter(perSecond: 2, time);
        Assert.True(limiter.WaitAsync(CancellationToken.None).IsCompleted);

        var second = limiter.WaitAsync(CancellationToken.None);
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.5));
        await second;

        limiter.RestFor(TimeSpan.FromMinutes(1));
        var refused = await Assert.ThrowsAsync<RetryLaterException>(() => limiter.WaitAsync(CancellationToken.None));
        Assert.Equal(TimeSpan.FromMinutes(1), refused.After);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(limiter.WaitAsync(CancellationToken.None).IsCompleted);
    }

    private static SettingsReader Settings(params (string Name, string Value)[] values) => new(
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create<string, string?>(v.Name, v.Value))).Build());
}
