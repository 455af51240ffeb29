using Solacore.Core.Settings;

namespace Solacore.Core.Safety;

/// <summary>Where an operator's helplines come from.</summary>
public static class CrisisSettings
{
    /// <summary>Reads the built-in helplines and those of the file <c>CRISIS_RESOURCES_FILE</c>, when it is set, over them.</summary>
    public static CrisisResources Read(SettingsReader reader)
    {
        var file = reader.Text("CRISIS_RESOURCES_FILE");
        try
        {
            return CrisisResources.Load(file.Length > 0 ? file : null);
        }
        catch (InvalidDataException e)
        {
            reader.Fail("CRISIS_RESOURCES_FILE", "is not usable: " + e.Message);
            return CrisisResources.Load(operatorFile: null);
        }
    }
}
