using System.Globalization;

namespace Solacore.LocalHost;

/// <summary>An account of this machine, as <c>/etc/passwd</c> lists it.</summary>
internal sealed record UnixAccount(string Name, int UserId, int GroupId)
{
    /// <summary>
    /// The account for a server that refuses to run as root: null for an ordinary user (who runs it as themselves),
    /// else the account of the Debian package, else nobody.
    /// </summary>
    /// <exception cref="ServiceFailedException">This process is root and there is no account to step down to.</exception>
    public static UnixAccount? ToStepDownTo()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        if (!OperatingSystem.IsLinux())
        {
            throw new ServiceFailedException("Postgres refuses to run as root: start this as an ordinary user.");
        }

        return Find("postgres") ?? Find("nobody")
            ?? throw new ServiceFailedException("Postgres refuses to run as root, and there is no user postgres or nobody to run it as.");
    }

    private static UnixAccount? Find(string name)
    {
        foreach (var line in File.ReadLines("/etc/passwd"))
        {
            // postgres:x:101:104:PostgreSQL administrator:/var/lib/postgresql:/bin/bash
            var fields = line.Split(':');
            if (fields.Length > 3 && fields[0] == name)
            {
                return new(name, int.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture));
            }
        }

        return null;
    }
}
