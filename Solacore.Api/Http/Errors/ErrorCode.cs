namespace Solacore.Api.Http.Errors;

/// <summary>
/// What clients switch on, with the English sentence that a person sees when a client shows <c>message</c>.
/// This is the whole catalogue; envelopes are chosen where the error is answered, and so is a status that differs from the usual one.
/// </summary>
/// <param name="Status">The usual one.</param>
internal sealed record ErrorCode(int Status, string Name, string Message)
{
    // The edge
    public static readonly ErrorCode ValidationError = new(StatusCodes.Status422UnprocessableEntity, "VALIDATION_ERROR", "The request is not valid.");
    public static readonly ErrorCode BadRequest = new(StatusCodes.Status400BadRequest, "BAD_REQUEST", "The request could not be read.");
    public static readonly ErrorCode PayloadTooLarge = new(StatusCodes.Status413PayloadTooLarge, "PAYLOAD_TOO_LARGE", "The request is too large.");
    public static readonly ErrorCode NotFound = new(StatusCodes.Status404NotFound, "NOT_FOUND", "Not Found");
    public static readonly ErrorCode MethodNotAllowed = new(StatusCodes.Status405MethodNotAllowed, "METHOD_NOT_ALLOWED", "Method Not Allowed");
    public static readonly ErrorCode CsrfTokenMissing = new(StatusCodes.Status403Forbidden, "CSRF_TOKEN_MISSING", "The request lacks its CSRF token. Reload the page and try again.");
    public static readonly ErrorCode CsrfTokenInvalid = new(StatusCodes.Status403Forbidden, "CSRF_TOKEN_INVALID", "The CSRF token does not match. Reload the page and try again.");
    public static readonly ErrorCode InternalServerError = new(StatusCodes.Status500InternalServerError, "INTERNAL_SERVER_ERROR", "Something went wrong on our side. Please try again.");
    public static readonly ErrorCode ServiceUnavailable = new(StatusCodes.Status503ServiceUnavailable, "SERVICE_UNAVAILABLE", "The service is not available right now. Please try again in a moment.");

    // Accounts
    public static readonly ErrorCode BetaModeDisabled = new(StatusCodes.Status403Forbidden, "BETA_MODE_DISABLED", "The beta is closed.");
    public static readonly ErrorCode CannotRemoveCurrentDevice = new(StatusCodes.Status400BadRequest, "CANNOT_REMOVE_CURRENT_DEVICE", "The device in use cannot be removed.");
    public static readonly ErrorCode DeviceBoundToOther = new(StatusCodes.Status403Forbidden, "DEVICE_BOUND_TO_OTHER", "This device belongs to another account.");
    public static readonly ErrorCode DeviceLimitReached = new(StatusCodes.Status403Forbidden, "DEVICE_LIMIT_REACHED", "Your plan allows no further device. Remove one first or change your plan.");
    public static readonly ErrorCode DeviceNotFound = new(StatusCodes.Status404NotFound, "DEVICE_NOT_FOUND", "This device is not known.");
    public static readonly ErrorCode EmailAlreadyExists = new(StatusCodes.Status409Conflict, "EMAIL_ALREADY_EXISTS", "This email address is already registered.");
    public static readonly ErrorCode EmailNotVerified = new(StatusCodes.Status400BadRequest, "EMAIL_NOT_VERIFIED", "The provider has not verified this email address.");
    public static readonly ErrorCode GoogleClientSecretNotConfigured = new(StatusCodes.Status401Unauthorized, "GOOGLE_CLIENT_SECRET_NOT_CONFIGURED", "Signing in with Google is not available.");
    public static readonly ErrorCode GoogleCodeExchangeFailed = new(StatusCodes.Status401Unauthorized, "GOOGLE_CODE_EXCHANGE_FAILED", "Google did not accept the sign-in. Please try again.");
    public static readonly ErrorCode GoogleTokenInvalid = new(StatusCodes.Status401Unauthorized, "GOOGLE_TOKEN_INVALID", "Google's answer could not be verified. Please try again.");
    public static readonly ErrorCode InvalidCredentials = new(StatusCodes.Status401Unauthorized, "INVALID_CREDENTIALS", "The email address or the password is not right.");
    public static readonly ErrorCode InvalidOrExpiredToken = new(StatusCodes.Status400BadRequest, "INVALID_OR_EXPIRED_TOKEN", "This link is not valid any more. Ask for a new one.");
    public static readonly ErrorCode InvalidToken = new(StatusCodes.Status401Unauthorized, "INVALID_TOKEN", "Please sign in again.");
    public static readonly ErrorCode InvalidTokenIssuer = new(StatusCodes.Status400BadRequest, "INVALID_TOKEN_ISSUER", "The sign-in comes from an unexpected provider.");
    public static readonly ErrorCode MissingRefreshToken = new(StatusCodes.Status401Unauthorized, "MISSING_REFRESH_TOKEN", "Please sign in again.");
    public static readonly ErrorCode OAuthAccountNotLinked = new(StatusCodes.Status400BadRequest, "OAUTH_ACCOUNT_NOT_LINKED", "This sign-in is not linked to an account.");
    public static readonly ErrorCode OAuthProviderUnavailable = new(StatusCodes.Status503ServiceUnavailable, "OAUTH_PROVIDER_UNAVAILABLE", "The sign-in provider cannot be reached right now. Please try again.");
    public static readonly ErrorCode RemovalLimitExceeded = new(StatusCodes.Status429TooManyRequests, "REMOVAL_LIMIT_EXCEEDED", "Only one device can be removed per day.");
    public static readonly ErrorCode SessionRevoked = new(StatusCodes.Status401Unauthorized, "SESSION_REVOKED", "You have been signed out. Please sign in again.");
    public static readonly ErrorCode UserNotFound = new(StatusCodes.Status404NotFound, "USER_NOT_FOUND", "This account does not exist.");

