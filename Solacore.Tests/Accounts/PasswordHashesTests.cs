using Microsoft.Extensions.Time.Testing;
using Solacore.Core.Accounts;

namespace Solacore.Tests.Accounts;

public sealed class PasswordHashesTests : IDisposable
{
    private const string Password = "Pass123!";

    /// <summary>On a clock by which no refusal has to wait.</summary>
    private readonly PasswordHashes _hashes = new(concurrency: 1, new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) });

    public void Dispose() => _hashes.Dispose();

    [Theory]
    [InlineData("$2b$12$short")]
    [InlineData("$2b$xx$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy")]
    [InlineData("$2b$99$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy")]
    [InlineData("$pbkdf2-sha512$i=1$c2FsdHNhbHQ=$")]
    [InlineData("$pbkdf2-sha512$i=1$c2FsdHNhbHQ=$c2Fsd")]
    [InlineData("$pbkdf2-sha512$i=1$c2Fsd$c2FsdHNhbHQ=")]
    [InlineData("$pbkdf2-sha512$i=0$c2FsdHNhbHQ=$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    [InlineData("$")]
    [InlineData("")]
    public async Task a_damaged_hash_is_of_no_password(string hash)
    {
        Assert.False(await MatchesAsync(hash));
    }

    [Fact]
    public async Task a_hash_of_the_original_that_has_lost_or_changed_a_character_is_of_no_password()
    {
        var whole = BCrypt.Net.BCrypt.HashPassword(Password, workFactor: 4);
        var damaged = Enumerable.Range(0, whole.Length).SelectMany(at => new[] { whole[..at], whole.Remove(at, 1), $"{whole[..at]}€{whole[(at + 1)..]}" });

        foreach (var hash in damaged)
        {
            Assert.False(await MatchesAsync(hash), hash);
        }

        Assert.True(await MatchesAsync(whole));
    }

    private Task<bool> MatchesAsync(string hash) => _hashes.VerifyAsync(Password, hash, TestContext.Current.CancellationToken);
}
