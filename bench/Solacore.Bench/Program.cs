using Solacore.Bench;

switch (args)
{
    case ["safety"]:
        return SafetyCommand.Run(Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error);
    case ["replies"]:
        await ReplyBench.RunAsync();
        return 0;
    case ["queue"]:
        await QueueBench.RunAsync();
        return 0;
    case ["lists"]:
        await ListsBench.RunAsync();
        return 0;
    default:
        await Console.Error.WriteLineAsync("Commands: safety, replies, queue, lists");
        return 2;
}
