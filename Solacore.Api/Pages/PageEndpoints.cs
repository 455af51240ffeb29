using System.Buffers.Text;
using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Accounts;
using Solacore.Core.Language;
using Solacore.Core.Settings;

namespace Solacore.Api.Pages;

/// <summary>
/// Pages for people: what the stores ask for, where the payment provider sends people back to, and the files by which a
/// phone knows that links of this host belong to the app.
/// </summary>
internal static class PageEndpoints
{
    private const int NonceBytes = 16;

    /// <summary>Path, and name of the text.</summary>
    private static readonly (string Path, string Name)[] Texts =
    [
        ("/privacy", "privacy"),
        ("/terms", "terms"),
        ("/support", "support"),
        ("/account-deletion", "account-deletion"),
    ];

    public static void AddPages(this WebApplicationBuilder builder, SettingsReader settings)
    {
        builder.Services.AddSingleton(PageOptions.Read(settings));
        builder.Services.AddSingleton<PageFiles>();
    }

    public static void MapPages(this IEndpointRouteBuilder api)
    {
        var pages = api.MapGroup("").WithTags("Pages").Public();
        foreach (var (path, name) in Texts)
        {
            pages.MapGet(path, (Query<PageRequest> query, HttpRequest request, PageFiles files, PageOptions options, CancellationToken cancellationToken) =>
                ShowAsync(files, name, Language(query.Value.Lang, request), Values(options), cancellationToken));
        }

        foreach (var outcome in new[] { "success", "cancel" })
        {
            pages.MapGet($"/subscriptions/{outcome}", (Query<PageRequest> query, HttpRequest request, PageFiles files, PageOptions options, CancellationToken cancellationToken) =>
                LandAsync(files, $"subscription-{outcome}", Language(query.Value.Lang, request), options, $"subscriptions/{outcome}", cancellationToken));
        }

        pages.MapGet("/reset-password", ResetAsync).NoStore();
        MapUnsubscribe(pages.MapGroup("/unsubscribe").Limited(LimitName.Api).NoStore());
        pages.MapGet("/.well-known/apple-app-site-association", AppleAssociation).Fails(ErrorCode.NotFound);
        pages.MapGet("/.well-known/assetlinks.json", AndroidAssociation).Fails(ErrorCode.NotFound);
    }

    private static void MapUnsubscribe(RouteGroupBuilder unsubscribe)
    {
        unsubscribe.MapGet("", AskToUnsubscribeAsync);
        unsubscribe.MapPost("", UnsubscribeAsync).Fails(ErrorCode.InvalidOrExpiredToken);
        unsubscribe.MapPost("/undo", UndoUnsubscribeAsync).Fails(ErrorCode.InvalidOrExpiredToken);
    }

    /// <summary>Changes nothing: programs that look for viruses open every link of a mail. The token is looked at, the database is not.</summary>
    private static Task<HtmlPage> AskToUnsubscribeAsync(
        Query<LinkRequest> query, HttpRequest request, PageFiles files, PageOptions options, UnsubscribeTokens tokens, CancellationToken cancellationToken) =>
        tokens.UserOf(query.Value.Token ?? "") is null
            ? ShowAsync(files, "unsubscribe-unknown", Language(query.Value.Lang, request), Values(options), cancellationToken)
            : ShowChoiceAsync("unsubscribe", query.Value, request, files, options, cancellationToken);

    /// <summary>
    /// For the button of the page, and for mail providers that unsubscribe somebody by themselves (RFC 8058), who send a form
    /// without cookies; what is in it says nothing that the address does not.
    /// </summary>
    private static async Task<Results<HtmlPage, ApiError>> UnsubscribeAsync(
        Query<LinkRequest> query, HttpRequest request, PageFiles files, PageOptions options, ReminderMails mails, CancellationToken cancellationToken) =>
        await mails.StopAsync(query.Value.Token ?? "", cancellationToken)
            ? await ShowChoiceAsync("unsubscribe-done", query.Value, request, files, options, cancellationToken)
            : ApiError.Rule(ErrorCode.InvalidOrExpiredToken);

    private static async Task<Results<HtmlPage, ApiError>> UndoUnsubscribeAsync(
        Query<LinkRequest> query, HttpRequest request, PageFiles files, PageOptions options, ReminderMails mails, CancellationToken cancellationToken) =>
        await mails.ResumeAsync(query.Value.Token ?? "", cancellationToken)
            ? await ShowChoiceAsync("unsubscribe-undone", query.Value, request, files, options, cancellationToken)
            : ApiError.Rule(ErrorCode.InvalidOrExpiredToken);

    /// <summary>A page with a button that stops the mails, or one that takes it back, or both.</summary>
    private static async Task<HtmlPage> ShowChoiceAsync(
        string name, LinkRequest link, HttpRequest request, PageFiles files, PageOptions options, CancellationToken cancellationToken)
    {
        var language = Language(link.Lang, request);
        var query = $"?token={Uri.EscapeDataString(link.Token ?? "")}&lang={language}";
        var values = Values(options);
        values["stop"] = $"{request.PathBase}/unsubscribe{query}";
        values["resume"] = $"{request.PathBase}/unsubscribe/undo{query}";
        return (await ShowAsync(files, name, language, values, cancellationToken)).WithForms();
    }

