using Solacore.Bench;

return args switch
{
    ["safety"] => SafetyCommand.Run(Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Commands: safety");
    return 2;
}
