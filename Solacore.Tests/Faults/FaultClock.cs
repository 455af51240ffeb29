using System.Globalization;
using Solacore.LocalHost;

namespace Solacore.Tests.Faults;

/// <summary>
/// The clock on the wall, for each process one that can be set: a library that is loaded before the C library adds the
/// process's own offset to the time of day. The clock that measures spans is left alone, as when an operator or NTP sets
/// the time.
/// </summary>
internal sealed class FaultClock
{
    private const string FolderVariable = "FAULT_CLOCKS";

    // The offset, in seconds, is the content of a file that is named after the process and shared with it.
    private const string Library = $$"""
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <stdint.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/stat.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static int (*real)(clockid_t, struct timespec *);
        static volatile int64_t none;
        static volatile int64_t *offset = &none;

        __attribute__((constructor)) static void begin(void)
        {
            char path[4096];
            real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
            snprintf(path, sizeof path, "%s/%d", getenv("{{FolderVariable}}"), (int)getpid());
            int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
            if (file < 0 || ftruncate(file, sizeof *offset) != 0)
                return;
            void *shared = mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
            if (shared != MAP_FAILED)
                offset = shared;
            close(file);
        }

        int clock_gettime(clockid_t clock, struct timespec *time)
        {
            int answer = real(clock, time);
            if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
                time->tv_sec += *offset;
            return answer;
        }

        int gettimeofday(struct timeval *time, void *zone)
        {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            time->tv_sec = now.tv_sec;
            time->tv_usec = now.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *where)
        {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME_COARSE, &now);
            return where ? *where = now.tv_sec : now.tv_sec;
        }
        """;

    private readonly string _offsets;

    private FaultClock(string library, string offsets)
    {
        _offsets = offsets;
        Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["LD_PRELOAD"] = library, [FolderVariable] = offsets };
    }

    /// <summary>What a process needs to be started with.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    /// <param name="folder">Exists, and every account may enter it.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">There is no C compiler.</exception>
    /// <exception cref="ServiceFailedException">The compiler failed.</exception>
    public static async Task<FaultClock> BuildAsync(string folder)
    {
        var (source, library, offsets) = (Path.Combine(folder, "clock.c"), Path.Combine(folder, "clock.so"), Path.Combine(folder, "clocks"));
        await File.WriteAllTextAsync(source, Library);
        await ServiceProcess.RunToEndAsync(new("cc", "cc", ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"]));
        Directory.CreateDirectory(offsets);
        if (!OperatingSystem.IsWindows())
        {
            // Postgres has an account of its own.
            File.SetUnixFileMode(offsets, (UnixFileMode)0x1FF);
        }

        return new FaultClock(library, offsets);
    }

    /// <summary>Sets the clock of a process, and of those that it has forked; leaving sets it right again.</summary>
    /// <param name="processId">Started with <see cref="Environment"/>.</param>
    /// <param name="by">Ahead of the true time; whole seconds.</param>
    public IDisposable Set(int processId, TimeSpan by)
    {
        var path = Path.Combine(_offsets, processId.ToString(CultureInfo.InvariantCulture));
        Write(path, by);
        return new SetClock(path);
    }

    private static void Write(string path, TimeSpan by)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Write(BitConverter.GetBytes((long)by.TotalSeconds));
    }

    private sealed class SetClock(string path) : IDisposable
    {
        public void Dispose() => Write(path, TimeSpan.Zero);
    }
}
