using System.Text.Json;
using Solacore.Core.Data;

namespace Solacore.Core.Turns;

/// <summary>
/// What one viewer has been shown, and what to show next. Pure: events may come twice, late, with gaps or not at all,
/// and the viewer still ends with the text that is stored.
/// </summary>
/// <param name="after">The last event that the client has from an earlier connection.</param>
internal sealed class TurnProgress(TurnEventId after)
{
    private readonly bool _resumed = after != TurnEventId.Start;
    private int _shownLength;
    private bool _broken;

    /// <summary>The last event that was shown.</summary>
    public TurnEventId Last { get; private set; } = after;

    public bool IsEnded { get; private set; }

    /// <summary>True when an event does not connect to what was shown, so that the stream has to be asked.</summary>
    public bool Lacks(TurnEvent item) => item.Id > Last && !Last.IsDirectlyBefore(item.Id) && !(_broken && item.Id.Attempt == Last.Attempt && !item.IsFinal);

    /// <summary>The events to show for a piece of news, given what the stream holds after <see cref="Last"/>.</summary>
    public IEnumerable<TurnEvent> Take(TurnNews news, IReadOnlyList<TurnEvent> stored)
    {
        var items = news is { Kind: TurnNewsKind.Event, Event: { } live } ? [.. stored, live] : stored;
        foreach (var item in Connect(items))
        {
            yield return item;
        }

        if (!IsEnded && news is { Kind: TurnNewsKind.Ended, End: { } end })
        {
            foreach (var item in Finish(end))
            {
                yield return item;
            }
        }
    }

    private IEnumerable<TurnEvent> Connect(IReadOnlyList<TurnEvent> items)
    {
        // Whoever has seen nothing yet is spared the attempts that came to nothing.
        var newest = Last == TurnEventId.Start && items.Count > 0 ? items.Max(i => i.Id.Attempt) : 0;
        foreach (var item in items)
        {
            if (IsEnded || item.Id <= Last || item.Id.Attempt < newest)
            {
                continue;
            }

            if (Last.IsDirectlyBefore(item.Id))
            {
                if (Show(item))
                {
                    yield return item;
                }
            }
            else
            {
                // A hole that nobody can fill any more: what follows would be torn text. The end comes whole, from the database.
                _broken = true;
                yield break;
            }
        }
    }

    private bool Show(TurnEvent item)
    {
        var first = Last == TurnEventId.Start;
        Last = item.Id;
        switch (item.Name)
        {
            case TurnEvent.ResetName:
                _shownLength = 0;
                _broken = false;
                return !first;
            case TurnEvent.TokenName:
                _shownLength += JsonSerializer.Deserialize(item.Data, TurnJson.Compact.TokenContent)?.Content.Length ?? 0;
                return true;
            default:
                IsEnded = item.IsFinal;
                return true;
        }
    }

    /// <summary>Tells an end that the stream did not tell.</summary>
    private IEnumerable<TurnEvent> Finish(TurnEnd end)
    {
        IsEnded = true;
        var ids = TurnEventId.Told(end.Attempt);
        if (end.Status == TurnStatus.Completed)
        {
            // Without a resume it is known how much of this attempt's text was shown, and the rest connects.
            var connects = (!_resumed && end.Attempt == Last.Attempt) || Last == TurnEventId.Start;
            if (!connects)
            {
                yield return new TurnEvent(ids.Reset, TurnEvent.ResetName, TurnEvent.ResetData(end.Attempt));
            }

            var rest = connects ? end.Text[Math.Min(_shownLength, end.Text.Length)..] : end.Text;
            if (rest.Length > 0)
            {
                yield return new TurnEvent(ids.Text, TurnEvent.TokenName, TurnEvent.TokenData(rest));
            }
        }

        yield return new TurnEvent(
            ids.Final, end.Status == TurnStatus.Failed ? TurnEvent.ErrorName : TurnEvent.DoneName, end.Outcome);
    }
}
