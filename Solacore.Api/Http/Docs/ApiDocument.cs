using System.Text.Json.Nodes;
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

    public static void AddApiDocument(this IServiceCollection services, EdgeOptions options) => services.AddOpenApi(openApi =>
    {
        openApi.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        openApi.AddDocumentTransformer((document, _, _) =>
        {
            DescribeService(document, options);
            return Task.CompletedTask;
        });
        openApi.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context.Description.ActionDescriptor.EndpointMetadata);
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
    }

    private static ContentHttpResult Reference() => TypedResults.Content(ReferencePage, "text/html; charset=utf-8");

    private static void DescribeService(OpenApiDocument document, EdgeOptions options)
    {
        document.Info = new OpenApiInfo
        {
            Title = options.AppName,
            Version = options.AppVersion,
            Contact = new OpenApiContact { Url = new Uri(options.ContactUrl) },
            Description = "Leads a person from a problem to one small first step, or through a topic to learn.",
            Extensions = new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal)
            {
                ["x-api-version"] = new JsonNodeExtension(options.AppVersion),
            },
        };
        document.Servers?.Clear();
        document.Components ??= new OpenApiComponents();
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
                Description = "The access token as the browser holds it; unsafe methods need the CSRF header or an allowed Origin too.",
            },
        };
    }

    private static void Describe(OpenApiOperation operation, IList<object> metadata)
    {
        var parameters = metadata.OfType<ParameterMetadata>().ToList();
        var body = metadata.OfType<BodyMetadata>().LastOrDefault();
        operation.Parameters = [.. parameters.Select(DescribeParameter)];
        operation.RequestBody = body is null ? null : DescribeBody(body);
        operation.Responses ??= [];
        if (metadata.OfType<AccessMetadata>().LastOrDefault() is { IsAuthenticated: true })
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(BearerScheme)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(CookieScheme)] = [] },
            ];
            AddError(operation, StatusCodes.Status401Unauthorized, ErrorCode.InvalidToken, ErrorCode.SessionNotFound, ErrorCode.SessionRevoked);
        }

        if (parameters.Count > 0 || body is not null)
        {
            AddError(operation, StatusCodes.Status422UnprocessableEntity, ErrorCode.ValidationError);
        }

        if (metadata.OfType<LimitMetadata>().Any())
        {
            AddAnswer(operation, StatusCodes.Status429TooManyRequests, "Rate limit exceeded; wait for `Retry-After` seconds.");
        }

        foreach (var errors in metadata.OfType<ErrorMetadata>())
        {
            AddError(operation, errors.Status, errors.Codes);
        }
    }

    private static OpenApiParameter DescribeParameter(ParameterMetadata parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.Part switch
        {
            Part.Path => ParameterLocation.Path,
            Part.Header => ParameterLocation.Header,
            _ => ParameterLocation.Query,
        },
        Required = parameter.IsRequired,
        Schema = SchemaOf(parameter.Type, isNullable: false, parameter.Rules),
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

    private static void AddError(OpenApiOperation operation, int status, params IReadOnlyList<ErrorCode> codes) =>
        AddAnswer(operation, status, string.Join(" ", codes.Select(code => $"`{code.Name}`: {code.Message}")));

    private static void AddAnswer(OpenApiOperation operation, int status, string description)
    {
        var key = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (operation.Responses!.TryGetValue(key, out var existing) && existing is OpenApiResponse answer)
        {
            answer.Description += " " + description;
            return;
        }

        operation.Responses[key] = new OpenApiResponse
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [ApiJson.ContentType] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                        {
                            ["error"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What to switch on." },
                            ["message"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What to show." },
                            ["detail"] = new OpenApiSchema { Description = "Text, object with the code, or list of problems." },
                        },
                    },
                },
            },
        };
    }

    private sealed record Greeting(string Message, string Docs);
}

/// <summary>Errors that a handler answers by itself, for the document.</summary>
internal sealed record ErrorMetadata(int Status, IReadOnlyList<ErrorCode> Codes);

internal static class DocumentedErrors
{
    /// <summary>Names the codes with which the handler may answer a status.</summary>
    public static TBuilder Fails<TBuilder>(this TBuilder builder, int status, params ErrorCode[] codes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ErrorMetadata(status, codes));
}
