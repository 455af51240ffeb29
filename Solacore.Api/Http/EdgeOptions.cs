using System.Net;
using System.Text;
using Solacore.Api.Http.Requests;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;

namespace Solacore.Api.Http;

/// <summary>Settings of everything that cuts across the endpoints.</summary>
internal sealed record EdgeOptions
{
    /// <summary>Development: cookies work over plain HTTP and HSTS is not sent.</summary>
    public required bool Debug { get; init; }

    public required string AppName { get; init; }

    /// <summary>The same as in health answers.</summary>
    public required string AppVersion { get; init; }

    /// <summary>Where a reader of the API document finds the product.</summary>
    public required Uri ContactUrl { get; init; }

    /// <summary>Origins whose pages may call with credentials (CORS).</summary>
    public required IReadOnlySet<string> AllowedOrigins { get; init; }

    /// <summary>Origins whose unsafe requests need no CSRF header, because a browser cannot forge <c>Origin</c>.</summary>
    public required IReadOnlySet<string> CsrfOrigins { get; init; }

    /// <summary>Proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed; none by default.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>Domain of the cookies, or empty for the host that answered.</summary>
    public required string CookieDomain { get; init; }

    /// <summary>Largest request body in bytes.</summary>
    public required int MaxBodyBytes { get; init; }

    /// <summary>Whether <c>/docs</c>, <c>/redoc</c> and <c>/openapi.json</c> are served.</summary>
    public required bool DocsEnabled { get; init; }

    /// <summary>
    /// <c>APP_NAME</c>, <c>APP_VERSION</c>, <c>FRONTEND_URL_PROD</c>, <c>FRONTEND_URL</c>, <c>CORS_ALLOWED_ORIGINS</c>, <c>CSRF_ALLOWED_ORIGINS</c>,
    /// <c>TRUSTED_PROXIES</c> (addresses or networks), <c>COOKIE_DOMAIN</c>, <c>MAX_BODY_BYTES</c>, <c>DOCS_ENABLED</c>.
    /// </summary>
    public static EdgeOptions Read(SettingsReader reader)
    {
        var frontend = WebApp.Read(reader).Url;
        var cookieDomain = reader.Text(SettingNames.CookieDomain);
        if (cookieDomain.Length > 0 && !IsDomain(cookieDomain.StartsWith('.') ? cookieDomain[1..] : cookieDomain))
        {
            reader.Fail(SettingNames.CookieDomain, "is no domain such as .solacore.app");
        }
        else if (!cookieDomain.StartsWith('.'))
        {
            reader.FailInProduction(SettingNames.CookieDomain, "must start with a dot, such as .solacore.app");
        }

        string[] builtIn = reader.Debug
            ? ["http://localhost:3000", "http://localhost:8000", "http://127.0.0.1:3000", "http://127.0.0.1:8000"]
            : ["https://solacore.app", "https://www.solacore.app"];
        var origins = Origins([.. builtIn, frontend, .. reader.Urls(SettingNames.CorsAllowedOrigins)]);
        var csrfOrigins = reader.Urls("CSRF_ALLOWED_ORIGINS");
        return new EdgeOptions
        {
            Debug = reader.Debug,
            AppName = reader.Text("APP_NAME", "Solacore API"),
            AppVersion = reader.Text("APP_VERSION", ServiceIdentity.BuildVersion),
            ContactUrl = new Uri(reader.Url("FRONTEND_URL_PROD", "https://solacore.app")),
            AllowedOrigins = origins,
            CsrfOrigins = csrfOrigins.Count > 0 ? Origins(csrfOrigins) : origins,
            TrustedProxies = Networks(reader, SettingNames.TrustedProxies),
            CookieDomain = cookieDomain,
            MaxBodyBytes = reader.Int("MAX_BODY_BYTES", 10 * 1024 * 1024, min: 1024, max: LimitedBody.LargestRead),
            DocsEnabled = reader.Bool("DOCS_ENABLED", true),
        };
    }

    /// <summary>A list of addresses and networks such as <c>10.0.0.7</c> or <c>10.0.0.0/8</c>.</summary>
    public static IReadOnlyList<IPNetwork> Networks(SettingsReader reader, string name)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in reader.List(name))
        {
            if (IPAddress.TryParse(text, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else
            {
                reader.Fail(name, "holds an entry that is neither an address nor a network such as 10.0.0.0/8");
            }
        }

        return networks;
    }

    /// <summary>In the letters that a header may hold.</summary>
    private static bool IsDomain(string text) => Ascii.IsValid(text) && Uri.CheckHostName(text) == UriHostNameType.Dns;

    private static HashSet<string> Origins(IEnumerable<string> origins) =>
        new(origins.Select(OriginOf), StringComparer.Ordinal);

    /// <summary>As a browser writes it: without path, in lower case, in the letters of the name system, without the scheme's own port.</summary>
    private static string OriginOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new UriBuilder(uri) { Host = uri.IdnHost }.Uri.GetLeftPart(UriPartial.Authority)
            : address.TrimEnd('/');
}
