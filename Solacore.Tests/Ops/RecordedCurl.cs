using System.Runtime.Versioning;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.Ops;

/// <summary>The real curl behind one that notes its arguments: everybody on the machine can see those.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class RecordedCurl : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RecordedCurl()
    {
        File.WriteAllText(
            _folder.PathOf("curl"),
            """
            #!/usr/bin/env bash
            echo "$*" >>"${0%/*}/arguments"
            PATH=${PATH#*:} exec curl "$@"
            """);
        File.SetUnixFileMode(_folder.PathOf("curl"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>The search path on which it is found first.</summary>
    public string Path => $"{_folder.PathOf(".")}:{Environment.GetEnvironmentVariable("PATH")}";

    /// <summary>Everything that was given to it so far.</summary>
    public string Arguments => File.ReadAllText(_folder.PathOf("arguments"));

    public void Dispose() => _folder.Dispose();
}
