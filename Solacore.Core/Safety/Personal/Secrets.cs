using System.Text.RegularExpressions;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>What opens an account or a door: passwords, keys, tokens, one-time codes, links that hold a login.</summary>
internal static partial class Secrets
{
    public static string Remove(string text)
    {
        text = Secret().Replace(text, " ");
        if (text.Contains('/', StringComparison.Ordinal))
        {
            text = UrlWithUser().Replace(text, " ");
            text = UrlWithToken().Replace(text, " ");
        }

        // Without what introduced it, or the next word would be taken for the secret the next time; those below take only what looks like one.
        text = IntroducedSecret().Replace(text, " ");
        text = SecretBeforeItsWord().Replace(text, KeepLead);
        text = SecretNearItsWord().Replace(text, KeepLead);
        return OneTimeCode().Replace(text, KeepLead);
    }

    [GeneratedRegex(
        $$"""
        {{WordStart}}(sk|pk|rk|ghp|gho|ghs|xox[abp]|glpat|AKIA|AIza)[-_]?[A-Za-z0-9_-]{12,200}
        |eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{4,2000}(\.[A-Za-z0-9_-]{0,2000})?
        |sk-(proj|live|test|ant)-[A-Za-z0-9_-]{16,200}
        |{{WordStart}}bearer\s+[A-Za-z0-9._~+/-]{8,2000}=*
        |{{WordStart}}(?-i:[A-Z][A-Z0-9_]{2,60}=)(?=[!-~]{0,60}\d)(?=[!-~]{0,60}[A-Za-z])[!-~]{12,2000}
        """,
        Loose | Lines)]
    private static partial Regex Secret();

    [GeneratedRegex(
        $$"""
        {{WordStart}}[a-z][a-z0-9+.-]{1,15}://[^\s/@:]{1,80}(:[^\s/@]{0,80})?@[^\s]{1,200}
        """,
        Loose | Lines)]
    private static partial Regex UrlWithUser();

    // A link that lets in whoever has it.
    [GeneratedRegex(
        """
        https?://(?=[^\s"<>,]{0,200}(reset|verif|confirm|token|auth|key|invite|hooks|magic|session|login|sign|recover|unlock))
          (?=[^\s"<>,]{0,200}[/=](?=[a-z_-]{0,40}\d)[a-z\d_-]{8,200})[a-z0-9._~:/?\#@!$&'*+;=%-]{1,400}
        """,
        Loose | Lines)]
    private static partial Regex UrlWithToken();

    // What follows these words is secret, whatever it looks like; behind the vaguer ones only what no word looks like.
    [GeneratedRegex(
        $$"""
        (
              (
                    {{WordStart}}
                      (
                          (password|passcode|passphrase|passwd|pwd|pw|contraseña|contrasena){{WordEnd}}
                          |(?=\w)
                            (
                                pass(\ (del?(\ la)?|for)\ (my\ |mi\ |the\ )?\w{2,12})?|wifi|wi-fi|api[ _-]?key|secret(\ key)?|access\ token|token
                                |pin(\ code)?(\ (for|of|to)\ (my\ |the\ )?\w{2,12})?|login\ code|verification\ code
                                |security\ code|cvv|otp|pin\ (de|del|para)\ (mi\ |la\ |el\ )?\w{2,12}
                                |clave(\ (api|secreta|del?\ \w{2,12}))?|c[oó]digo\ de\ (verificaci[oó]n|seguridad|acceso)|验证码|驗證碼|提取码|密钥
                                |密鑰|令牌|权杖
                            ){{WordEnd}}(?=[^\n]{0,12}?[ :：=是为]["'“]?[!-~]{0,40}[\d_$!#%^&*~+])
                      )
                    |密码|密碼|口令
                )(\s{0,3}(number|code))?\s{0,3}((is|es|era|是|为|為|係)(\s{0,3}[:：=])?|[:：=])\s{0,3}
          )
          (?!
              (to|the|a|an|not|very|too|so|my|your|more|less|wrong|weak|strong|expired|what|why|muy|la|el|un|una|que|no|más)
                {{WordEnd}}
          )["'“]?[!-+.-~áéíóúñÁÉÍÓÚÑ-]{3,100}
        |{{WordStart}}
          ((pass|seed|recovery)\ ?phrase|palabras?\ de\ recuperaci[oó]n|frase\ (semilla|secreta|de\ recuperaci[oó]n)|助[记記][词詞])
          [:：]?\ ?(is|was|es|era|是)?:?
          \ ?[a-z]{2,12}(\ [a-z]{2,12}){2,23}{{WordEnd}}
        """,
        Loose | Lines)]
    private static partial Regex IntroducedSecret();

