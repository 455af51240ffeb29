using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing.Stores;

/// <summary>
/// One purchase makes several events within a second, and an outage piles up more. The answer to the last question about
/// a subject holds for all: the earlier ones give way to it.
/// </summary>
internal static class LaterQuestions
{
    /// <summary>Whether a job with this serial key was enqueued after this one.</summary>
    public static Task<bool> ExistAsync(SolacoreDb db, JobContext job, string serialKey, CancellationToken cancellationToken) =>
        db.Jobs.AnyAsync(later => later.SerialKey == serialKey && later.Id > job.Id, cancellationToken);
}
