using Solacore.Core.Safety;

namespace Solacore.Tests.Safety;

/// <summary>Ways to write personal data that the labelled sets hold seldom or not at all.</summary>
public sealed class PersonalDataTests
{
    [Theory]
    [InlineData("I typed my new password, amber-kite-lamp-53, without crying", "amber-kite-lamp-53")]
    [InlineData("The wifi at the retreat is \"amber-kite-9\" if you want to know", "amber-kite-9")]
    [InlineData("I lead a team and pushed the database password in plain sight, pg_Demo*1234, to a public page", "pg_Demo*1234")]
    [InlineData("Le puse de clave al banco Ejemplo1708, y ahora me da miedo", "Ejemplo1708")]
    [InlineData("la clave de mi app de conteo es pulmones2limpios por si la olvido", "pulmones2limpios")]
    [InlineData("我所有账号都用ejemplo520#当密码，要不要改", "ejemplo520#")]
    [InlineData("PIN's 1234, same as my dad's door code", "1234")]
    [InlineData("ya cambié el pin, era 1234 y mi marido lo sabía", "1234")]
    [InlineData("The alarm code at Mum's is 1234# and I went in", "1234#")]
    [InlineData("My card (security code 123) got declined", "123")]
    [InlineData("it says your code is 123 456 don't share it", "123 456")]
    [InlineData("G-123456 is what they sent me", "G-123456")]
    [InlineData("Mi vieja clave del cajón de las pastillas era 1-2-3-4.", "1-2-3-4")]
    [InlineData("您的动态码是 1 2 3 4 5 6，五分钟内有效", "1 2 3 4 5 6")]
    [InlineData("手机解锁是一二三四，我老婆偷看了", "一二三四")]
    public void secrets_go(string text, string secret) => Assert.DoesNotContain(secret, InputCleaning.Clean(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("My PPS is 1234567TA and nobody answers", "1234567TA")]
    [InlineData("My PAN, ABCDE1234F, is linked with the wrong date", "ABCDE1234F")]
    [InlineData("My passport, Z1234567, has been in three offices", "Z1234567")]
    [InlineData("mi pasaporte, el AB123456, no aparece", "AB123456")]
    [InlineData("my NRIC, S1234567D, at the clinic", "S1234567D")]
    [InlineData("The account with IFSC ABCD0123456 got frozen", "ABCD0123456")]
    [InlineData("La CLABE de mi hermana es 000000000000000000, le debo dinero", "000000000000000000")]
    [InlineData("PhilSys number ko is 0000-1111-2222-3333", "0000-1111-2222-3333")]
    [InlineData("El afiliado 00/12345678/00 soy yo", "00/12345678/00")]
    [InlineData("California DL F1234567 is suspended", "F1234567")]
    [InlineData("soy V-12.345.678, venezolano en Lima", "V-12.345.678")]
    [InlineData("A grey car, AB12 CDE, follows me home", "AB12 CDE")]
    [InlineData("Vendí el auto con patente AA 000 AA y lloré", "AA 000 AA")]
    public void numbers_of_a_person_go(string text, string number) => Assert.DoesNotContain(number, InputCleaning.Clean(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("apunta mi cel: 3.1.2.5.5.5.0.1.9.8", "3.1.2")]
    [InlineData("我号码138-0-0-0-0-0-0-0-0别外传", "138-0-0")]
    [InlineData("llamame al seis cero cero, cero cero cero, uno dos tres porfa", "seis cero")]
    [InlineData("My ex changed her number to oh seven seven double oh, nine double oh, one two three.", "double oh")]
    [InlineData("幺三八 零零零零 零零零零，这是我老公电话", "零零零零")]
    [InlineData("Me cobran de más por el alquiler de Ejemplo 1234, 2° C", "Ejemplo 1234")]
    [InlineData("Él está en Los Ejemplos 1234, Ñuñoa, y yo arriendo", "Los Ejemplos 1234")]
    [InlineData("vivo en la Cdla. Los Ejemplos, Mz. 123, Villa 4.", "Mz. 123")]
    [InlineData("I gave the driver my address, C-402, Example Apartments, Example Road, Pune 411000", "Example Apartments")]
    [InlineData("i'm in 1234 rue Exemple, Montréal QC H0H 0H0 now", "rue Exemple")]
    [InlineData("我回村里住了，四川省某某市某某县某某镇某某村4组27号，空气好", "某某村4组")]
    [InlineData("我在新加坡某某街21大牌208号#11-304租了个房间", "#11-304")]
    [InlineData("discord's mossgoblin#0000, i'm on at midnight", "mossgoblin")]
    [InlineData("Mi alias es gato.nube.termo, transferime ahí", "gato.nube.termo")]
    [InlineData("我的信箱是kevin小老鼠example.com啦", "kevin")]
    [InlineData("加我微信吧，lulu_0000，不想在这里打字", "lulu_0000")]
    public void ways_to_a_person_go(string text, string way) => Assert.DoesNotContain(way, InputCleaning.Clean(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("El vuelo AV9412 sale a las 5:10 y el AVE 03142 a las 7:30", "AV9412", "AVE 03142")]
    [InlineData("La ruta 152 pasa cada 20 minutos", "ruta 152")]
    [InlineData("验证码我给骗子了，被转走3600", "3600")]
    [InlineData("The wifi drops at 7:30pm every day", "7:30pm")]
    [InlineData("I count: one two three four five six seven eight", "one two three four five six seven eight")]
    [InlineData("我数呼吸：一，二，三，四，五，六，七，八", "一,二,三,四,五,六,七,八")]
    [InlineData("Mi contraseña no es el problema, son los 1.204 correos del 2023", "1.204", "2023")]
    [InlineData("I moved the password to 1Password on the 3rd", "1Password", "3rd")]
    [InlineData("Error code 404 again, 12 times today", "404", "12 times")]
    [InlineData("La clave está en caminar 10000 pasos, un combo de 500 calorías", "10000", "500")]
    [InlineData("The key is a combination of 500 calories and 12 weeks", "500", "12 weeks")]
    [InlineData("My code is 200000 lines and the OTP comes 3 times", "200000", "3 times")]
    [InlineData("I WANT TO RUN, GO 100 KM AT 700 AM, 20 PM 2024 NEVER", "100 KM", "700 AM", "2024")]
    [InlineData("I will dl 3 apps and 12 songs", "dl 3", "12 songs")]
    [InlineData("Soy afiliado hace 3 meses, y como afiliada 2 años", "3 meses", "2 años")]
    [InlineData("The pin board holds 24 notes", "24 notes")]
    [InlineData("书的ISBN是978-7-5000-0000-1，我找了三家书店", "978-7-5000-0000-1")]
    public void numbers_of_everyday_life_stay(string text, params string[] kept) =>
        Assert.All(kept, part => Assert.Contains(part, InputCleaning.Clean(text), StringComparison.Ordinal));
}
