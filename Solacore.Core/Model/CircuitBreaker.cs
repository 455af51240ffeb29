namespace Solacore.Core.Model;

/// <summary>
/// Stops calling a dependency that has failed several times in a row, so that nobody waits for a time-out that is bound
/// to come. After the pause one trial call goes through while the others are still refused; its success ends the pause,
/// as soon as it is being answered. Calls that break off in the middle of an answer are counted by themselves, because each
/// of them has begun well. One per process: each finds out by itself, which costs a few calls.
/// </summary>
/// <param name="failures">In a row, after which calls are refused.</param>
/// <param name="pause">How long they stay refused.</param>
public sealed class CircuitBreaker(int failures, TimeSpan pause, TimeProvider time)
{
    private readonly Lock _gate = new();
    private int _failures;
    private int _breaks;
    private (long Since, TimeSpan Length)? _open;
    private bool _trying;

    /// <summary>True while calls are refused; asking does not use up the trial call.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _open is not null;
            }
        }
    }

    /// <summary>True when the caller may call; then it has to tell how that ended.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_open is not { } open)
            {
                return true;
            }

            if (_trying || time.GetElapsedTime(open.Since) < open.Length)
            {
                return false;
            }

            _trying = true;
            return true;
        }
    }

    /// <summary>The call is being answered. One that began before calls were refused says nothing about the time after.</summary>
    public void Succeeded()
    {
        lock (_gate)
        {
            if (_open is null || _trying)
            {
                _failures = 0;
                _open = null;
                _trying = false;
            }
        }
    }

    /// <summary>The answer came to its end, or was left by whoever had asked.</summary>
    public void Ended()
    {
        lock (_gate)
        {
            _breaks = 0;
        }
    }

    /// <summary>The answer broke off.</summary>
    public void Broke()
    {
        lock (_gate)
        {
            if (++_breaks >= failures)
            {
                _open = (time.GetTimestamp(), pause);
            }
        }
    }

    /// <param name="askedFor">
    /// The rest that the other side asked for (<c>Retry-After</c>): one such answer is enough, and it gets the pause at most.
    /// </param>
    public void Failed(TimeSpan? askedFor = null)
    {
        lock (_gate)
        {
            _failures++;
            _trying = false;
            var rest = _failures >= failures || askedFor > pause ? pause : askedFor ?? TimeSpan.Zero;
            if (rest > TimeSpan.Zero)
            {
                _open = (time.GetTimestamp(), rest);
            }
        }
    }

    /// <summary>The call ended without telling anything about the other side.</summary>
    public void Left()
    {
        lock (_gate)
        {
            _trying = false;
        }
    }
}
