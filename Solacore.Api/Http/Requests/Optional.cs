namespace Solacore.Api.Http.Requests;

/// <summary>A member for which leaving it out and sending <c>null</c> mean different things.</summary>
internal readonly record struct Optional<T>(T? Value, bool IsGiven);
