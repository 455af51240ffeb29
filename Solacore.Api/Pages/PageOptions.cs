using System.Text.RegularExpressions;
using Solacore.Core.Settings;

namespace Solacore.Api.Pages;

/// <summary>Settings of the pages that stores, browsers and phones ask for.</summary>
internal sealed partial record PageOptions
{
    /// <summary>The product's name in the pages.</summary>
    public required string AppName { get; init; }

    /// <summary>Where people write to.</summary>
    public required string SupportEmail { get; init; }

    public required WebApp Web { get; init; }

    /// <summary>What opens the phone app, such as <c>solacore://</c>, with a slash at its end; empty: the web app is opened instead.</summary>
    public required string AppLink { get; init; }

    /// <summary>Files in this folder win over those that came with the service; null: there is none.</summary>
    public required string? Directory { get; init; }

    /// <summary><c>TEAMID.bundle.id</c> of the iOS apps.</summary>
    public required IReadOnlyList<string> AppleAppIds { get; init; }

    /// <summary>Package of the Android app, or empty.</summary>
    public required string AndroidPackage { get; init; }

    /// <summary>SHA-256 fingerprints of the certificates that sign the Android app: 32 bytes in hex with colons.</summary>
    public required IReadOnlyList<string> AndroidFingerprints { get; init; }

    /// <summary>
    /// <c>SUPPORT_EMAIL</c>, <c>APP_LINK</c>, <c>PAGES_DIRECTORY</c>, <c>APPLE_APP_IDS</c>, <c>ANDROID_PACKAGE</c>,
    /// <c>ANDROID_CERT_FINGERPRINTS</c>, <c>FRONTEND_URL</c>, <c>RESET_PATH</c>.
    /// </summary>
    public static PageOptions Read(SettingsReader settings)
    {
        var appLink = settings.Text(SettingNames.AppLink);
        if (appLink.Length > 0 && !Link().IsMatch(appLink))
        {
            settings.Fail(SettingNames.AppLink, "is no link such as solacore:// or https://app.example.com/open");
        }

        var directory = settings.Text("PAGES_DIRECTORY");
        if (directory.Length > 0 && !System.IO.Directory.Exists(directory))
        {
            settings.Fail("PAGES_DIRECTORY", "is no folder that can be read");
        }

        var appleAppIds = settings.List(SettingNames.AppleAppIds);
        if (!appleAppIds.All(id => AppleAppId().IsMatch(id)))
        {
            settings.Fail(SettingNames.AppleAppIds, "holds an entry that is not of the form TEAMID1234.com.example.app");
        }

        var package = settings.Text(SettingNames.AndroidPackage);
        var fingerprints = settings.List(SettingNames.AndroidCertFingerprints);
        if (!fingerprints.All(print => Fingerprint().IsMatch(print)))
        {
            settings.Fail(SettingNames.AndroidCertFingerprints, "holds an entry that is no SHA-256 fingerprint such as 14:6D:E9:…");
        }

        if ((package.Length == 0) != (fingerprints.Count == 0))
        {
            settings.Fail(SettingNames.AndroidPackage, "and ANDROID_CERT_FINGERPRINTS go together: give both or none");
        }

        return new PageOptions
        {
            AppName = "Solacore",
            SupportEmail = settings.Text(SettingNames.SupportEmail, "support@solacore.app"),
            Web = WebApp.Read(settings),
            AppLink = appLink.Length == 0 || appLink.EndsWith('/') ? appLink : appLink + "/",
            Directory = directory.Length > 0 ? directory : null,
            AppleAppIds = appleAppIds,
            AndroidPackage = package,
            AndroidFingerprints = fingerprints,
        };
    }

    // With // behind the scheme, so that neither javascript: nor data: gets into a page.
    [GeneratedRegex("^[a-z][a-z0-9+.-]*://[^\\s\"'<>]*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex Link();

    [GeneratedRegex("^[A-Z0-9]{10}\\.[A-Za-z0-9.-]+$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 100)]
    private static partial Regex AppleAppId();

    [GeneratedRegex("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex Fingerprint();
}
