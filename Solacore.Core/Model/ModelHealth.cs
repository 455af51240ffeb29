using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Solacore.Core.Model;

/// <summary>Whether a model answers at present, from the calls that were made anyway by whichever worker.</summary>
public static class ModelHealth
{
    // Three in a row: one failed call is chance, and a fall-back that answered is an answer. Without calls nothing is known.
    private const string FailingSql =
        """
        select count(*) = 3 and bool_and(outcome in ('failed', 'broken')) from (
            select outcome from model_calls where purpose = 'reply' and settled_at > now() - interval '5 minutes'
            order by settled_at desc limit 3) latest
        """;

    /// <exception cref="InvalidOperationException">The last calls have failed, or no model has a price.</exception>
    public static async Task AnswersAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<ModelOptions>().Routes is [_, ..] routes && routes.All(route => route.Price is null))
        {
            throw new InvalidOperationException("No model has a price, so none is asked.");
        }

        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand(FailingSql);
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            throw new InvalidOperationException("The last calls of the model have failed.");
        }
    }
}
