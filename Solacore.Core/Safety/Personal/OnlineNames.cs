using System.Text.RegularExpressions;
using static Solacore.Core.Safety.Personal.Patterns;

namespace Solacore.Core.Safety.Personal;

/// <summary>Under what somebody is found on the net: mail addresses, pages that are a person, names at a service.</summary>
internal static partial class OnlineNames
{
    // The parts of an address, whose letters may be of any script that puts spaces between words: of the others the text around
    // it would be taken for a part of it.
    private const string Unspaced = @"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af";
    private const string MailName = $@"[\w.%+'’\--[{Unspaced}]]";
    private const string DomainLabel = $@"[\w\--[{Unspaced}]]";
    private const string TopLevel = $@"[\p{{L}}\p{{M}}-[{Unspaced}]]{{2,24}}";

    public static bool HasMail(string text) => Email().IsMatch(text);

    public static string RemovePages(string text) => text.Contains('/', StringComparison.Ordinal) ? ProfilePage().Replace(text, " ") : text;

    public static string RemoveMail(string text)
    {
        if (text.Contains('@', StringComparison.Ordinal))
        {
            text = Email().Replace(text, " ");
            text = PaymentAddress().Replace(text, " ");
        }

        return SpelledEmail().Replace(text, " ");
    }

    public static string RemoveHandles(string text)
    {
        text = IntroducedHandle().Replace(text, KeepLead);
        text = UserName().Replace(text, KeepLead);
        if (text.Contains('#', StringComparison.Ordinal))
        {
            text = Tag().Replace(text, " ");
        }

        return text.Contains('@', StringComparison.Ordinal) ? Handle().Replace(text, KeepLead) : text;
    }

    [GeneratedRegex(
        $$"""
        (?<!{{MailName}}){{MailName}}{1,64}@{{DomainLabel}}{1,63}([.。]{{DomainLabel}}{1,63}){0,5}[.。]{{TopLevel}}
        """,
        Exact | Lines)]
    private static partial Regex Email();

    [GeneratedRegex(
        $$"""
        {{WordStart}}({{MailName}}{1,64}|[A-Za-z0-9._](\ [A-Za-z0-9._]){2,40})
          (
              \ ?[\[(]\ ?(at|arroba|@)\ ?[\])]\ ?[A-Za-z0-9-]{1,63}
                (\ ?[\[(]?\ ?(dot|punto|\.)\ ?[\])]?\ ?[A-Za-z]{2,24}){1,3}
              |\ (at|arroba)\ [A-Za-z0-9-]{1,63}(\ (dot|punto)\ [A-Za-z]{2,24}){1,3}
              |\ @\ ?[A-Za-z0-9-]{1,63}((\.|\ \.\ )[A-Za-z]{2,24}){1,3}
              |\ ?(艾特|小老鼠)\ ?[A-Za-z0-9-]{1,63}\ ?[点點.]\ ?[A-Za-z]{2,24}
              |@[A-Za-z0-9-]{1,63},(com|org|net|es|cn|mx|ar|co)
          ){{WordEnd}}
        |(?<![\w.])[a-z0-9](\ [a-z0-9._-]){1,40}\ @(\ [a-z0-9.-]){4,60}(?!\w)
        """,
        Loose | Lines)]
    private static partial Regex SpelledEmail();

    // Of India: a name at a bank, which has no dot.
    [GeneratedRegex(@"(?<![\w.@-])[a-z0-9._-]{3,40}@[a-z]{3,20}(?![\w.@-])", Loose)]
    private static partial Regex PaymentAddress();

