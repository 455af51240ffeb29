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
    case ["trace", var folder]:
        await TraceCommand.RunAsync(folder);
        return 0;
    default:
        await Console.Error.WriteLineAsync("Commands: safety, replies, queue, trace FOLDER");
        return 2;
}
