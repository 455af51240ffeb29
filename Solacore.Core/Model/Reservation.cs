using Solacore.Core.Billing;

namespace Solacore.Core.Model;

/// <summary>For whom a model is asked.</summary>
/// <param name="PeriodStart">Start of the billing period, where the store named one.</param>
public sealed record ModelAsker(Guid UserId, Guid SessionId, Guid TurnId, Tier Tier, DateTimeOffset? PeriodStart);

/// <summary>What a model is asked for.</summary>
public enum ModelPurpose
{
    /// <summary>The words that the person sees.</summary>
    Reply,

    /// <summary>Reading a message into the profile.</summary>
    Profile,
}

/// <summary>How a call ended.</summary>
public enum ModelOutcome
{
    Answered,

    /// <summary>The model refused, or its reply was empty.</summary>
    Silent,

    /// <summary>Before the first word: an error, a time-out, no connection.</summary>
    Failed,

    /// <summary>In the middle of the answer.</summary>
    Broken,

    /// <summary>By the person, because the process stopped, or because the reply's time was over before the request was made.</summary>
    Cancelled,
}

/// <summary>Money set aside for one call, however often its request is made. It is measured once, when the call ends, and settled once with that.</summary>
public sealed class Reservation
{
    private int _repeatedTokens;

    internal Reservation(ModelRoute route, ModelPurpose purpose, int inputTokens)
    {
        Route = route;
        Purpose = purpose;
        InputTokens = inputTokens;
    }

    internal Guid Id { get; } = Guid.CreateVersion7();
    internal ModelRoute Route { get; }
    internal ModelPurpose Purpose { get; }

    /// <summary>Estimated until the call has ended.</summary>
    public int InputTokens { get; private set; }
    public int OutputTokens { get; private set; }

    /// <summary>Null while the call runs.</summary>
    public ModelOutcome? Outcome { get; private set; }

    /// <summary>Micro-dollars.</summary>
    internal long Cost => Route.Price!.Cost(InputTokens, OutputTokens);

    /// <summary>True once the database has the end.</summary>
    internal bool IsSettled { get; set; }

    /// <summary>Its request is made again.</summary>
    /// <param name="inputTokens">What the request that failed has used.</param>
    internal void Repeat(int inputTokens) => _repeatedTokens += inputTokens;

    /// <param name="inputTokens">Of the last request.</param>
    internal void End(ModelOutcome outcome, int inputTokens, int outputTokens) =>
        (Outcome, InputTokens, OutputTokens) = (outcome, _repeatedTokens + inputTokens, outputTokens);
}
