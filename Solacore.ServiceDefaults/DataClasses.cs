using Microsoft.Extensions.Compliance.Classification;

namespace Solacore.ServiceDefaults;

/// <summary>Marks a logged parameter that belongs to a person: erased before any log sees it.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class PersonalDataAttribute() : DataClassificationAttribute(new DataClassification("Solacore", "PersonalData"));

/// <summary>Marks a logged parameter that opens a door: erased before any log sees it.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property | AttributeTargets.Field)]
public sealed class SecretAttribute() : DataClassificationAttribute(new DataClassification("Solacore", "Secret"));
