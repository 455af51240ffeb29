namespace Solacore.Core.Mail;

/// <summary>A mail ready to go.</summary>
/// <param name="Occasion">
/// What it is sent for, unique for ever, in letters, digits, dots and dashes: the local part of the Message-ID. A mail
/// that has to be sent twice, because nobody knows whether the first one arrived, is recognisable by it.
/// </param>
/// <param name="UnsubscribeUrl">
/// Where mails of this kind are stopped by a single POST (RFC 8058); null for those that nobody can do without.
/// </param>
public sealed record OutgoingMail(string Occasion, string To, string Subject, string Text, string Html, string? UnsubscribeUrl = null);
