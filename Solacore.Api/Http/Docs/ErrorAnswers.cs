using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Solacore.Api.Http.Errors;

namespace Solacore.Api.Http.Docs;

/// <summary>The shapes of error answers, as components of the document.</summary>
internal static class ErrorSchemas
{
    public const string Error = "Error";
    public const string ValidationError = "ValidationError";
    public const string RateLimited = "RateLimited";

    public static IReadOnlyDictionary<string, OpenApiSchema> All { get; } = new Dictionary<string, OpenApiSchema>(StringComparer.Ordinal)
    {
        [Error] = Object(
            "Switch on `error`, show `message`.",
            ["error", "message"],
            ("error", Text("What to switch on.")),
            ("message", Text("What to show.")),
            ("detail", new OpenApiSchema
            {
                Description = "For existing clients: the code once more with what belongs to it, or a text.",
                AnyOf = [Object(null, ["error"], ("error", Text(null))).Open(), Text(null)],
            }),
            ("request_id", Text("Leads to the log; with 500 and 503."))),
        [ValidationError] = Object(
            "Every problem of the request, path before query before headers before body.",
            ["detail", "error", "message"],
            ("detail", new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                Items = Object(
                    null,
                    ["type", "loc", "msg", "input"],
                    ("type", Text("Machine code such as `missing`.")),
                    ("loc", new OpenApiSchema
                    {
                        Type = JsonSchemaType.Array,
                        Items = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Integer },
                        Description = "`path`, `query`, `header` or `body`, then names and positions.",
                    }),
                    ("msg", Text("An English sentence.")),
                    ("input", new OpenApiSchema { Description = "The rejected value; null where it may be private." }),
                    ("ctx", new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Bounds and expectations." }.Open())),
            }),
            ("error", new OpenApiSchema { Type = JsonSchemaType.String, Enum = [(JsonNode)ErrorCode.ValidationError.Name] }),
            ("message", Text("The first sentence."))),
        [RateLimited] = Object(
            "Wait for `Retry-After` seconds.",
            ["error", "detail", "message"],
            ("error", new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^Rate limit exceeded: " }),
            ("detail", Text(null)),
            ("message", Text(null))),
    };

    private static OpenApiSchema Object(string? description, string[] required, params (string Name, OpenApiSchema Schema)[] members) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Required = required.ToHashSet(StringComparer.Ordinal),
        Properties = members.ToDictionary(member => member.Name, member => (IOpenApiSchema)member.Schema, StringComparer.Ordinal),
    };

    private static OpenApiSchema Text(string? description) => new() { Type = JsonSchemaType.String, Description = description };

    /// <summary>Further members may stand beside those named.</summary>
    private static OpenApiSchema Open(this OpenApiSchema schema)
    {
        schema.AdditionalProperties = new OpenApiSchema();
        return schema;
    }
}

/// <summary>The error answers of one operation: a status may have several codes, and 429 is answered for two reasons.</summary>
internal sealed class ErrorAnswers
{
    private readonly SortedDictionary<int, List<ErrorCode>> _codes = [];
    private bool _isLimited;

    public void Add(params ErrorCode[] codes)
    {
        foreach (var code in codes)
        {
            Add(code.Status, code);
        }
    }

    /// <summary>Where the status is not the codes' usual one.</summary>
    public void Add(int status, params ErrorCode[] codes)
    {
        if (!_codes.TryGetValue(status, out var known))
        {
            known = _codes[status] = [];
        }

        known.AddRange(codes.Except(known));
    }

    public void AddRateLimit()
    {
        _isLimited = true;
        Add(StatusCodes.Status429TooManyRequests);
    }

    public void WriteTo(OpenApiResponses responses)
    {
        foreach (var (status, codes) in _codes)
        {
            var isLimit = _isLimited && status == StatusCodes.Status429TooManyRequests;
            var sentences = codes.Select(code => $"`{code.Name}`: {code.Message}");
            responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join(' ', isLimit ? sentences.Append("Rate limit exceeded; wait for `Retry-After` seconds.") : sentences),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [ApiJson.ContentType] = new OpenApiMediaType { Schema = SchemaOf(status, codes, isLimit) },
                },
            };
        }
    }

    private static IOpenApiSchema SchemaOf(int status, List<ErrorCode> codes, bool isLimit)
    {
        if (status == StatusCodes.Status422UnprocessableEntity)
        {
            return new OpenApiSchemaReference(ErrorSchemas.ValidationError);
        }

        var limited = new OpenApiSchemaReference(ErrorSchemas.RateLimited);
        return isLimit && codes.Count == 0 ? limited
            : isLimit ? new OpenApiSchema { AnyOf = [limited, Coded(codes)] }
            : Coded(codes);
    }

    private static OpenApiSchema Coded(List<ErrorCode> codes) => new()
    {
        AllOf =
        [
            new OpenApiSchemaReference(ErrorSchemas.Error),
            new OpenApiSchema
            {
                Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                {
                    ["error"] = new OpenApiSchema { Enum = [.. codes.Select(code => (JsonNode)code.Name)] },
                },
            },
        ],
    };
}
