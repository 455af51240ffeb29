using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Solacore.ServiceDefaults;

/// <summary>Where a process listens. All addresses are given to the server as one list, because an endpoint that
/// is configured in code would silently replace the ones from <c>ASPNETCORE_URLS</c>.</summary>
/// <param name="Urls">Addresses in the form of <c>ASPNETCORE_URLS</c>.</param>
/// <param name="InternalPort">Port for metrics, details and operators; null when there is none.</param>
/// <param name="ClientSetting">The setting that the other addresses come from.</param>
public sealed record ListenAddresses(IReadOnlyList<string> Urls, int? InternalPort, string ClientSetting = SettingNames.Port)
{
    private const string AnyAddress = "0.0.0.0";

    /// <summary>
    /// Addresses of a process that serves clients. <c>URLS</c>, then <c>HTTP_PORTS</c> and <c>HTTPS_PORTS</c> (what
    /// Aspire and container platforms set, with or without the prefix <c>ASPNETCORE_</c>), then <c>HOST</c> and
    /// <c>PORT</c>; the internal port comes on top.
    /// </summary>
    /// <param name="report">Takes the name of a wrong setting and what is wrong with it; the default is used instead.</param>
    /// <exception cref="InvalidOperationException">
    /// A port is not a port, or the internal port is also public, and <paramref name="report"/> is null.
    /// </exception>
    public static ListenAddresses ForClients(IConfiguration configuration, Action<string, string>? report = null)
    {
        report ??= SettingReading.Throw;
        var host = Host(configuration, report);
        var (setting, clients) = FromPlatform(configuration, report);
        if (clients.Count == 0)
        {
            setting = SettingNames.Port;
            clients = [Url(host, configuration.WholeNumber(SettingNames.Port, 0, 65535, report) ?? SystemNames.DefaultApiPort)];
        }

        if (InternalPortOf(configuration, report) is not { } internalPort)
        {
            return new ListenAddresses(clients, null, setting);
        }

        if (clients.Any(url => BindingAddress.Parse(url).Port == internalPort))
        {
            report(SystemNames.InternalPort, "must differ from the port that clients reach");
        }

        return new ListenAddresses([.. clients, Url(host, internalPort)], internalPort, setting);
    }

    /// <summary>Addresses of a process without clients: the internal port alone.</summary>
    /// <param name="report">Takes the name of a wrong setting and what is wrong with it; the default is used instead.</param>
    /// <exception cref="InvalidOperationException">The internal port is not a port and <paramref name="report"/> is null.</exception>
    public static ListenAddresses InternalOnly(IConfiguration configuration, Action<string, string>? report = null) =>
        InternalPortOf(configuration, report ?? SettingReading.Throw) is { } internalPort
            ? new ListenAddresses([Url(Host(configuration, report ?? SettingReading.Throw), internalPort)], internalPort)
            // The server insists on one address; on a loopback port of the system's choice nothing answers.
            : new ListenAddresses([Url("127.0.0.1", 0)], null);

    /// <summary>A port that another program listens on, and the setting that it comes from; null when all of them are free.</summary>
    public (string Setting, int Port)? FindTaken() => (
        from address in Urls.Select(BindingAddress.Parse)
        where !CanBind(address)
        select ((string, int)?)(address.Port == InternalPort ? SystemNames.InternalPort : ClientSetting, address.Port)).FirstOrDefault();

    /// <summary>False only where the port is taken: of anything else that stands against it the server itself knows more.</summary>
    private static bool CanBind(BindingAddress address)
    {
        if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
        {
            return true;
        }

        // The server's own order: an address, this machine, else every address.
        var ip = IPAddress.TryParse(address.Host, out var given) ? given
            : address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : IPAddress.IPv6Any;
        return PortProbe.WhyNot(ip, address.Port)?.SocketErrorCode != SocketError.AddressAlreadyInUse;
    }

    private static (string Setting, List<string> Urls) FromPlatform(IConfiguration configuration, Action<string, string> report)
    {
        const string ports = "whole numbers from 0 to 65535";
        return configuration.Setting("URLS") is null
            ? ("HTTP_PORTS", [.. Listed("HTTP_PORTS", ports, port => $"http://*:{port}"), .. Listed("HTTPS_PORTS", ports, port => $"https://*:{port}")])
            : ("URLS", Listed("URLS", "addresses such as http://0.0.0.0:8000", url => url));

        List<string> Listed(string setting, string form, Func<string, string> url)
        {
            List<string> urls =
                [.. (configuration.Setting(setting) ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url)];
            if (urls.All(IsAddress))
            {
                return urls;
            }

            report(setting, $"must name {form}, separated by semicolons");
            return [];
        }
    }

    /// <summary>What the server would listen on; of a port that is no number it would make a part of the name.</summary>
    private static bool IsAddress(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.IsUnixPipe || address.IsNamedPipe
                || (address.Port is >= 0 and <= 65535 && (address.Host.StartsWith('[') || !address.Host.Contains(':', StringComparison.Ordinal)));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>The server takes any other name for every address of the machine.</summary>
    private static string Host(IConfiguration configuration, Action<string, string> report)
    {
        var host = configuration.Setting(SettingNames.Host) ?? AnyAddress;
        if (host is "*" or "+" || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _))
        {
            return host;
        }

        report(SettingNames.Host, "must be an address of this machine such as 0.0.0.0 or 127.0.0.1, or localhost; where a shell exports its machine's name as HOST, unset it or give an address");
        return AnyAddress;
    }

    private static int? InternalPortOf(IConfiguration configuration, Action<string, string> report) =>
        configuration.WholeNumber(SystemNames.InternalPort, 0, 65535, report) is { } port and > 0 ? port : null;

    private static string Url(string host, int port) =>
        host.Contains(':', StringComparison.Ordinal) ? $"http://[{host.Trim('[', ']')}]:{port}" : $"http://{host}:{port}";
}
