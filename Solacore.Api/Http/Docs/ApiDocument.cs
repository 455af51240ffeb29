using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;

namespace Solacore.Api.Http.Docs;

/// <summary>
/// <c>/openapi.json</c> and the pages that show it. Requests are described by the very schemas that read them, and each
/// answer of the edge follows from an endpoint's metadata, so the document cannot drift from the code.
/// </summary>
internal static class ApiDocument
{
    private const string Path = "/openapi.json";
    private const string ReferencePath = "/reference";

    // The package's own page answers these paths with a redirect; existing tools expect the page itself.
    private const string ReferencePage = $$"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Solacore API</title></head>
        <body>
        <div id="app"></div>
        <script src="{{ReferencePath}}/scalar.js"></script>
        <script>Scalar.createApiReference('#app', { url: '{{Path}}' })</script>
        </body>
        </html>
        """;

    private const string BearerScheme = "BearerAuth";
    private const string CookieScheme = "CookieAuth";
    private const string CsrfScheme = "CsrfToken";

    /// <summary>Where the catalogue of events lies.</summary>
    public const string StreamingPath = "/docs/streaming.md";

    public static void AddApiDocument(this IServiceCollection services, EdgeOptions options) => services.AddOpenApi(openApi =>
    {
        openApi.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        openApi.AddSchemaTransformer((schema, context, _) =>
        {
            DescribeAsWritten(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
        openApi.AddDocumentTransformer((document, _, _) =>
        {
            DescribeService(document, options);
            return Task.CompletedTask;
        });
        openApi.AddOperationTransformer((operation, context, _) =>
        {
            Describe(
                context.Document!,
                operation,
                context.Description.HttpMethod ?? "GET",
                "/" + context.Description.RelativePath,
                context.Description.ActionDescriptor.EndpointMetadata);
            return Task.CompletedTask;
        });
    });

    /// <summary>Maps the document, two reference pages and the greeting at the root.</summary>
    public static void MapApiDocument(this WebApplication app, IEndpointRouteBuilder api)
    {
        api.MapGet("/", () => TypedResults.Ok(new Greeting("Welcome to Solacore API", "/docs"))).Public().ExcludeFromDescription();
        if (!app.Services.GetRequiredService<EdgeOptions>().DocsEnabled)
        {
            return;
        }

        var docs = api.MapGroup("").Public();
        docs.MapOpenApi(Path);
        docs.MapScalarApiReference(ReferencePath, reference => reference.WithOpenApiRoutePattern(Path));
        docs.MapGet("/docs", Reference).ExcludeFromDescription();
        docs.MapGet("/redoc", Reference).ExcludeFromDescription();
        docs.MapGet(StreamingPath, Streaming).ExcludeFromDescription();
    }

    /// <summary>The catalogue of events, which OpenAPI has no words for.</summary>
    private static PhysicalFileHttpResult Streaming() =>
        TypedResults.PhysicalFile(System.IO.Path.Combine(AppContext.BaseDirectory, "docs", "streaming.md"), "text/markdown; charset=utf-8");

    private static ContentHttpResult Reference() => TypedResults.Content(ReferencePage, "text/html; charset=utf-8");

    private static void DescribeService(OpenApiDocument document, EdgeOptions options)
    {
        document.Info = new OpenApiInfo
        {
            Title = options.AppName,
            Version = options.AppVersion,
            Description = "Leads a person from a problem to one small first step, or through a topic to learn.",
            Contact = new OpenApiContact { Name = options.AppName, Url = options.ContactUrl },
            Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal)
            {
                ["x-api-version"] = new JsonNodeExtension(options.AppVersion),
            },
        };
        document.Servers?.Clear();
        document.ExternalDocs = new OpenApiExternalDocs { Description = "Events of a reply", Url = new Uri(StreamingPath, UriKind.Relative) };
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        foreach (var (name, schema) in ErrorSchemas.All)
        {
            document.Components.Schemas[name] = schema;
        }

        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [BearerScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "The access token; wins over the cookie.",
            },
            [CookieScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Cookie,
                Name = Access.Cookie,
                Description = "The access token as the browser holds it.",
            },
            [CsrfScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = Csrf.Header,
                Description = $"What `GET /auth/csrf` has set as the cookie `{Csrf.Cookie}`; an allowed Origin does instead.",
            },
        };
    }

    private static void Describe(OpenApiDocument document, OpenApiOperation operation, string method, string path, IList<object> metadata)
    {
        var parameters = metadata.OfType<ParameterMetadata>().ToList();
        var body = metadata.OfType<BodyMetadata>().LastOrDefault();
        operation.OperationId = OperationId(method, path);
        operation.Parameters = [.. parameters.Select(DescribeParameter), .. metadata.OfType<HeaderMetadata>().Select(DescribeHeader)];
        operation.RequestBody = body is not null ? DescribeBody(body)
            : metadata.OfType<EventBodyMetadata>().LastOrDefault() is { } store ? DescribeBody(store)
            : null;
        operation.Responses ??= [];
        if (metadata.OfType<TextMetadata>().LastOrDefault() is { } text)
        {
            operation.Responses["200"] = DescribeText(text);
        }

        var errors = new ErrorAnswers();
        var isCsrfChecked = Csrf.IsChecked(method, path.Replace("{session_id}", Guid.Empty.ToString(), StringComparison.Ordinal));
        if (metadata.OfType<AccessMetadata>().LastOrDefault() is { IsAuthenticated: true })
        {
            operation.Security =
                [Requirement(document, [BearerScheme]), Requirement(document, isCsrfChecked ? [CookieScheme, CsrfScheme] : [CookieScheme])];
            errors.Add(StatusCodes.Status401Unauthorized, ErrorCode.InvalidToken, ErrorCode.SessionNotFound, ErrorCode.SessionRevoked);
        }

        if (isCsrfChecked)
        {
            errors.Add(ErrorCode.CsrfTokenMissing, ErrorCode.CsrfTokenInvalid);
        }

        if (body is not null)
        {
            errors.Add(ErrorCode.PayloadTooLarge);
        }

        if (parameters.Count > 0 || body is not null)
        {
            errors.Add(ErrorCode.ValidationError);
        }

        if (metadata.OfType<LimitMetadata>().Any())
        {
            errors.AddRateLimit();
        }

        foreach (var declared in metadata.OfType<ErrorMetadata>())
        {
            errors.Add(declared.Status, [.. declared.Codes]);
        }

        errors.Add(ErrorCode.InternalServerError);
        errors.Add(ErrorCode.ServiceUnavailable);
        errors.WriteTo(operation.Responses);
    }

    /// <summary>All of these schemes together.</summary>
    private static OpenApiSecurityRequirement Requirement(OpenApiDocument document, IReadOnlyList<string> schemes)
    {
        var requirement = new OpenApiSecurityRequirement();
        foreach (var scheme in schemes)
        {
            // Without its document a reference leads nowhere and is left out, and what requires nothing is open to all.
            requirement[new OpenApiSecuritySchemeReference(scheme, document)] = [];
        }

        return requirement;
    }

    /// <summary><c>post_sessions_session_id_messages</c>.</summary>
    private static string OperationId(string method, string path) => string.Join(
        '_', path.Split(['/', '-', '.', '{', '}'], StringSplitOptions.RemoveEmptyEntries).Prepend(method.ToLowerInvariant()));

    private static OpenApiResponse DescribeText(TextMetadata text) => new()
    {
        Description = text.Description,
        Content = text.ContentTypes.ToDictionary(
            type => type.Split(';')[0],
            type => new OpenApiMediaType
            {
                Schema = new OpenApiSchema { Type = type.StartsWith(ApiJson.ContentType, StringComparison.Ordinal) ? JsonSchemaType.Object : JsonSchemaType.String },
            },
            StringComparer.Ordinal),
    };

    /// <summary>
    /// Says what the generator leaves open: how instants and enums are written, that numbers never come as texts, and that
    /// a member which no condition can leave out is always there, if only as null.
    /// </summary>
    private static void DescribeAsWritten(OpenApiSchema schema, JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (plain == typeof(DateTimeOffset))
        {
            schema.Type = plain == type.Type ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        }
        else if (plain.IsEnum)
        {
            schema.Type ??= JsonSchemaType.String;
        }
        else if (schema.Type is { } known && (known.HasFlag(JsonSchemaType.Integer) || known.HasFlag(JsonSchemaType.Number)))
        {
            schema.Type = known & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        if (type.Kind == JsonTypeInfoKind.Object && schema.Properties is { Count: > 0 } properties)
        {
            schema.Required = type.Properties
                .Where(property => property is { Get: not null, ShouldSerialize: null } && properties.ContainsKey(property.Name))
                .Select(property => property.Name)
                .ToHashSet(StringComparer.Ordinal);
        }
    }

    private static OpenApiParameter DescribeParameter(ParameterMetadata parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.Part switch
        {
            Part.Path => ParameterLocation.Path,
            Part.Header => ParameterLocation.Header,
            Part.Query => ParameterLocation.Query,
            _ => throw new UnreachableException(),
        },
        Required = parameter.IsRequired,
        Schema = SchemaOf(parameter.Type, isNullable: false, parameter.Rules),
    };

    private static OpenApiParameter DescribeHeader(HeaderMetadata header) => new()
    {
        Name = header.Name,
        In = ParameterLocation.Header,
        Required = header.IsRequired,
        Description = header.Description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiRequestBody DescribeBody(EventBodyMetadata body) => new()
    {
        Required = true,
        Description = body.Description,
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [ApiJson.ContentType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } },
        },
    };

    private static OpenApiRequestBody DescribeBody(BodyMetadata body) => new()
    {
        Required = body.IsRequired,
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [ApiJson.ContentType] = new OpenApiMediaType
            {
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = body.Members.ToDictionary(
                        member => member.Name,
                        member => (IOpenApiSchema)SchemaOf(member.ValueType, member.IsNullable, member.Rules),
                        StringComparer.Ordinal),
                    Required = body.Members.Where(member => member.IsRequired).Select(member => member.Name).ToHashSet(StringComparer.Ordinal),
                },
            },
        },
    };

    private static OpenApiSchema SchemaOf(Type type, bool isNullable, IReadOnlyList<RuleAttribute> rules)
    {
        var schema = new OpenApiSchema
        {
            Type = type == typeof(int) ? JsonSchemaType.Integer
                : type == typeof(bool) ? JsonSchemaType.Boolean
                : type == typeof(IReadOnlyList<string>) ? JsonSchemaType.Array
                : JsonSchemaType.String,
            Format = type == typeof(Guid) ? "uuid" : type == typeof(DateTimeOffset) ? "date-time" : type == typeof(DateOnly) ? "date" : null,
            Items = type == typeof(IReadOnlyList<string>) ? new OpenApiSchema { Type = JsonSchemaType.String } : null,
            Enum = type.IsEnum ? [.. ValueReaders.NamesOf(type).Select(name => (JsonNode)name)] : null,
        };
        if (isNullable)
        {
            schema.Type |= JsonSchemaType.Null;
        }

        foreach (var rule in rules)
        {
            rule.Describe(schema);
        }

        return schema;
    }

    private sealed record Greeting(string Message, string Docs);
}