    // Solve and learn

    /// <summary>Of the existing clients' list; no plan is ever empty, for a custom one without tools is <see cref="ToolsRequired"/>.</summary>
    public static readonly ErrorCode EmptyToolPlan = new(StatusCodes.Status400BadRequest, "EMPTY_TOOL_PLAN", "The plan needs at least one tool.");
    public static readonly ErrorCode InvalidCurrentStep = new(StatusCodes.Status400BadRequest, "INVALID_CURRENT_STEP", "The session is in an unknown step.");
    public static readonly ErrorCode InvalidMode = new(StatusCodes.Status400BadRequest, "INVALID_MODE", "This mode does not exist.");
    public static readonly ErrorCode InvalidPreferredOrder = new(StatusCodes.Status400BadRequest, "INVALID_PREFERRED_ORDER", "The order names a tool outside the plan.");
    public static readonly ErrorCode InvalidStatus = new(StatusCodes.Status400BadRequest, "INVALID_STATUS", "This status does not exist.");
    public static readonly ErrorCode InvalidStep = new(StatusCodes.Status400BadRequest, "INVALID_STEP", "This step does not exist.");
    public static readonly ErrorCode InvalidStepTransition = new(StatusCodes.Status400BadRequest, "INVALID_STEP_TRANSITION", "This step cannot follow the current one.");
    public static readonly ErrorCode InvalidTool = new(StatusCodes.Status400BadRequest, "INVALID_TOOL", "This tool does not exist.");
    public static readonly ErrorCode NoActionPlan = new(StatusCodes.Status400BadRequest, "NO_ACTION_PLAN", "No action plan in this session");
    public static readonly ErrorCode QuotaExceeded = new(StatusCodes.Status403Forbidden, "QUOTA_EXCEEDED", "Your plan's sessions are used up.");
    public static readonly ErrorCode SessionBusy = new(StatusCodes.Status409Conflict, "SESSION_BUSY", "The last message is still being answered.");
    public static readonly ErrorCode SessionCompleted = new(StatusCodes.Status400BadRequest, "SESSION_COMPLETED", "This session is completed.");
    public static readonly ErrorCode SessionNotActive = new(StatusCodes.Status400BadRequest, "SESSION_NOT_ACTIVE", "This session is not active.");
    public static readonly ErrorCode SessionNotFound = new(StatusCodes.Status404NotFound, "SESSION_NOT_FOUND", "Session not found");
    public static readonly ErrorCode StepOrToolRequired = new(StatusCodes.Status400BadRequest, "STEP_OR_TOOL_REQUIRED", "Name a step or a tool.");
    public static readonly ErrorCode TemplateNotFound = new(StatusCodes.Status404NotFound, "TEMPLATE_NOT_FOUND", "This template does not exist.");
    public static readonly ErrorCode ToolNotInPlan = new(StatusCodes.Status400BadRequest, "TOOL_NOT_IN_PLAN", "This tool is not part of the plan.");
    public static readonly ErrorCode ToolsRequired = new(StatusCodes.Status400BadRequest, "TOOLS_REQUIRED", "Choose at least one tool.");
    public static readonly ErrorCode TurnNotFound = new(StatusCodes.Status404NotFound, "TURN_NOT_FOUND", "This reply does not exist.");

    // Billing
    public static readonly ErrorCode AlreadySubscribed = new(StatusCodes.Status400BadRequest, "ALREADY_SUBSCRIBED", "You already have this plan.");
    public static readonly ErrorCode InvalidAuth = new(StatusCodes.Status401Unauthorized, "INVALID_AUTH", "The authorization is not right.");
    public static readonly ErrorCode InvalidPayload = new(StatusCodes.Status400BadRequest, "INVALID_PAYLOAD", "The body is not a JSON object of the expected form.");
    public static readonly ErrorCode InvalidPriceId = new(StatusCodes.Status400BadRequest, "INVALID_PRICE_ID", "This price does not exist.");
    public static readonly ErrorCode InvalidSignature = new(StatusCodes.Status400BadRequest, "INVALID_SIGNATURE", "The signature is not right.");
    public static readonly ErrorCode MissingAuth = new(StatusCodes.Status401Unauthorized, "MISSING_AUTH", "The authorization is missing.");
    public static readonly ErrorCode MissingSignature = new(StatusCodes.Status400BadRequest, "MISSING_SIGNATURE", "The signature is missing.");
    public static readonly ErrorCode NoSubscription = new(StatusCodes.Status404NotFound, "NO_SUBSCRIPTION", "There is no subscription.");
    public static readonly ErrorCode PaymentProviderError = new(StatusCodes.Status502BadGateway, "PAYMENT_PROVIDER_ERROR", "The payment provider cannot be reached right now. Please try again.");
    public static readonly ErrorCode PaymentsDisabled = new(StatusCodes.Status501NotImplemented, "PAYMENTS_DISABLED", "Payments are switched off.");
}
