namespace Solacore;

// The environment variables of the services that a deployment has to give; everything else keeps the default of its feature.
// Whoever reads or gives one compiles this very file, so that a rename reaches both; a test compares it with what is read. No XML
// docs, as in SystemNames.
internal static class SettingNames
{
    // Debug mode: no production checks, cookies without Secure, localhost origins.
    public const string Debug = "DEBUG";

    // Address on which a service listens.
    public const string Host = "HOST";

    // Port on which the api listens for clients.
    public const string Port = "PORT";

    // Address under which the world reaches the api; links in mails begin with it.
    public const string ApiUrl = "API_URL";

    // Whether the database's connection leads through a transaction-mode pooler.
    public const string DatabasePooled = "DATABASE_POOLED";

    // Bearer token of the operator routes.
    public const string OperatorKey = "OPERATOR_KEY";

    public const string JwtSecret = "JWT_SECRET";
    public const string FrontendUrl = "FRONTEND_URL";
    public const string CookieDomain = "COOKIE_DOMAIN";
    public const string CorsAllowedOrigins = "CORS_ALLOWED_ORIGINS";
    public const string TrustedProxies = "TRUSTED_PROXIES";

    public const string SupportEmail = "SUPPORT_EMAIL";
    public const string AppLink = "APP_LINK";
    public const string AppleAppIds = "APPLE_APP_IDS";
    public const string AndroidPackage = "ANDROID_PACKAGE";
    public const string AndroidCertFingerprints = "ANDROID_CERT_FINGERPRINTS";

    public const string GoogleClientId = "GOOGLE_CLIENT_ID";
    public const string GoogleClientSecret = "GOOGLE_CLIENT_SECRET";
    public const string AppleClientId = "APPLE_CLIENT_ID";

    public const string LlmProvider = "LLM_PROVIDER";
    public const string LlmModel = "LLM_MODEL";
    public const string LlmPrices = "LLM_PRICES";
    public const string LlmBudgetSession = "LLM_BUDGET_SESSION";
    public const string LlmBudgetDay = "LLM_BUDGET_DAY";
    public const string LlmBudgetPeriod = "LLM_BUDGET_PERIOD";
    public const string OpenAiApiKey = "OPENAI_API_KEY";
    public const string AnthropicApiKey = "ANTHROPIC_API_KEY";
    public const string OpenRouterApiKey = "OPENROUTER_API_KEY";

    public const string StripeSecretKey = "STRIPE_SECRET_KEY";
    public const string StripeWebhookSecret = "STRIPE_WEBHOOK_SECRET";
    public const string StripePriceStandard = "STRIPE_PRICE_STANDARD";
    public const string StripePricePro = "STRIPE_PRICE_PRO";
    public const string StripeSuccessUrl = "STRIPE_SUCCESS_URL";
    public const string StripeCancelUrl = "STRIPE_CANCEL_URL";
    public const string RevenueCatWebhookSecret = "REVENUECAT_WEBHOOK_SECRET";
    public const string RevenueCatApiKey = "REVENUECAT_API_KEY";

    public const string SmtpEnabled = "SMTP_ENABLED";
    public const string SmtpHost = "SMTP_HOST";
    public const string SmtpPort = "SMTP_PORT";
    public const string SmtpFrom = "SMTP_FROM";
    public const string SmtpFromName = "SMTP_FROM_NAME";
    public const string SmtpUser = "SMTP_USER";
    public const string SmtpPassword = "SMTP_PASSWORD";

    public const string PushEnabled = "PUSH_ENABLED";
    public const string ExpoAccessToken = "EXPO_ACCESS_TOKEN";

    public const string SentryDsn = "SENTRY_DSN";
}
