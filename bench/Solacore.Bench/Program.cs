using Solacore.Bench;

switch (args)
{
    case ["safety"]:
        return SafetyCommand.Run(Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error);
    case ["safety-speed"]:
        SafetySpeed.Run();
        return 0;
    case ["learn", .. var topics]:
        WeightLearning.Run(topics);
        return 0;
    case ["replies", .. var options]:
        return await ReplyBench.RunAsync(options);
    case ["streams", .. var options]:
        return await StreamBench.RunAsync(options);
    case ["conversations", .. var options]:
        return await ConversationBench.RunAsync(options);
    case ["start", .. var options]:
        return await StartBench.RunAsync(options);
    case ["queue", .. var options]:
        return await QueueBench.RunAsync(options);
    case ["webhooks", .. var options]:
        return await WebhookBench.RunAsync(options);
    case ["bare", var port]:
        await BareEndpoint.RunAsync(port);
        return 0;
    case ["direct", var port]:
        await DirectEndpoint.RunAsync(port);
        return 0;
    case ["answering", var port]:
        await AnsweringEndpoint.RunAsync(port);
        return 0;
    case ["api", .. var options]:
        return await ApiBench.RunAsync(options);
    case ["me"]:
        await MeBench.RunAsync();
        return 0;
    case ["fuzz"]:
        return await FuzzCommand.RunAsync(100_000);
    case ["fuzz", var count] when int.TryParse(count, System.Globalization.CultureInfo.InvariantCulture, out var requests) && requests >= 10:
        return await FuzzCommand.RunAsync(requests);
    case ["traces"]:
        await TracePictures.RunAsync();
        return 0;
    case ["lists"]:
        await ListsBench.RunAsync();
        return 0;
    case ["faults", .. var options]:
        return await FaultsCommand.RunAsync(options);
    case ["soak", .. var options]:
        return await SoakCommand.RunAsync(options);
    case ["reminders", .. var options]:
        return await RemindersCommand.RunAsync(options);
    default:
        await Console.Error.WriteLineAsync("Commands: safety, safety-speed, learn [topics], replies, streams, conversations, start, queue, webhooks, api, me, lists, fuzz [requests], faults, soak, reminders, traces");
        return 2;
}
