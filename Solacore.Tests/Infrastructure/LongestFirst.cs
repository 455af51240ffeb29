using Solacore.Tests.Faults;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Ops;
using Solacore.Tests.Scenarios;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace Solacore.Tests.Infrastructure;

/// <summary>Starts the classes that take minutes first, so that no core waits for the last of them at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] Longest = [typeof(FaultTests), typeof(ReplyScenarios), typeof(RollingRestartTests), typeof(WebhookScenarios)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Array.FindIndex(Longest, type => collection.TestCollectionDisplayName.Contains(type.FullName!, StringComparison.Ordinal)) is var place and >= 0 ? place : Longest.Length)];
}
