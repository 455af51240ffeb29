namespace Solacore.Core.Jobs;

/// <summary>
/// Where a lane's next claim begins to look. Finished jobs leave dead entries at the head of the ready index, and a
/// transaction that anybody holds open keeps them there. While a lane works off a backlog it begins behind what it claimed
/// last. What becomes ready behind its back (a transaction that committed late, the next job of a serial key) is found
/// by a look from the very beginning, at the latest after one poll.
/// </summary>
internal sealed class ClaimCursor(TimeSpan longest, TimeProvider time)
{
    private readonly JobPosition[] _behind = new JobPosition[Enum.GetValues<JobPriority>().Length];
    private long _fromBeginning = time.GetTimestamp();
    private volatile bool _isOver = true;

    /// <summary>The last position to leave out, by priority; for the lane's one loop.</summary>
    public IReadOnlyList<JobPosition> Next()
    {
        if (_isOver || time.GetElapsedTime(_fromBeginning) >= longest)
        {
            _isOver = false;
            Array.Fill(_behind, JobPosition.First);
            _fromBeginning = time.GetTimestamp();
        }

        return _behind;
    }

    /// <summary>Takes in what a claim that began at <see cref="Next"/> found.</summary>
    /// <param name="isFull">False when it found less than it wanted: nothing is waiting that would have to be passed over.</param>
    public void Claimed(IEnumerable<ClaimedJob> jobs, bool isFull)
    {
        if (!isFull)
        {
            Forget();
            return;
        }

        foreach (var job in jobs)
        {
            if (job.Position.IsAfter(_behind[job.Priority]))
            {
                _behind[job.Priority] = job.Position;
            }
        }
    }

    /// <summary>The next claim looks from the very beginning.</summary>
    public void Forget() => _isOver = true;
}

/// <summary>A job's position among those of its lane and priority.</summary>
internal readonly record struct JobPosition(DateTime RunAt, long Id)
{
    /// <summary>Before every job, whenever it was due: the database reads this time as minus infinity.</summary>
    public static JobPosition First => new(DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), 0);

    public bool IsAfter(JobPosition other) => (RunAt, Id).CompareTo((other.RunAt, other.Id)) > 0;
}
