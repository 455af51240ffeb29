namespace Solacore.LocalHost;

/// <summary>
/// The right to use a folder, held by one process at a time. The kernel releases it when the holder dies, so that a lock
/// left behind by a crash means nothing.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock and leaves a note for whoever comes second; null when another process holds it.</summary>
    public static DirectoryLock? TryAcquire(string directory, string note)
    {
        try
        {
            // FileShare.None is an exclusive flock on Unix. The note lies beside the lock, which nobody else can open.
            var file = new FileStream(Path.Combine(directory, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(NoteIn(directory), note);
            return new(file);
        }
        catch (IOException) when (Directory.Exists(directory))
        {
            return null;
        }
    }

    /// <summary>The note of the process that holds, or last held, the folder.</summary>
    public static string ReadNote(string directory) => File.ReadAllText(NoteIn(directory));

    public void Dispose() => _file.Dispose();

    private static string NoteIn(string directory) => Path.Combine(directory, "lock.owner");
}
