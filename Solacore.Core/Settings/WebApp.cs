namespace Solacore.Core.Settings;

/// <summary>The web app: where mails, pages and sign-ins through others lead to, and whose pages may call the api.</summary>
/// <param name="Url">Without a trailing slash.</param>
/// <param name="ResetPath">Its page for a new password; begins with a slash.</param>
public sealed record WebApp(string Url, string ResetPath)
{
    /// <summary><c>FRONTEND_URL</c>, <c>RESET_PATH</c>.</summary>
    public static WebApp Read(SettingsReader reader)
    {
        var url = reader.Url(SettingNames.FrontendUrl, "http://localhost:3000");
        if (new Uri(url) is var address && (address.IsLoopback || address.Host.Contains("localhost", StringComparison.OrdinalIgnoreCase)))
        {
            reader.FailInProduction(SettingNames.FrontendUrl, "is not set or points to this machine: give the address of the web app");
        }

        var resetPath = reader.Text("RESET_PATH", "/reset-password");
        if (!resetPath.StartsWith('/') || resetPath.Contains('?', StringComparison.Ordinal))
        {
            reader.Fail("RESET_PATH", "is no path: begin it with a slash and leave out the query");
        }

        return new WebApp(url, resetPath);
    }
}
