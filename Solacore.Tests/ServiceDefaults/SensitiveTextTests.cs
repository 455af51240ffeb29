using Solacore.ServiceDefaults;

namespace Solacore.Tests.ServiceDefaults;

public sealed class SensitiveTextTests
{
    [Theory]
    [InlineData("mail to Ann.O'Neil+x@example.co.uk failed", "mail to [email] failed")]
    [InlineData("josé@correo.example", "[email]")]
    [InlineData("Authorization: Bearer abcdefgh12345", "Authorization: Bearer [token]")]
    [InlineData("jwt eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl!", "jwt [token]!")]
    [InlineData("key sk-proj-AAAABBBBCCCC and sk_live_AAAABBBBCCCC", "key [key] and [key]")]
    [InlineData("whsec_AAAABBBBCCCC", "[key]")]
    [InlineData("Host=db;Username=u;Password=hunter2;Database=d", "Host=db;Username=u;Password=[secret];Database=d")]
    [InlineData("GET /reset?token=abc&x=1", "GET /reset?token=[secret]&x=1")]
    [InlineData("""{"access_token":"abc","n":1}""", """{"access_token":"[secret]","n":1}""")]
    [InlineData("postgresql://user:pass@host:5432/db", "postgresql://[secret]@host:5432/db")]
    [InlineData("ExponentPushToken[AAAABBBB]", "[token]")]
    public void what_opens_doors_or_names_people_is_replaced(string text, string scrubbed) =>
        Assert.Equal(scrubbed, SensitiveText.Scrub(text));

    [Theory]
    [InlineData("")]
    [InlineData("turn 0198f5a2-7c1e-7000-8000-000000000000 completed in 812 ms")]
    [InlineData("HTTP 404 from https://api.stripe.com/v1/subscriptions")]
    [InlineData("at Solacore.Core.Turns.TurnStream.AppendAsync() in /src/TurnStream.cs:line 12")]
    [InlineData("DATABASE_URL is missing; tokens: 812, status code 503, task risk-taking-behaviour")]
    public void what_an_operator_needs_stays(string text) => Assert.Equal(text, SensitiveText.Scrub(text));

    [Theory]
    [InlineData("The input string 'I feel lost' was not in a correct format.", "The input string '…' was not in a correct format.")]
    [InlineData("Cannot read 'I can't sleep'.", "Cannot read '…'.")]
    [InlineData("It isn't \"what I meant\".", "It isn't '…'.")]
    [InlineData("first 'a'\nsecond 'b'", "first '…'\nsecond '…'")]
    public void quoted_input_of_a_failed_conversion_is_replaced(string text, string scrubbed) =>
        Assert.Equal(scrubbed, SensitiveText.ScrubWithQuotations(text));
}
