using Solacore.LocalHost;

namespace Solacore.Tests.Faults;

/// <summary>A disk for Postgres that is small enough to be filled: in memory, which only root can mount.</summary>
internal sealed class FaultDisk : IAsyncDisposable
{
    private const string Size = "512m";

    private readonly string _folder;

    private FaultDisk(string folder) => _folder = folder;

    /// <exception cref="ServiceFailedException">It cannot be mounted.</exception>
    public static async Task<FaultDisk> MountAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await ServiceProcess.RunToEndAsync(new("mount", "mount", ["-t", "tmpfs", "-o", $"size={Size}", "tmpfs", folder]));
        return new FaultDisk(folder);
    }

    /// <summary>Takes all the room that is left; leaving gives it back.</summary>
    public IDisposable Fill()
    {
        var filling = new FileStream(
            Path.Combine(_folder, "filling"),
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose, BufferSize = 0 });
        try
        {
            while (true)
            {
                filling.Write(new byte[1 << 20]);
            }
        }
        catch (IOException)
        {
            return filling;
        }
    }

    public async ValueTask DisposeAsync() => await ServiceProcess.RunToEndAsync(new("umount", "umount", [_folder]));
}
