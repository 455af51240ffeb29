using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Solacore.Core.Data;
using Solacore.Core.Model.Prompts;

namespace Solacore.Core.Model;

/// <summary>What a reply took, filled while it streams.</summary>
public sealed class ReplyUsage
{
    /// <summary>The model that spoke; null until one has.</summary>
    public string? Model { get; internal set; }
    public int InputTokens => Call?.InputTokens ?? 0;
    public int OutputTokens => Call?.OutputTokens ?? 0;

    /// <summary>The call that spoke, or that the person stopped before it did; its cost is written with the end of the turn.</summary>
    internal Reservation? Call { get; set; }
}

/// <summary>No configured model has said a word; nothing was shown, so something else may speak.</summary>
/// <param name="reason">no_answer, no_price or over_budget.</param>
public sealed class ModelUnavailableException(string reason) : Exception(reason)
{
    public const string NoAnswer = "no_answer";
    public const string NoPrice = "no_price";
    public const string OverBudget = "over_budget";
}

/// <summary>The model stopped in the middle of a reply that is being shown.</summary>
public sealed class ReplyBrokenException(string reason) : Exception(reason);

/// <summary>
/// Lets the configured models phrase a reply. They are tried in their order until one says its first token; from then
/// on that one's failure is the reply's failure, because nobody can unsay what was shown.
/// </summary>
public sealed partial class ReplyModel(ModelOptions options, ModelLines lines, ModelLedger ledger, ModelMetrics metrics, TimeProvider time, ILogger<ReplyModel> logger)
{
    /// <summary>Requests to one model, the first included.</summary>
    private const int MaxTries = 3;

    /// <summary>False: the deployment has no model, and nothing is missing when the offline coach speaks.</summary>
    public bool IsConfigured => options.Routes.Count > 0;

    /// <summary>The pieces of a reply as they come.</summary>
    /// <exception cref="ModelUnavailableException">Before the first piece: no model answered, none has a price, or none could be paid for.</exception>
    /// <exception cref="ReplyBrokenException">After it: the model went silent, broke off or ran out of time.</exception>
    public async IAsyncEnumerable<string> StreamAsync(
        IReadOnlyList<PromptMessage> prompt, ModelAsker asker, ReplyUsage usage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(options.TotalTimeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token);
        var (line, stream) = await FirstToSpeakAsync(prompt, asker, usage, limit.Token, cancellationToken);
        await using (stream)
        {
            // Whoever stops reading has stopped the reply.
            var outcome = ModelOutcome.Cancelled;
            try
            {
                bool goesOn;
                do
                {
                    if (stream.Text.Length > 0)
                    {
                        yield return stream.Text;
                    }

                    outcome = ModelOutcome.Broken;
                    goesOn = await ContinuesAsync(stream, cancellationToken);
                    outcome = goesOn ? ModelOutcome.Cancelled : ModelOutcome.Answered;
                }
                while (goesOn);
            }
            finally
            {
                outcome = outcome == ModelOutcome.Broken && cancellationToken.IsCancellationRequested ? ModelOutcome.Cancelled : outcome;
                Judge(line.Breaker, outcome);
                End(usage.Call!, outcome, stream.InputTokens ?? TokenCount.Of(prompt), stream.OutputTokens);
            }
        }
    }

    private async Task<(ModelLine Line, ModelStream Stream)> FirstToSpeakAsync(
        IReadOnlyList<PromptMessage> prompt, ModelAsker asker, ReplyUsage usage, CancellationToken limit, CancellationToken cancellationToken)
    {
        var reason = lines.All.Count > 0 ? ModelUnavailableException.NoAnswer : ModelUnavailableException.NoPrice;
        foreach (var line in lines.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
            {
                break;
            }

            if (!line.Breaker.TryEnter())
            {
                LogLeftAlone(logger, line.Route.Model);
                continue;
            }

            try
            {
                // Every try may be paid for, but only the last one says anything.
                usage.Call = await ledger.ReserveAsync(
                    asker, ModelPurpose.Reply, line.Route, MaxTries * TokenCount.AtMost(prompt, line.Route.Provider), options.MaxOutputTokens, cancellationToken);
            }
            catch
            {
                line.Breaker.Left();
                throw;
            }

            if (usage.Call is not { } call)
            {
                line.Breaker.Left();
                reason = ModelUnavailableException.OverBudget;
            }
            else if (await SpeakAsync(line, prompt, call, limit, cancellationToken) is { } stream)
            {
                usage.Model = line.Route.Model;
                return (line, stream);
            }
            else
            {
                await ledger.SettleAsync(call);
                usage.Call = null;
            }
        }

        throw new ModelUnavailableException(reason);
    }

