using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Data;
using Solacore.Core.Solve;

namespace Solacore.Api.Templates;

/// <summary>The public catalogue of roles (contract/http-api.md section 16).</summary>
internal static class TemplateEndpoints
{
    public static void MapTemplates(this IEndpointRouteBuilder api)
    {
        var templates = api.MapGroup("/api/v1/templates").WithTags("Templates").Public().Limited(LimitName.Api);
        templates.MapGet("", ListAsync);
        templates.MapGet("/{template_id}", ReadAsync).Fails(ErrorCode.TemplateNotFound);
    }

    private static async Task<Ok<TemplateListAnswer>> ListAsync(
        Query<TemplatesRequest> query, SolacoreDb db, CancellationToken cancellationToken)
    {
        var (category, limit, offset) = query.Value;
        var page = await TemplateCatalogue.ListAsync(db, category, limit, offset, cancellationToken);
        return TypedResults.Ok(new TemplateListAnswer([.. page.Templates.Select(TemplateItem.Of)], page.Total));
    }

    private static async Task<Results<Ok<TemplateAnswer>, ApiError>> ReadAsync(
        PathId templateId, SolacoreDb db, CancellationToken cancellationToken) =>
        await TemplateCatalogue.FindAsync(db, templateId, cancellationToken) is { } template
            ? TypedResults.Ok(TemplateAnswer.Of(template))
            : ApiError.Rule(ErrorCode.TemplateNotFound);
}

internal sealed record TemplatesRequest(string? Category = null, [Range(1, 100)] int Limit = 20, [Range(0)] int Offset = 0);

internal sealed record TemplateListAnswer(IReadOnlyList<TemplateItem> Templates, int Total);

internal sealed record TemplateItem(
    Guid Id,
    string RoleName,
    string? RoleNameCn,
    string Category,
    string? WelcomeMessage,
    string? IconEmoji,
    int UsageCount,
    DateTimeOffset CreatedAt)
{
    public static TemplateItem Of(PromptTemplate template) => new(
        template.Id, template.RoleName, template.RoleNameCn, template.Category, template.WelcomeMessage,
        template.IconEmoji, template.UsageCount, template.CreatedAt);
}

internal sealed record TemplateAnswer(
    Guid Id,
    string RoleName,
    string? RoleNameCn,
    string Category,
    string SystemPrompt,
    string? WelcomeMessage,
    string? IconEmoji,
    int UsageCount)
{
    public static TemplateAnswer Of(PromptTemplate template) => new(
        template.Id, template.RoleName, template.RoleNameCn, template.Category, template.SystemPrompt,
        template.WelcomeMessage, template.IconEmoji, template.UsageCount);
}
