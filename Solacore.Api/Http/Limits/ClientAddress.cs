using System.Net;
using System.Net.Sockets;

namespace Solacore.Api.Http.Limits;

/// <summary>The address of a client as limits see it.</summary>
internal static class ClientAddress
{
    private const int HouseholdBytes = 8;

    /// <summary>A household or server owns a whole /64 of IPv6 addresses, so that is what counts as one client.</summary>
    public static string KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        var plain = Plain(address);
        return plain.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(plain.GetAddressBytes().AsSpan(0, HouseholdBytes))
            : plain.ToString();
    }

    public static bool IsAmong(IReadOnlyList<IPNetwork> networks, IPAddress? address) =>
        address is not null && networks.Count > 0 && networks.Any(network => network.Contains(Plain(address)));

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