    /// <summary>The stream of a model that has said its first token; null when it says none, then the call is ended and judged.</summary>
    private async Task<ModelStream?> SpeakAsync(
        ModelLine line, IReadOnlyList<PromptMessage> prompt, Reservation call, CancellationToken limit, CancellationToken cancellationToken)
    {
        var chat = prompt.Select(ToChat).ToList();
        var settings = new ChatOptions { ModelId = line.Route.Model, MaxOutputTokens = options.MaxOutputTokens };
        var since = time.GetTimestamp();
        var pause = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            ModelStream? stream = null;
            ModelFailure failure;
            try
            {
                await Task.Delay(pause, time, limit);
                stream = new ModelStream(token => line.Client.GetStreamingResponseAsync(chat, settings, token), line.Route.Provider.ReasoningAsReply, time, limit);
                if (await stream.SpeaksAsync(options.FirstTokenTimeout - time.GetElapsedTime(since)))
                {
                    line.Breaker.Succeeded();
                    return stream;
                }

                LogNoWord(logger, line.Route.Model, "a refusal or an empty reply");
                line.Breaker.Succeeded();
                End(call, ModelOutcome.Silent, stream.InputTokens ?? TokenCount.Of(prompt), stream.OutputTokens);
                await stream.DisposeAsync();
                return null;
            }
            catch (OperationCanceledException) when (stream is null && attempt == 1 && !cancellationToken.IsCancellationRequested)
            {
                // The time was over while the money was set aside: nobody has asked this model.
                line.Breaker.Left();
                End(call, ModelOutcome.Cancelled, inputTokens: 0, outputTokens: 0);
                return null;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && ModelFailure.Is(e))
            {
                failure = ModelFailure.Of(e, time.GetUtcNow());
            }
            catch
            {
                line.Breaker.Left();
                End(call, ModelOutcome.Cancelled, stream is null ? 0 : TokenCount.Of(prompt), stream?.OutputTokens ?? 0);
                await DisposeAsync(stream);
                throw;
            }

            await DisposeAsync(stream);
            LogNoWord(logger, line.Route.Model, failure.Reason);
            var (input, output) = stream is null || failure.IsUnpaid ? (0, 0) : (TokenCount.Of(prompt), stream.OutputTokens);

            // What a model has thought is paid for, and set aside is only one answer.
            if (attempt < MaxTries
                && output == 0
                && failure.PauseAfter(attempt, options.LongestRetryPause) is { } wait
                && wait < options.FirstTokenTimeout - time.GetElapsedTime(since))
            {
                call.Repeat(input);
                pause = wait;
                continue;
            }

            if (failure.IsAboutRequest)
            {
                line.Breaker.Left();
            }
            else
            {
                line.Breaker.Failed(failure.RetryAfter);
            }

            End(call, ModelOutcome.Failed, input, output);
            return null;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ContinuesAsync(ModelStream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.MoveNextAsync(options.BetweenTokensTimeout);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && ModelFailure.Is(e))
        {
            throw new ReplyBrokenException(ModelFailure.Of(e, time.GetUtcNow()).Reason);
        }
    }

    private static void Judge(CircuitBreaker breaker, ModelOutcome outcome)
    {
        if (outcome == ModelOutcome.Broken)
        {
            breaker.Broke();
        }
        else
        {
            breaker.Ended();
        }
    }

    private void End(Reservation call, ModelOutcome outcome, int inputTokens, int outputTokens)
    {
        call.End(outcome, inputTokens, outputTokens);
        metrics.Ended(call);
    }

    private static ValueTask DisposeAsync(ModelStream? stream) => stream?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal static ChatMessage ToChat(PromptMessage message) => new(
        message.Role switch
        {
            MessageRole.System => ChatRole.System,
            MessageRole.User => ChatRole.User,
            MessageRole.Assistant => ChatRole.Assistant,
        },
        message.Text);

    [LoggerMessage(4001, LogLevel.Warning, "Model {Model} said nothing: {Reason}")]
    private static partial void LogNoWord(ILogger logger, string model, string reason);

    [LoggerMessage(4003, LogLevel.Debug, "Model {Model} is left alone after its last failures")]
    private static partial void LogLeftAlone(ILogger logger, string model);
}
