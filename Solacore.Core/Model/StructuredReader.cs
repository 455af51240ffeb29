using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Solacore.Core.Model.Prompts;

namespace Solacore.Core.Model;

/// <summary>What a model is to answer as JSON.</summary>
/// <param name="Name">Of the schema; letters, digits and underscores.</param>
/// <param name="Schema">JSON Schema of the answer, in the strict subset that providers enforce.</param>
public sealed record StructuredQuestion(IReadOnlyList<PromptMessage> Prompt, string Name, string Schema);

/// <summary>
/// Lets a model read what a message says, as structured output, while another call speaks. A bonus: whatever goes wrong,
/// deterministic code has done the reading already and nobody notices.
/// </summary>
public sealed partial class StructuredReader(
    ModelOptions options, ModelLines lines, ModelLedger ledger, ModelMetrics metrics, TimeProvider time, ILogger<StructuredReader> logger)
{
    /// <summary>Five lists of five short lines and three options, in any of the languages.</summary>
    private const int MaxOutputTokens = 900;

    /// <summary>The answer as the model wrote it; null on any failure. Never throws.</summary>
    public async Task<string?> ReadAsync(StructuredQuestion question, ModelAsker asker, CancellationToken cancellationToken)
    {
        if (!options.ReadsProfile || lines.All.FirstOrDefault(line => !line.Breaker.IsOpen) is not { } line)
        {
            return null;
        }

        var prompt = question.Prompt;
        Reservation? call = null;
        try
        {
            call = await ledger.ReserveAsync(
                asker, ModelPurpose.Profile, line.Route, TokenCount.AtMost(prompt, line.Route.Provider), MaxOutputTokens, cancellationToken);
            return call is null ? null : await AskAsync(line, question, call, cancellationToken);
        }
        catch (Exception e)
        {
            // The type alone: a provider's text may quote the person.
            LogUnread(logger, line.Route.Model, ErrorClass.Of(e));
            var outcome = cancellationToken.IsCancellationRequested ? ModelOutcome.Cancelled : ModelOutcome.Failed;
            if (call is { Outcome: null })
            {
                call.End(outcome, ModelFailure.Of(e, time.GetUtcNow()).IsUnpaid ? 0 : TokenCount.Of(prompt), outputTokens: 0);
            }

            return null;
        }
        finally
        {
            if (call is not null)
            {
                metrics.Ended(call);
                await ledger.SettleAsync(call);
            }
        }
    }

    private async Task<string> AskAsync(ModelLine line, StructuredQuestion question, Reservation call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ProfileTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var settings = new ChatOptions
        {
            ModelId = line.Route.Model,
            MaxOutputTokens = MaxOutputTokens,
            ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(question.Schema), question.Name),
            AdditionalProperties = new AdditionalPropertiesDictionary { ["strict"] = true },
        };
        var answer = await line.Client.GetResponseAsync(question.Prompt.Select(ReplyModel.ToChat), settings, linked.Token);
        call.End(
            answer.Text.Length > 0 ? ModelOutcome.Answered : ModelOutcome.Silent,
            TokenCount.AsTold(answer.Usage?.InputTokenCount) ?? TokenCount.Of(question.Prompt),
            TokenCount.AsTold(answer.Usage?.OutputTokenCount) ?? TokenCount.Of(answer.Text));
        return answer.Text;
    }

    [LoggerMessage(4020, LogLevel.Information, "Model {Model} did not read a message: {Error}")]
    private static partial void LogUnread(ILogger logger, string model, string error);
}
