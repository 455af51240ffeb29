using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Solve;

namespace Solacore.Core.Model;

/// <summary>
/// Lets a model read what a message says about the problem, as structured output. A bonus: whatever goes wrong, the
/// deterministic extraction has done the reading already and nobody notices.
/// </summary>
public sealed partial class ProfileReader(
    ModelOptions options, ModelLines lines, ModelLedger ledger, ModelMetrics metrics, TimeProvider time, ILogger<ProfileReader> logger)
{
    /// <summary>Five lists of five short lines and three options, in any of the languages.</summary>
    private const int MaxOutputTokens = 900;

    private static readonly ChatResponseFormat Format = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(ProfileUpdate.Schema), "profile");

    /// <summary>Ends with null, never with an exception.</summary>
    public async Task<ProfileUpdate?> ReadAsync(IReadOnlyList<PromptMessage> prompt, ModelAsker asker, CancellationToken cancellationToken)
    {
        if (!options.ReadsProfile || lines.All.FirstOrDefault(line => !line.Breaker.IsOpen) is not { } line)
        {
            return null;
        }

        Reservation? call = null;
        try
        {
            call = await ledger.ReserveAsync(
                asker, ModelPurpose.Profile, line.Route, TokenCount.AtMost(prompt, line.Route.Provider), MaxOutputTokens, cancellationToken);
            return call is null ? null : await AskAsync(line, prompt, call, cancellationToken);
        }
        catch (Exception e)
        {
            // The type alone: a provider's text may quote the person.
            LogUnread(logger, line.Route.Model, e.GetType().Name);
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

    private async Task<ProfileUpdate?> AskAsync(ModelLine line, IReadOnlyList<PromptMessage> prompt, Reservation call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ProfileTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var settings = new ChatOptions
        {
            ModelId = line.Route.Model,
            MaxOutputTokens = MaxOutputTokens,
            ResponseFormat = Format,
            AdditionalProperties = new AdditionalPropertiesDictionary { ["strict"] = true },
        };
        var answer = await line.Client.GetResponseAsync(prompt.Select(ReplyModel.ToChat), settings, linked.Token);
        call.End(
            answer.Text.Length > 0 ? ModelOutcome.Answered : ModelOutcome.Silent,
            TokenCount.AsTold(answer.Usage?.InputTokenCount) ?? TokenCount.Of(prompt),
            TokenCount.AsTold(answer.Usage?.OutputTokenCount) ?? TokenCount.Of(answer.Text));
        return ProfileUpdate.Parse(answer.Text);
    }

    [LoggerMessage(4020, LogLevel.Information, "Model {Model} did not read a message into the profile: {Error}")]
    private static partial void LogUnread(ILogger logger, string model, string error);
}
