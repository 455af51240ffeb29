using Solacore.Core.Model;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Model;

/// <summary>The model's part in health comes from the calls that were made anyway.</summary>
public sealed class ModelHealthTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData("", true)]
    [InlineData("failed failed", true)]
    [InlineData("answered failed broken failed", false)]
    [InlineData("failed failed failed answered", true)]
    [InlineData("failed failed failed silent", true)]
    [InlineData("failed failed failed old", true)]
    [InlineData("failed failed failed profile", false)]
    public async Task three_failures_in_a_row_within_five_minutes_are_a_model_that_does_not_answer(string outcomes, bool answers)
    {
        await database.ExecuteAsync("delete from model_calls");
        var seconds = 100;
        foreach (var outcome in outcomes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            await database.ExecuteAsync(
                """
                insert into model_calls (id, session_id, turn_id, purpose, provider, model, reserved_micros, cost_micros, outcome, created_at, settled_at)
                values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), case when $1 = 'profile' then 'profile' else 'reply' end, 'openai', 'm', 1, 1, $1, now(),
                        now() - make_interval(secs => $2))
                """,
                outcome == "profile" ? "answered" : outcome == "old" ? "failed" : outcome,
                (double)--seconds);
            if (outcome == "profile")
            {
                await database.ExecuteAsync("update model_calls set purpose = 'profile' where outcome = 'answered'");
            }

            if (outcome == "old")
            {
                await database.ExecuteAsync("update model_calls set settled_at = settled_at - interval '10 minutes'");
            }
        }

        await using var host = new ModelHost(database);
        var asked = await Record.ExceptionAsync(() => ModelHealth.AnswersAsync(host.Services, CancellationToken.None));

        Assert.Equal(answers, asked is null);
    }

    [Theory]
    [InlineData("mystery", false)]
    [InlineData("mystery,gpt-4o-mini", true)]
    public async Task models_of_which_none_has_a_price_do_not_answer(string models, bool answers)
    {
        await database.ExecuteAsync("delete from model_calls");
        await using var host = new ModelHost(database, ("OPENAI_API_KEY", "not-a-key"), ("LLM_MODEL", models));

        var asked = await Record.ExceptionAsync(() => ModelHealth.AnswersAsync(host.Services, CancellationToken.None));

        Assert.Equal(answers, asked is null);
    }
}
