namespace Solacore.Core.Jobs;

/// <summary>A kind of work that this process can do.</summary>
internal sealed record JobHandlerDescriptor(
    string Kind, JobLane Lane, RetryPolicy Retry, TimeSpan Timeout,
    Func<IServiceProvider, string, JobContext, CancellationToken, Task> RunAsync);
