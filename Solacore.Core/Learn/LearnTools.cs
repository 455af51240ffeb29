namespace Solacore.Core.Learn;

/// <summary>One study technique as clients show it.</summary>
/// <param name="Id">Stable name on the wire and in the database.</param>
/// <param name="EstimatedMinutes">How long one use takes.</param>
/// <param name="Scenarios">What it is good for, as labels.</param>
public sealed record LearnTool(string Id, string Name, string Description, int EstimatedMinutes, IReadOnlyList<string> Scenarios);

/// <summary>The ten study techniques, in the order of a deep plan (contract/http-api.md 13.3).</summary>
public static class LearnTools
{
    public static readonly IReadOnlyList<LearnTool> All =
    [
        new("pareto", "80/20原则", "先找出最关键的那两成内容，把力气用在回报最大的地方。", 5, ["快速入门", "制定学习计划", "抓住重点"]),
        new("feynman", "费曼学习法", "用最简单的话讲给外行听，讲不下去的地方就是要补的地方。", 8, ["理解概念", "自我检查", "复述输出"]),
        new("chunking", "分块学习法", "把复杂的内容拆成小块，一次只消化一两个要点。", 10, ["复杂主题", "系统学习", "减轻负担"]),
        new("dual_coding", "双编码理论", "文字配上图像或流程，让大脑同时记住两条线索。", 8, ["加强记忆", "流程梳理", "抽象概念"]),
        new("interleaving", "主题交叉法", "把新知识和熟悉的领域放在一起比较，看出相同与不同。", 10, ["跨领域理解", "建立联系", "知识迁移"]),
        new("retrieval", "检索练习", "合上资料先自己回想，想起来的过程就是在加固记忆。", 6, ["复习巩固", "考前自测", "短期记忆"]),
        new("spaced", "艾宾浩斯复习", "赶在遗忘之前复习，间隔一次比一次长。", 4, ["长期记忆", "学习计划", "复习提醒"]),
        new("grow", "GROW模型", "从目标、现状、选择到行动，把想学变成下一步。", 10, ["制定学习计划", "落实行动", "设定目标"]),
        new("socratic", "苏格拉底提问", "用一连串问题检验自己的想法，越问越清楚。", 10, ["批判性思考", "澄清概念", "深入理解"]),
        new("error_driven", "错误驱动学习", "先动手试，再从错误里弄明白为什么。", 8, ["技能训练", "解题练习", "纠正错误"]),
    ];

    public static bool Exists(string id) => All.Any(tool => tool.Id == id);
}