    // A page that is a person: its address ends in their name.
    [GeneratedRegex(
        $$"""
        {{WordStart}}(https?://)?(www\.|m\.|old\.)?
          (
              (
                    linkedin\.com/in|facebook\.com|fb\.com|instagram\.com|twitter\.com|x\.com|t\.me|wa\.me|github\.com
                    |gitlab\.com|threads\.(net|com)|reddit\.com/(u|user)|twitch\.tv|snapchat\.com/add|weibo\.com
                    |zhihu\.com/people|space\.bilibili\.com|linktr\.ee|pinterest\.(com|es)|soundcloud\.com|behance\.net
                    |patreon\.com|onlyfans\.com|paypal\.me|ko-fi\.com|line\.me/ti/p|douban\.com/people
                    |xiaohongshu\.com/user/profile|open\.spotify\.com/user|discord\.gg
                )/(?!(\w+/)?(watch|search|explore|hashtag|pricing|about|jobs|login|help){{WordEnd}})
              |[a-z0-9.-]{2,60}\.[a-z]{2,10}/([\w.-]{1,30}/){0,2}
                (@|~|u/|user/|users/|profile/|profiles/|people/|perfil/|usuario/|usuarios/|member/|members/)
          )[\w.~%+\--[\u3400-\u9fff]]{2,60}(/[\w.~%+\--[\u3400-\u9fff]]{1,60}){0,2}/?
        """,
        Loose | Lines)]
    private static partial Regex ProfilePage();

    [GeneratedRegex(
        $$"""
        (?<lead>
              {{WordStart}}
                (
                    telegram|discord|wechat|whatsapp|skype|snapchat|insta(gram)?(?![a-z])|twitter
                    |line(?![a-z]|\s{1,3}\d+(?!\w))|cash\ ?app|venmo|tiktok|facebook|messenger|kik
                    |twitch|steam|xbox|psn|roblox|reddit|threads|mastodon|bluesky|signal|qq|[加我]?微信[号號]?(\s{0,2}wx)?|微博|抖音[号號]?
                    |小[红紅]书?書?[号號]?|扣扣
                    |(?=\w{1,4}\s{0,2}(id|user|username|usuario|handle|号|號)?\s{0,3}(is\ |es\ |[:：=]|是|为|為))
                      (snap|ig|fb|tg|tw|tt|sc|dc|wx|vx|v|ins)
                    |[加](微|[vV][xX]?|[wW][xX]|威|薇)
                )(\s{0,2}(id|user|username|usuario|handle|[号號]|[账帳][号號]))?('s)?\s{0,3}(is|es|[:：=]|是|为|為|[吧啊呀哦]?[,，])?\s{0,3}
          )[~$]?(?=[A-Za-z0-9_.@:#-]{0,30}[\d_@#:]|[a-z]{3,20}\.[a-z]{3,20}(?![\w.])|(?<=\$))[A-Za-z0-9_.@:#-]{4,40}
        |{{WordStart}}(usuario|user\ ?name|user|nick)\ (de|on|in)
          \ (telegram|discord|wechat|whatsapp|skype|instagram|twitter|tiktok)\ (is|es)\ \S{3,40}
        """,
        Loose | Lines)]
    private static partial Regex IntroducedHandle();

    // Somewhere, or at Reddit, or what a friend's "number" at WeChat is.
    [GeneratedRegex(
        $$"""
        (?<lead>({{WordStart}}(user\ ?name|usuario){{WordEnd}}|用户名|用戶名)(\s(is|es))?\s?[:：]?\s?)
          (?=[a-z0-9.-]{0,30}[_\d]|[a-z]{3,20}\.[a-z]{3,20}(?![\w.]))[\w.-]{4,40}
        |(?<![\w/])u/[a-z0-9_-]{3,20}(?![\w/])
        |(?<lead>(?<=微信[^\n。]{0,20})[号號](是|为|[:：])\s?)(?=[a-z_-]{2,20}\d)[a-z0-9_-]{5,30}
        """,
        Loose | Lines)]
    private static partial Regex UserName();

    // Discord's names.
    [GeneratedRegex(@"(?<![\w#])[\w.]{3,32}#\d{4}(?!\d)", Loose)]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<lead>^|[\s(:,，：\u3400-\u9fff])@(?![我你他她它大所全])[\w][\w.]{1,30}", Exact)]
    private static partial Regex Handle();
}
