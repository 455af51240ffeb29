namespace Solacore.Core.Jobs;

/// <summary>Order inside a lane; lower runs first.</summary>
public enum JobPriority : short
{
    Urgent = 0,
    Normal = 1,
    Low = 2,
}
