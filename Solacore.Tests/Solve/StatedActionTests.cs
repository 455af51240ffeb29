using Solacore.Core.Data;
using Solacore.Core.Solve;
using Solacore.Tests.Safety;

namespace Solacore.Tests.Solve;

/// <summary>Which messages at step commit complete the session (contract/domain.md 4).</summary>
public sealed class StatedActionTests
{
    [Theory]
    [InlineData("I will write the first paragraph")]
    [InlineData("call my sister")]
    [InlineData("Run")]
    [InlineData("anything")]
    [InlineData("Open the document and write one line.")]
    [InlineData("I don't know, maybe call my sister")]
    [InlineData("I'm not sure, but I could send one mail")]
    [InlineData("I can't do much but I'll tidy my desk")]
    [InlineData("Ok, I will call her at five")]
    [InlineData("I'll send the mail, ok?")]
    [InlineData("What a day! I will take a walk.")]
    [InlineData("Should I call? I will call.")]
    [InlineData("Option B: ask my boss for one more day")]
    [InlineData("Voy a llamar a mi jefe")]
    [InlineData("llamar al banco")]
    [InlineData("No sé, quizás escribir una lista")]
    [InlineData("Escribiré a Ana esta tarde.")]
    [InlineData("先写第一段")]
    [InlineData("跑步十分钟")]
    [InlineData("不知道，也许可以给妈妈打电话")]
    [InlineData("今天给老板发邮件")]
    [InlineData("I will not drink tonight")]
    [InlineData("I won't open email before noon")]
    [InlineData("Nothing big, just clean my desk")]
    [InlineData("not today, tomorrow morning I'll call him")]
    [InlineData("No quiero posponerlo más: hoy llamo al banco")]
    [InlineData("nada de pantallas después de las diez")]
    [InlineData("salir a caminar diez minutos")]
    [InlineData("I am going to apologise to her")]
    [InlineData("stop at 6pm")]
    [InlineData("Tomorrow 7am: run")]
    [InlineData("Can I just write one line?")]
    [InlineData("What if I just text her?")]
    [InlineData("¿y si le escribo un mensaje?")]
    [InlineData("要不我先写个提纲？")]
    [InlineData("A, I'll call her tonight")]
    [InlineData("I'm scared but I will call him")]
    public void a_statement_completes(string text)
    {
        var decision = SolveEngine.Decide(SolveWalk.Input(SolveStep.Commit, text));

        Assert.Equal((true, text), (decision.Completes, decision.FirstStepAction));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("...")]
    [InlineData("👍")]
    [InlineData("?")]
    [InlineData("ok")]
    [InlineData("Thanks!")]
    [InlineData("hello")]
    [InlineData("B")]
    [InlineData("the second one")]
    [InlineData("A mix of A and C")]
    [InlineData("a y c")]
    [InlineData("A和C一起")]
    [InlineData("I don't know")]
    [InlineData("I don’t know what to do.")]
    [InlineData("i dont know")]
    [InlineData("idk")]
    [InlineData("No idea, sorry")]
    [InlineData("I'm not sure")]
    [InlineData("I can't do this")]
    [InlineData("nothing")]
    [InlineData("I feel terrible")]
    [InlineData("I'm too tired")]
    [InlineData("I don't know what to do, everything is too much")]
    [InlineData("What should I do?")]
    [InlineData("what should i do")]
    [InlineData("How could I begin? Which one is best?")]
    [InlineData("no sé")]
    [InlineData("No lo sé, la verdad.")]
    [InlineData("ni idea")]
    [InlineData("no puedo")]
    [InlineData("¿Qué debería hacer?")]
    [InlineData("que debo hacer")]
    [InlineData("gracias")]
    [InlineData("la segunda")]
    [InlineData("Estoy muy cansada")]
    [InlineData("不知道")]
    [InlineData("我不知道该做什么。")]
    [InlineData("没想好")]
    [InlineData("我太累了")]
    [InlineData("好的")]
    [InlineData("谢谢你")]
    [InlineData("我该怎么办？")]
    [InlineData("怎么开始")]
    [InlineData("这样可以吗")]
    [InlineData("我该怎么做")]
    [InlineData("请告诉我")]
    [InlineData("Will this help, yes or no?")]
    [InlineData("Tell me what to do")]
    [InlineData("dime tú")]
    [InlineData("he hit me again")]
    [InlineData("I'm crying right now")]
    [InlineData("I already tried that")]
    [InlineData("these don't work for me")]
    [InlineData("I need to think")]
    [InlineData("both sound good")]
    [InlineData("A sounds best to me")]
    [InlineData("I want to change my goal")]
    [InlineData("fuck you, this is bullshit")]
    [InlineData("good night")]
    [InlineData("tengo miedo")]
    [InlineData("ya lo intenté")]
    [InlineData("necesito pensarlo")]
    [InlineData("quiero cambiar mi objetivo")]
    [InlineData("me duele la cabeza")]
    [InlineData("我害怕")]
    [InlineData("我妈病了")]
    [InlineData("让我想想")]
    [InlineData("晚安")]
    [InlineData("我想换个目标")]
    [InlineData("I'm going to fail")]
    [InlineData("I'll never manage")]
    [InlineData("I'm going to panic")]
    [InlineData("voy a fracasar")]
    [InlineData("voy a decepcionar a todos")]
    [InlineData("我会失败的")]
    [InlineData("我会搞砸")]
    [InlineData("say that again")]
    [InlineData("another topic please")]
    [InlineData("repite, por favor")]
    [InlineData("再说一遍")]
    [InlineData("换个话题")]
    [InlineData("I'm scared")]
    [InlineData("I'm really scared.")]
    [InlineData("estoy asustada")]
    [InlineData("我好害怕")]
    [InlineData("What if I fail?")]
    [InlineData("Can I stop now?")]
    [InlineData("¿Y si no me contesta?")]
    [InlineData("要不要辞职？")]
    [InlineData("Actually I'd rather do A")]
    [InlineData("let's do the first one then")]
    [InlineData("option A I guess")]
    [InlineData("go with B")]
    [InlineData("I'll go with the first one")]
    [InlineData("me quedo con la A")]
    [InlineData("voy con la C")]
    [InlineData("mejor hago la B")]
    [InlineData("就A吧")]
    [InlineData("那就B")]
    [InlineData("先做第一个")]
    public void a_question_a_refusal_and_small_talk_do_not(string text)
    {
        var decision = SolveEngine.Decide(SolveWalk.Input(SolveStep.Commit, text));

        Assert.Equal((false, null, SessionStatus.Active), (decision.Completes, decision.FirstStepAction, decision.Status));
    }

    // Nothing was learned from this set, a third of which is meant to mislead.
    [Theory]
    [InlineData("en")]
    [InlineData("es")]
    [InlineData("zh")]
    public void most_actions_are_heard_and_little_else_is_taken_for_one(string language)
    {
        var rows = LabelledRow.Read("stated-action").Where(row => row.Lang == language).ToLookup(row => row.Action);
        double Share(bool isAction) => rows[isAction].Average(row => StatedAction.In(row.Text) is null ? 0.0 : 1.0);
        Console.Out.WriteLine(FormattableString.Invariant($"action | {language} heard {Share(true):P1} | something else taken for one {Share(false):P1}"));

        Assert.InRange(Share(true), 0.85, 1);
        Assert.InRange(Share(false), 0, 0.13);
    }

    [Fact]
    public void a_very_long_action_is_cut()
    {
        var decision = SolveEngine.Decide(SolveWalk.Input(SolveStep.Commit, string.Concat(Enumerable.Repeat("write a line ", 300))));

        Assert.Equal(500, decision.FirstStepAction!.Length);
    }
}
