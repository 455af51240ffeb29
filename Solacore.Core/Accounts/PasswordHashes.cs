using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Solacore.Core.Accounts;

/// <summary>
/// Slow hashes of passwords: PBKDF2 with HMAC-SHA-512, 210,000 rounds (OWASP's figure for it), which runs in native code
/// of the platform and counts every byte of a long password. Hashes of the original (bcrypt) verify too and are replaced
/// at the next login.
/// </summary>
public sealed class PasswordHashes : IDisposable
{
    private const string Scheme = "pbkdf2-sha512";
    private const int Rounds = 210_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    // More than the original's bcrypt takes on one core of a small server.
    private static readonly TimeSpan Refusal = TimeSpan.FromMilliseconds(400);

    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate;

    /// <summary>A hash of no password at all, as slow to check as any.</summary>
    private readonly string _nobody;

    /// <param name="concurrency">Hashes computed at a time; the rest waits without a thread, so requests go on meanwhile.</param>
    /// <param name="time">Measures and waits.</param>
    public PasswordHashes(int concurrency, TimeProvider time)
    {
        _time = time;
        _gate = new SemaphoreSlim(concurrency);
        _nobody = Text(RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));
    }

    /// <summary>A new hash, as <c>$pbkdf2-sha512$i=210000$salt$hash</c>.</summary>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => Make(password), cancellationToken);

    /// <summary>
    /// A refusal takes equally long for every kind of hash, and for an account that does not exist (<paramref name="hash"/>
    /// null): 400 ms after those that wait in line.
    /// </summary>
    public async Task<bool> VerifyAsync(string password, string? hash, CancellationToken cancellationToken)
    {
        var (matches, took) = await RunAsync(
            () =>
            {
                var started = _time.GetTimestamp();
                return (Matches(password, hash ?? _nobody) && hash is not null, _time.GetElapsedTime(started));
            },
            cancellationToken);
        if (!matches && took < Refusal)
        {
            await Task.Delay(Refusal - took, _time, cancellationToken);
        }

        return matches;
    }

    /// <summary>Whether a hash that just verified should be created afresh.</summary>
    public static bool IsOutdated(string hash) =>
        !hash.StartsWith(string.Create(CultureInfo.InvariantCulture, $"${Scheme}$i={Rounds}$"), StringComparison.Ordinal);

    public void Dispose() => _gate.Dispose();

    private async Task<T> RunAsync<T>(Func<T> compute, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(compute, CancellationToken.None);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static string Make(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Text(salt, Derive(password, salt, Rounds));
    }

    private static string Text(byte[] salt, byte[] hash) => string.Create(
        CultureInfo.InvariantCulture, $"${Scheme}$i={Rounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");

    /// <summary>A hash that was damaged in the table is of no password; its owner asks for a new one.</summary>
    private static bool Matches(string password, string hash)
    {
        try
        {
            return hash.StartsWith("$2", StringComparison.Ordinal) ? BCrypt.Net.BCrypt.Verify(password, hash) : MatchesOwn(password, hash);
        }
        catch (Exception e) when (e is BCrypt.Net.SaltParseException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            return false;
        }
    }

    private static bool MatchesOwn(string password, string hash) =>
        hash.Split('$') is ["", Scheme, ['i', '=', .. var rounds], var salt, var expected]
        && int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count)

        // In full: of a hash that was cut to nothing, every password would be one.
        && Convert.FromBase64String(expected) is { Length: HashBytes } bytes
        && CryptographicOperations.FixedTimeEquals(bytes, Derive(password, Convert.FromBase64String(salt), count));

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, HashBytes);
}
