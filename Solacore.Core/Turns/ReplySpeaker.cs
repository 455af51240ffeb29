using System.Text;
using Microsoft.Extensions.Logging;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Model;
using Solacore.Core.Safety;

namespace Solacore.Core.Turns;

/// <summary>Says one reply into its stream: the model's, or the offline coach's when no model answers.</summary>
public sealed partial class ReplySpeaker(
    SolacoreDb db, ReplyModel model, StructuredReader reader, TurnMetrics metrics, TimeProvider time, ILogger<ReplySpeaker> logger)
{
    /// <summary>Between two words of the offline coach: the pace of a person who reads along.</summary>
    private static readonly TimeSpan CoachPace = TimeSpan.FromMilliseconds(25);

    /// <summary>How long a reply that has been said waits for the reading beside it.</summary>
    private static readonly TimeSpan ReadingPatience = TimeSpan.FromSeconds(1);

    /// <param name="open">The turn that is answered.</param>
    /// <param name="stream">Takes every piece as it is said.</param>
    /// <param name="usage">Gets the model and what it used, also when the reply breaks off.</param>
    /// <param name="begun">Called once, after the first piece.</param>
    /// <param name="cancellationToken">Ends the reply, and the provider's work on it.</param>
    /// <returns>The whole reply: what is stored is what was shown, letter by letter.</returns>
    /// <exception cref="ReplyBrokenException">The model fell silent after its first piece.</exception>
    internal async Task<string> SpeakAsync(
        TurnToAnswer open, TurnStreamWriter stream, ReplyUsage usage, Action begun, CancellationToken cancellationToken)
    {
        var (turn, _, _, reply) = open;
        var text = new StringBuilder();
        void Say(string piece)
        {
            if (piece.Length == 0)
            {
                return;
            }

            var isFirst = text.Length == 0;
            text.Append(piece);
            stream.Write(piece);
            if (isFirst)
            {
                metrics.FirstToken(usage.Model, time.GetUtcNow() - turn.CreatedAt);
                begun();
            }
        }

        if (!await SpeakByModelAsync(open, usage, Say, cancellationToken))
        {
            foreach (var word in SpokenPieces.Of(reply.Offline))
            {
                Say(word);
                await Task.Delay(CoachPace, time, cancellationToken);
            }
        }

        return text.ToString();
    }

    /// <returns>False when nothing was said, and the offline coach is to speak.</returns>
    private async Task<bool> SpeakByModelAsync(
        TurnToAnswer open, ReplyUsage usage, Action<string> say, CancellationToken cancellationToken)
    {
        var (turn, person, plan, reply) = open;
        var names = person.Names;
        if (!model.IsConfigured || reply.Prompt(names) is not { } prompt)
        {
            return false;
        }

        var asker = await AskerAsync(turn, plan, cancellationToken);
        var filter = new ReplyFilter();
        var (heard, said) = (false, false);
        void Say(string piece)
        {
            said |= piece.Length > 0;
            say(piece);
        }

        // What the model has for the person; the form of a reply may add to it, and may hold it back.
        void Hear(string piece)
        {
            heard |= !string.IsNullOrWhiteSpace(piece);
            Say(reply.Push(piece));
        }

        await using var reading = new ReadingBeside(reader, reply.Reading, asker, names, time, cancellationToken);
        try
        {
            await foreach (var piece in model.StreamAsync(prompt, asker, usage, cancellationToken))
            {
                Hear(filter.Push(piece));

                // Not earlier: nothing may stand in the way of the first word.
                reading.Begin();
            }

            Hear(filter.Finish());
            if (heard)
            {
                Say(reply.Finish());
            }

            await reading.TakeAsync();
            return heard || LeaveToCoach(ModelUnavailableException.NoAnswer);
        }
        catch (ModelUnavailableException e)
        {
            return LeaveToCoach(e.Message);
        }
        catch (ReplyBrokenException) when (!said)
        {
            return LeaveToCoach(ModelUnavailableException.NoAnswer);
        }

        // A model that only thought aloud, to the end or not, is paid for, but the coach speaks.
        bool LeaveToCoach(string reason)
        {
            usage.Model = null;
            LogCoachSpeaks(logger, turn.Id, reason);
            metrics.FellBack(reason);
            return false;
        }
    }

    /// <summary>For whom the models are asked: the plan decides how much may be spent.</summary>
    private async Task<ModelAsker> AskerAsync(Turn turn, Subscription? stored, CancellationToken cancellationToken)
    {
        var plan = await Plans.AsOfAsync(db, stored, time.GetUtcNow(), cancellationToken);
        var tier = plan?.Tier ?? Tier.Free;
        return new ModelAsker(turn.UserId, turn.SessionId, turn.Id, tier, tier == Tier.Free ? null : plan?.CurrentPeriodStart);
    }

    /// <summary>The reading of what was said, beside the reply to it; leaving ends it.</summary>
    private sealed class ReadingBeside(
        StructuredReader reader, ITurnReading? reading, ModelAsker asker, AccountNames names, TimeProvider time, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        private Task<string?>? _running;

        public void Begin()
        {
            if (reading is not null)
            {
                _running ??= reader.ReadAsync(reading.Question(names), asker, _stop.Token);
            }
        }

        public async Task TakeAsync()
        {
            if (_running is null)
            {
                return;
            }

            using var patience = new CancellationTokenSource(ReadingPatience, time);
            await using var late = patience.Token.Register(_stop.Cancel);
            if (await _running is { } answer)
            {
                reading?.Take(answer);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            if (_running is not null)
            {
                await _running;
            }

            _stop.Dispose();
        }
    }

    [LoggerMessage(3031, LogLevel.Warning, "No model answers turn {TurnId} ({Reason}): the offline coach speaks")]
    private static partial void LogCoachSpeaks(ILogger logger, Guid turnId, string reason);
}
