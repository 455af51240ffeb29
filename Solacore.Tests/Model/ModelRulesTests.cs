using Microsoft.Extensions.Configuration;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Settings;

namespace Solacore.Tests.Model;

/// <summary>The rules of the model that need neither a model nor a database.</summary>
public sealed class ModelRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0.0)]
    [InlineData(" 2.5 ", 2.5)]
    [InlineData("120", 120.0)]
    [InlineData("Sat, 28 Nov 2026 12:00:30 GMT", 30.0)]
    [InlineData("Sat, 28 Nov 2026 11:00:00 GMT", 0.0)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    [InlineData("1e99", null)]
    [InlineData(null, null)]
    public void retry_after_is_seconds_or_a_date(string? header, double? expected) =>
        Assert.Equal(expected, RetryAfter.Parse(header, Now)?.TotalSeconds);

    [Theory]
    [InlineData(0L, 0)]
    [InlineData(400L, 400)]
    [InlineData(-100L, null)]
    [InlineData(5_000_000_000L, null)]
    [InlineData(null, null)]
    public void tokens_count_as_told_if_a_call_can_have_used_them(long? told, int? counted) => Assert.Equal(counted, TokenCount.AsTold(told));

    [Theory]
    [InlineData(true, 1, null, 0.5)]
    [InlineData(true, 2, null, 1.0)]
    [InlineData(true, 1, 4.0, 4.0)]
    [InlineData(true, 1, 6.0, null)]
    [InlineData(false, 1, null, null)]
    [InlineData(false, 1, 1.0, null)]
    public void a_request_is_repeated_only_where_that_can_help_and_only_soon(bool canRepeat, int attempt, double? retryAfter, double? expected)
    {
        var failure = new ModelFailure("status", canRepeat, IsUnpaid: true, retryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

        Assert.Equal(expected, failure.PauseAfter(attempt, longest: TimeSpan.FromSeconds(5))?.TotalSeconds);
    }

    [Fact]
    public void models_come_from_several_providers_in_their_order()
    {
        var (options, problems) = Read(
            ("LLM_PROVIDER", "openrouter"),
            ("LLM_MODEL", "some/model:free, openai:gpt-4o-mini,anthropic:claude-x"),
            ("LLM_PRICES", "some/model:free=0/0, claude-x = 3/15"),
            ("OPENROUTER_API_KEY", "a"),
            ("OPENAI_API_KEY", "b"),
            ("ANTHROPIC_API_KEY", "c"),
            ("ANTHROPIC_BASE_URL", "http://127.0.0.1:9/v1"));

        Assert.Empty(problems);
        Assert.Equal(
            [
                "openrouter a https://openrouter.ai/api/v1 some/model:free 0 0",
                "openai b https://api.openai.com/v1 gpt-4o-mini 0.15 0.60",
                "anthropic c http://127.0.0.1:9/v1 claude-x 3 15",
            ],
            options.Routes.Select(r => FormattableString.Invariant(
                $"{r.Provider.Name} {r.Provider.ApiKey} {r.Provider.BaseUrl} {r.Model} {r.Price!.Input} {r.Price.Output}")));
    }

    [Fact]
    public void without_a_key_nobody_speaks_and_production_does_not_start()
    {
        Assert.Empty(Read(("DEBUG", "true")).Options.Routes);
        Assert.Equal(
            ["OPENAI_API_KEY is not set: LLM_PROVIDER or LLM_MODEL names openai, which needs its key"], Read(("DEBUG", "false")).Problems);
    }

    [Fact]
    public void a_model_without_a_price_keeps_production_from_starting()
    {
        var given = new[] { ("OPENAI_API_KEY", "a"), ("LLM_MODEL", "gpt-9,gpt-4o-mini") };

        Assert.Equal(
            ["LLM_PRICES has no price for gpt-9: add NAME=input/output in US dollars per million tokens"],
            Read([("DEBUG", "false"), .. given]).Problems);
        Assert.Empty(Read([("DEBUG", "false"), .. given, ("LLM_PRICES", "gpt-9=1/2")]).Problems);
        Assert.Empty(Read([("DEBUG", "true"), .. given]).Problems);
    }

    [Fact]
    public void what_cannot_be_read_is_named_with_an_example()
    {
        var problems = Read(("DEBUG", "true"), ("LLM_PRICES", "gpt=1"), ("LLM_BUDGET_DAY", "gold=3"), ("LLM_BUDGET_SESSION", "free=-1")).Problems;

        Assert.Equal(["LLM_PRICES", "LLM_BUDGET_SESSION", "LLM_BUDGET_DAY"], problems.Select(problem => problem.Split(' ')[0]));
    }

    [Fact]
    public void caps_are_dollars_by_tier()
    {
        var budgets = Read(("DEBUG", "true"), ("LLM_BUDGET_DAY", "free=0.25,pro=7"), ("LLM_BUDGET_SESSION", "standard=0")).Options.Budgets;

        Assert.Equal(new ModelCaps(500_000, 250_000, 5_000_000), budgets.Of(Tier.Free));
        Assert.Equal(new ModelCaps(0, 3_000_000, 20_000_000), budgets.Of(Tier.Standard));
        Assert.Equal(new ModelCaps(3_000_000, 7_000_000, 60_000_000), budgets.Of(Tier.Pro));
    }

    [Fact]
    public void nothing_that_was_used_is_free()
    {
        var price = new ModelPrice(0.15m, 0.60m);

        Assert.Equal((0, 1, 6, 750_000), (price.Cost(0, 0), price.Cost(1, 0), price.Cost(11, 7), price.Cost(1_000_000, 1_000_000)));
    }

    [Fact]
    public async Task tokens_are_counted_as_the_models_count_them()
    {
        TokenCount.Prepare();
        await Infrastructure.Eventually.BeTrueAsync("the table is loaded", () => TokenCount.Of("hello world, hello world") == 5);

        PromptMessage[] prompt = [new(MessageRole.System, "Be kind."), new(MessageRole.User, new string('难', 400))];
        var provider = new ModelProvider("openai", "k", new Uri("http://127.0.0.1:9"));
        Assert.InRange(TokenCount.AtMost(prompt, provider), TokenCount.Of(prompt) + 1, TokenCount.AtMost(prompt, provider with { Name = "anthropic" }));
    }

    private static (ModelOptions Options, IReadOnlyList<string> Problems) Read(params (string Name, string Value)[] settings)
    {
        var reader = new SettingsReader(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => (string?)s.Value, StringComparer.Ordinal)).Build());
        return (ModelOptions.Read(reader), [.. reader.Problems.Select(problem => problem.ToString())]);
    }
}
