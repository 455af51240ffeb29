using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Solacore.Core.Data;

namespace Solacore.Core.Solve;

/// <summary>A page of the catalogue.</summary>
/// <param name="Total">All active templates of the category.</param>
public sealed record TemplatePage(IReadOnlyList<PromptTemplate> Templates, int Total);

/// <summary>The public catalogue of roles. Its texts are edited in <c>Templates/templates.json</c>.</summary>
public static class TemplateCatalogue
{
    private static readonly JsonSerializerOptions FileJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly List<SeededTemplate> Seeded = BuiltInFile.ReadJson<List<SeededTemplate>>("templates.json", FileJson);

    /// <summary>
    /// Writes the texts of the file over those of the database. Counters stay, and a template that was switched off
    /// stays off.
    /// </summary>
    public static async Task SeedAsync(SolacoreDb db, CancellationToken cancellationToken)
    {
        foreach (var one in Seeded)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into prompt_templates (id, role_name, role_name_cn, category, system_prompt, welcome_message, icon_emoji)
                values ({Guid.CreateVersion7()}, {one.RoleName}, {one.RoleNameCn}, {one.Category}, {one.SystemPrompt}, {one.WelcomeMessage}, {one.IconEmoji})
                on conflict (role_name) do update
                set role_name_cn = excluded.role_name_cn, category = excluded.category, system_prompt = excluded.system_prompt,
                    welcome_message = excluded.welcome_message, icon_emoji = excluded.icon_emoji, updated_at = now()
                where (prompt_templates.role_name_cn, prompt_templates.category, prompt_templates.system_prompt,
                       prompt_templates.welcome_message, prompt_templates.icon_emoji)
                    is distinct from (excluded.role_name_cn, excluded.category, excluded.system_prompt,
                       excluded.welcome_message, excluded.icon_emoji)
                """,
                cancellationToken);
        }
    }

    /// <summary>Active templates, most used first, then newest.</summary>
    /// <param name="category">Exact; null for all.</param>
    public static async Task<TemplatePage> ListAsync(
        SolacoreDb db, string? category, int limit, int offset, CancellationToken cancellationToken)
    {
        var active = db.PromptTemplates.AsNoTracking().Where(t => t.IsActive && (category == null || t.Category == category));
        var page = await active
            .OrderByDescending(t => t.UsageCount).ThenByDescending(t => t.CreatedAt).ThenByDescending(t => t.Id)
            .Skip(offset).Take(limit)
            .ToListAsync(cancellationToken);
        return new TemplatePage(page, await active.CountAsync(cancellationToken));
    }

    /// <summary>Null when there is none or it is switched off.</summary>
    public static Task<PromptTemplate?> FindAsync(SolacoreDb db, Guid id, CancellationToken cancellationToken) =>
        db.PromptTemplates.AsNoTracking().SingleOrDefaultAsync(t => t.Id == id && t.IsActive, cancellationToken);

    /// <summary>What a session with this template opens with: the file's translation, as long as the English text is the file's, too.</summary>
    /// <param name="locale"><c>en</c>, <c>es</c> or <c>zh</c>.</param>
    public static string? WelcomeIn(PromptTemplate template, string locale)
    {
        var seeded = Seeded.Find(one => one.RoleName == template.RoleName && one.WelcomeMessage == template.WelcomeMessage);
        return seeded?.WelcomeTranslations?.GetValueOrDefault(locale) ?? template.WelcomeMessage;
    }

    private sealed record SeededTemplate(
        string RoleName,
        string? RoleNameCn,
        string Category,
        string SystemPrompt,
        string? WelcomeMessage,
        IReadOnlyDictionary<string, string>? WelcomeTranslations,
        string? IconEmoji);
}
