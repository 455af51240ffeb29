using Microsoft.AspNetCore.Builder;

namespace Solacore.ServiceDefaults;

internal static class ErrorReports
{
    public static void AddErrorReports(this WebApplicationBuilder builder, ServiceIdentity identity)
    {
    }
}
