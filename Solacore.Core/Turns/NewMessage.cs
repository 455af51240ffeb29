namespace Solacore.Core.Turns;

/// <summary>A message as the edge hands it in; shape and length are checked.</summary>
/// <param name="Content">As typed.</param>
/// <param name="AcceptLanguage">The header, for the language of the reply.</param>
/// <param name="IdempotencyKey">From newer clients; null without one.</param>
public sealed record NewMessage(Guid UserId, Guid SessionId, string Content, string? AcceptLanguage, string? IdempotencyKey);