    // A word for a secret, then somewhere in the sentence what mixes letters with digits as no word does: "my new password, otter-53-lamp".
    [GeneratedRegex(
        $$"""
        (?<lead>
              (
                    {{WordStart}}
                      (
                          passwords?|passcode|passphrase|passwd|pwd|pw|pass(?=\ (for|to)\ )|palabra\ secreta|secret\ word|login
                          |wi-?fi|contraseñas?|contrasenas?|claves?
                      )
                      {{WordEnd}}
                    |密码|密碼|口令
                )[^\n.;!?。；！？]{0,40}?(?<![!-~])
          )(?=[!-~]{6,60})(?=[!-~]{0,60}[A-Za-z])
          (?=
              [!-~]{0,60}\d[!-~]{0,60}[\d$!#%^&*~+?_@]|[!-~]{0,60}[$!#%^&*~+?_@][!-~]{0,60}\d|[a-z]{3,20}\d[a-z]{3,20}
              |["“]?[a-z]{2,20}-[a-z]{2,20}-[a-z-]{0,20}\d
          )(?!1password|office365|iphone|windows|covid|v\d{1,3}\.\d|\d{1,2}([:.]\d\d)?(am|pm|hs?)\b)[!-~]{5,60}[\w$!#%^&*~+?]
          ["”]?
        """,
        Loose | Lines)]
    private static partial Regex SecretNearItsWord();

    // "lovelin520#" stands before its word: "用 lovelin520# 当密码".
    [GeneratedRegex(@"(?<lead>用)\s?(?=[!-~]{0,60}[A-Za-z])(?=[!-~]{0,60}\d)[!-~]{6,60}(?=\s?[当當作做]密[码碼])", Exact)]
    private static partial Regex SecretBeforeItsWord();

    // What is a code for certain may have words between; what often is none ("the key is to walk") is told what it is.
    [GeneratedRegex(
        """
        (?<lead>
              (
                    (?<!\w)
                      (
                          (verification|login|one[- ]time|access|security|alarm|door|gate|entry|lock|safe)\ code
                          |otp|cvv2?|cvc|c[oó]digo\ de\ (verificaci[oó]n|acceso|seguridad)
                      )(?!\w)
                    |[后後背][面]?三位[数數]?|验证码|驗證碼|校验码|动态码|安全[码碼]|[门門]禁[码碼]|取[件货貨餐][码碼]|pin[码碼]
                )('s)?[,，]?[^\n\d.,;!?。，；！？]{0,32}?
          )(?<![\w-[\u3400-\u9fff]]|[$€£¥-])((?-i:[A-Z]-)?\d{3,8}\#?|\d{3}[ -]\d{3}|\d\d?([ -]\d\d?){2,7}|\d-\d-\d{4})
          (?!
              [A-Za-z0-9_%]|[.:/-]\d
              |\s?(am|pm|h|min|minutos?|minutes?|hours?|horas?|días?|days?|times|veces|%|分钟|小时|次|天)(?![a-z])
          )
        |(?<lead>
              (?<!\w)
                (
                    (
                          (pin(\ code)?|nip)('s)?
                          |(combination|combinación|clave)(?=[^\n\d.;!?]{0,32}([,:]|(is|was|es|era))\ {0,2}\d)
                      )(?!\w)(\ (de|del|para|a|al|for|to|of)\ [^\n\d.,;!?]{2,26}?)?[,:]?\ {0,2}(it\ )?(is|was|es|era)?:?\ {0,2}
                )
          )(\d{4,8}|\d{3}\ \d{3}|\d\d?([ -]\d\d?){2,7})(?![A-Za-z0-9_%]|[.:/-]\d|\s(pasos|steps|calor))
        |(?<lead>(?<!\w)(?<!error\ |status\ |country\ |area\ )(code|código)('s)?,?\s{0,3}(is|es|was|era|:)?\s{0,3})
          (\d{6}|\d{3}\ \d{3})(?![\w%]|[.,:/-]\d|\s(lines|líneas))
        |(?<lead>
              (?<!\w)(?<!(error|status|country|area|zip|postal|course|class|product|promo|discount|item|dress|tax|source|unit)\ )
              code(,\ it's|\ is|:)\ )\d{4,8}(?![\w%]|[.,:/-]\d|\s(lines|characters|words))
        |(?<lead>(密[码碼]|口令)[^\n\d。；！？]{0,12}?)(?<![薪资資欠花付掏]|收入)\d{4,8}(?![A-Za-z0-9_%]|[.,:/-]\d|\s?[年个個次天位元块塊])
        |(?<lead>(解锁|解鎖|密[码碼]|口令)\s?(是|为|為|[:：])\s?)([零〇一二三四五六七八九幺]{4,8}|\d(\ ?\d){3,7}(?!\d))
        |(?<!\w)(?-i:G)-\d{3}\ ?\d{3}(?!\w)
        |(?<![A-Za-z0-9_\#*])([\#*]?\d[\d*-]{2,10}\d\#|\#\d{2,4}\*\d{2,6}\#?)(?![A-Za-z0-9_])
        """,
        Loose | Lines)]
    private static partial Regex OneTimeCode();
}
