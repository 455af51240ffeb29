namespace Solacore.Core.Jobs;

/// <summary>What this process claims under; replaced when another worker has declared it dead.</summary>
internal sealed class Lease : IDisposable
{
    private readonly CancellationTokenSource _lost = new();

    public Lease() => Lost = _lost.Token;

    public Guid Id { get; } = Guid.CreateVersion7();
    public CancellationToken Lost { get; }

    public Task LoseAsync() => _lost.CancelAsync();

    public void Dispose() => _lost.Dispose();
}
