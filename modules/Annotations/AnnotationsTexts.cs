namespace RunHub.Annotations;

/// <summary>The texts of annotations, mentions and decisions.</summary>
public sealed class AnnotationsTexts;
