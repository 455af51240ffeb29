using Solacore.Core.Data;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;

namespace Solacore.Core.Turns;

/// <summary>A turn with what is needed to answer it.</summary>
/// <param name="Plan">The person's, as stored; it may have ended since. Null without a row.</param>
public sealed record TurnToAnswer(Turn Turn, TurnPerson Person, Subscription? Plan, ITurnReply Reply);

/// <summary>What a kind of session decides about one reply: what is said, and what is kept of it.</summary>
public interface ITurnReply
{
    /// <summary>The messages for the model; null when the offline coach is to speak in any case.</summary>
    IReadOnlyList<PromptMessage>? Prompt(AccountNames names);

    /// <summary>What a model is to read out of the message while another call speaks; null when there is nothing to read.</summary>
    ITurnReading? Reading { get; }

    /// <summary>The reply of the offline coach.</summary>
    string Offline { get; }

    /// <summary>What may be shown now, given one more piece of the model's text.</summary>
    string Push(string piece);

    /// <summary>What is left to show when the model has ended.</summary>
    string Finish();

    /// <summary>
    /// Locks and reads the session inside the transaction that ends the turn. The session first, as its deletion does: two
    /// that wait for each other would be a deadlock.
    /// </summary>
    /// <returns>False when the session has been deleted: then there is nothing to keep.</returns>
    Task<bool> LockSessionAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Adds the reply and all that follows from it to the context, after the lock. Both may be called again when storing
    /// failed, with a fresh context.
    /// </summary>
    /// <returns>The data of the <c>done</c> event.</returns>
    Task<string> KeepAsync(SpokenReply reply, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The data of the <c>done</c> event of a reply that the person stopped.</summary>
    string Cancelled { get; }

    /// <summary>The data of the <c>error</c> event.</summary>
    string Failed { get; }
}

/// <summary>What a model reads out of the message that is answered, beside the reply to it.</summary>
public interface ITurnReading
{
    StructuredQuestion Question(AccountNames names);

    /// <summary>Takes what the model answered, before the reply is kept. It is foreign data: a bad answer changes nothing.</summary>
    void Take(string answer);
}

/// <summary>A reply that has been said to its end.</summary>
/// <param name="MessageId">The id that it is stored with.</param>
/// <param name="Took">From the claim of the turn to the last word.</param>
/// <param name="Tokens">Input and output together; 0 for the offline coach.</param>
public sealed record SpokenReply(Guid MessageId, string Text, TimeSpan Took, int Tokens);
