namespace RunHub.Ui;

/// <summary>The texts of the frame around every page: navigation, header, status names, formats, errors.</summary>
public sealed class UiTexts;
