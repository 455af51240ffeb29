using Microsoft.AspNetCore.Builder;

namespace Solacore.ServiceDefaults;

/// <summary>What every web host of ours starts from.</summary>
public static class ServiceHost
{
    /// <summary>
    /// A slim builder that watches no files: settings come from the environment and do not change while a process lives, and
    /// Linux gives all processes of a user together 128 watchers, which a crowded machine uses up.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(params IEnumerable<string> args) =>
        WebApplication.CreateSlimBuilder([.. args, "--hostBuilder:reloadConfigOnChange=false"]);
}
