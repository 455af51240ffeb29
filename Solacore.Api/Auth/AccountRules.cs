using Microsoft.OpenApi;
using Solacore.Api.Http.Requests;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>An e-mail address by <see cref="EmailAddress"/>.</summary>
internal sealed class EmailAttribute : RuleAttribute
{
    public override bool IsPrivate => true;

    public override Problem? Check(object value) => EmailAddress.FindProblem((string)value) is { } reason
        ? new Problem(
            "value_error",
            $"value is not a valid email address: {reason}",
            new Dictionary<string, object> { ["reason"] = reason })
        : null;

    public override void Describe(OpenApiSchema schema) => schema.Format = "email";
}

/// <summary>A new password by <see cref="PasswordRules"/>.</summary>
internal sealed class PasswordAttribute : RuleAttribute
{
    public override bool IsPrivate => true;

    public override Problem? Check(object value) =>
        PasswordRules.FindProblem((string)value) is { } reason ? Problem.Of($"Value error, {reason}") : null;

    public override void Describe(OpenApiSchema schema)
    {
        schema.Format = "password";
        schema.MinLength = PasswordRules.MinLength;
    }
}