    /// <summary>
    /// A phone that opens the link of a reset mail without the web app: leads into the app or to the page of the web app,
    /// with the token.
    /// </summary>
    private static Task<HtmlPage> ResetAsync(
        Query<LinkRequest> query, HttpRequest request, PageFiles files, PageOptions options, CancellationToken cancellationToken)
    {
        var token = "?token=" + Uri.EscapeDataString(query.Value.Token ?? "");
        var values = Values(options);
        values["continue"] = options.AppLink.Length > 0 ? options.AppLink + "reset-password" + token : options.Web.Url + options.Web.ResetPath + token;
        values["web"] = options.Web.Url + options.Web.ResetPath + token;
        return ShowAsync(files, "reset-password", Language(query.Value.Lang, request), values, cancellationToken);
    }

    /// <summary>Goes on to the app by itself, with a link for phones that do not.</summary>
    private static Task<HtmlPage> LandAsync(
        PageFiles files, string name, string language, PageOptions options, string appPath, CancellationToken cancellationToken)
    {
        var values = Values(options);
        values["continue"] = options.AppLink.Length > 0 ? options.AppLink + appPath : options.Web.Url;
        values["refresh_html"] = $"<meta http-equiv=\"refresh\" content=\"1;url={WebUtility.HtmlEncode(values["continue"])}\">";
        return ShowAsync(files, name, language, values, cancellationToken);
    }

    private static async Task<HtmlPage> ShowAsync(
        PageFiles files, string name, string language, Dictionary<string, string> values, CancellationToken cancellationToken)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceBytes));
        values["nonce"] = nonce;
        return new HtmlPage(await files.RenderAsync(name, language, values, cancellationToken), nonce);
    }

    private static Dictionary<string, string> Values(PageOptions options) => new(StringComparer.Ordinal)
    {
        ["app_name"] = options.AppName,
        ["support_email"] = options.SupportEmail,
        ["web"] = options.Web.Url,
    };

    private static string Language(string? asked, HttpRequest request) =>
        ReplyLocale.Choose(asked, request.Headers.AcceptLanguage, message: null, otherwise: null);

    private static Results<Ok<AppleLinks>, ApiError> AppleAssociation(PageOptions options) => options.AppleAppIds.Count == 0
        ? ApiError.Text(ErrorCode.NotFound)
        : TypedResults.Ok(new AppleLinks(
            new AppleAppLinks([
                new AppleLinkDetail(
                    options.AppleAppIds,
                    [new AppleComponent("/subscriptions/success"), new AppleComponent("/subscriptions/cancel"), new AppleComponent("/reset-password")]),
            ]),
            new AppleCredentials(options.AppleAppIds)));

    private static Results<Ok<AndroidLink[]>, ApiError> AndroidAssociation(PageOptions options) => options.AndroidPackage.Length == 0
        ? ApiError.Text(ErrorCode.NotFound)
        : TypedResults.Ok<AndroidLink[]>(
        [
            new AndroidLink(
                ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"],
                new AndroidTarget("android_app", options.AndroidPackage, options.AndroidFingerprints)),
        ]);
}

/// <summary><c>lang</c>: en, es or zh; without it the browser's languages count.</summary>
internal sealed record PageRequest(string? Lang = null);

/// <summary>The link of a mail.</summary>
internal sealed record LinkRequest([Length(0, 200), Private] string? Token = null, string? Lang = null);

/// <summary>https://developer.apple.com/documentation/xcode/supporting-associated-domains</summary>
internal sealed record AppleLinks(AppleAppLinks Applinks, AppleCredentials Webcredentials);

internal sealed record AppleAppLinks(IReadOnlyList<AppleLinkDetail> Details);

internal sealed record AppleLinkDetail([property: JsonPropertyName("appIDs")] IReadOnlyList<string> AppIds, IReadOnlyList<AppleComponent> Components);

internal sealed record AppleComponent([property: JsonPropertyName("/")] string Path);

internal sealed record AppleCredentials(IReadOnlyList<string> Apps);

/// <summary>https://developer.android.com/training/app-links/verify-android-applinks</summary>
internal sealed record AndroidLink(IReadOnlyList<string> Relation, AndroidTarget Target);

internal sealed record AndroidTarget(
    string Namespace, string PackageName, [property: JsonPropertyName("sha256_cert_fingerprints")] IReadOnlyList<string> Sha256CertFingerprints);

/// <summary>A page that may show text and its own style, and nothing else but, where it is said, forms for this service.</summary>
internal sealed class HtmlPage(Page page, string nonce, bool hasForms = false) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    private const string ContentType = "text/html; charset=utf-8";

    public int? StatusCode => StatusCodes.Status200OK;

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new TextMetadata("A page in the reader's language.", ContentType));

    public HtmlPage WithForms() => new(page, nonce, hasForms: true);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var forms = hasForms ? "'self'" : "'none'";
        var headers = httpContext.Response.Headers;
        httpContext.Response.ContentType = ContentType;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self' data:; base-uri 'none'; form-action {forms}; frame-ancestors 'none'";
        headers.ContentLanguage = page.Language;
        headers.Append("Vary", "Accept-Language");

        // The address may hold a token, which no other site has to learn.
        headers["Referrer-Policy"] = "no-referrer";
        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = "no-cache";
        }

        return httpContext.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(page.Html), httpContext.RequestAborted).AsTask();
    }
}
