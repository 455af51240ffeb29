using Solacore.LocalHost;

using var signals = new StopSignals();
try
{
    var environment = ServiceEnvironment.Read();
    var options = LocalSystemOptions.Parse(args, environment);
    return await LocalSystem.RunAsync(options, environment, Terminal.Open(), signals);
}
catch (ServiceFailedException failure)
{
    await Console.Error.WriteLineAsync(failure.Message);
    return 1;
}
