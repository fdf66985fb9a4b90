using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace RunHub.Plugins;

/// <summary>How a setting is entered.</summary>
public enum SettingsFieldKind
{
    /// <summary>One line.</summary>
    Text,

    /// <summary>Several lines (<c>[DataType(DataType.MultilineText)]</c>).</summary>
    LongText,

    /// <summary>A web address.</summary>
    Url,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Switch,

    /// <summary>One of <see cref="SettingsField.Options"/>.</summary>
    Choice,
}

/// <summary>One setting as a form shows it.</summary>
/// <param name="Name">Property and form field.</param>
/// <param name="Label">In the reader's language where the plugin has it.</param>
/// <param name="Description">Below the field; null: nothing.</param>
/// <param name="Kind">How it is entered.</param>
/// <param name="Value">As text, invariant culture.</param>
public sealed record SettingsField(string Name, string Label, string? Description, SettingsFieldKind Kind, string Value)
{
    /// <summary>Must not be empty.</summary>
    public bool Required { get; init; }

    /// <summary>Least value, invariant culture.</summary>
    public string? Min { get; init; }

    /// <summary>Greatest value, invariant culture.</summary>
    public string? Max { get; init; }

    /// <summary>Characters allowed.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What may be chosen.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}

/// <summary>What is wrong with a posted setting.</summary>
/// <param name="Name">Property.</param>
/// <param name="Problem">Key of a text: <c>Required, NotAWhole, NotANumber, NotAUrl, NotAChoice, Range, TooLong, TooShort, Custom</c>.</param>
/// <param name="Arguments">For the text.</param>
public sealed record SettingsFault(string Name, string Problem, params object[] Arguments);

/// <summary>
/// A settings class as a form: its fields, and the way from posted text to an instance. Runs attributes of the plugin, so
/// it is called where the plugin's time is limited.
/// </summary>
public static class SettingsForm
{
    /// <summary>Refuses a class whose properties no form can show.</summary>
    /// <exception cref="PluginLoadException">Names the property.</exception>
    public static void Check(Type settings)
    {
        foreach (var property in Properties(settings))
        {
            if (KindOf(property) is null) throw new PluginLoadException($"{settings.Name}.{property.Name} is a {property.PropertyType.Name}; settings are string, bool, int, long, double, decimal, an enum, or Uri.");
        }
    }

    /// <summary>The fields with the values of <paramref name="current"/>.</summary>
    public static IReadOnlyList<SettingsField> Fields(object current) => [.. Properties(current.GetType()).Select(property =>
    {
        var display = property.GetCustomAttribute<DisplayAttribute>();
        var range = property.GetCustomAttribute<RangeAttribute>();
        var type = Bare(property);
        return new SettingsField(
            property.Name,
            display?.GetName() ?? property.GetCustomAttribute<DisplayNameAttribute>()?.DisplayName ?? property.Name,
            display?.GetDescription() ?? property.GetCustomAttribute<DescriptionAttribute>()?.Description,
            KindOf(property)!.Value,
            ToText(property.GetValue(current)))
        {
            Required = property.IsDefined(typeof(RequiredAttribute)) || type.IsValueType && Nullable.GetUnderlyingType(property.PropertyType) is null && type != typeof(bool),
            Min = range is null ? null : ToText(range.Minimum),
            Max = range is null ? null : ToText(range.Maximum),
            MaxLength = property.GetCustomAttribute<StringLengthAttribute>()?.MaximumLength ?? property.GetCustomAttribute<MaxLengthAttribute>()?.Length,
            Options = type.IsEnum ? Enum.GetNames(type) : [],
        };
    })];

    /// <summary>An instance with stored values; a value that no longer fits is left at the class's own.</summary>
    public static object FromStored(Type settings, IReadOnlyDictionary<string, string> values)
    {
        var instance = Activator.CreateInstance(settings)!;
        foreach (var property in Properties(settings))
        {
            if (values.TryGetValue(property.Name, out var text) && TryConvert(property, text, out var value) is null) property.SetValue(instance, value);
        }

        return instance;
    }

    /// <summary>An instance from posted text, with everything that is wrong with it.</summary>
    /// <param name="settings">The class.</param>
    /// <param name="posted">By property; a property that is not there is empty.</param>
    public static (object Instance, IReadOnlyDictionary<string, string> Values, IReadOnlyList<SettingsFault> Faults) FromPosted(Type settings, IReadOnlyDictionary<string, string> posted)
    {
        var instance = Activator.CreateInstance(settings)!;
        var faults = new List<SettingsFault>();
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in Properties(settings))
        {
            var text = posted.GetValueOrDefault(property.Name, "").Trim();
            if (TryConvert(property, text, out var value) is { } fault) faults.Add(fault);
            else
            {
                property.SetValue(instance, value);
                values[property.Name] = ToText(value);
                foreach (var rule in property.GetCustomAttributes<ValidationAttribute>())
                {
                    if (rule.GetValidationResult(value, new ValidationContext(instance) { MemberName = property.Name, DisplayName = property.Name }) is { } refusal) faults.Add(Explain(property, rule, refusal));
                }
            }
        }

        if (faults.Count == 0 && instance is IValidatableObject whole)
        {
            foreach (var refusal in whole.Validate(new ValidationContext(instance)))
                faults.Add(new SettingsFault(refusal.MemberNames.FirstOrDefault() ?? "", "Custom", refusal.ErrorMessage ?? ""));
        }

        return (instance, values, faults);
    }

    static SettingsFault Explain(PropertyInfo property, ValidationAttribute rule, ValidationResult refusal) => rule switch
    {
        RequiredAttribute => new(property.Name, "Required"),
        RangeAttribute range => new(property.Name, "Range", ToText(range.Minimum), ToText(range.Maximum)),
        StringLengthAttribute { MinimumLength: > 0 } length => new(property.Name, "Length", length.MinimumLength, length.MaximumLength),
        StringLengthAttribute length => new(property.Name, "TooLong", length.MaximumLength),
        MaxLengthAttribute length => new(property.Name, "TooLong", length.Length),
        UrlAttribute => new(property.Name, "NotAUrl"),
        _ => new(property.Name, "Custom", refusal.ErrorMessage ?? ""),
    };

    static SettingsFault? TryConvert(PropertyInfo property, string text, out object? value)
    {
        value = null;
        var type = Bare(property);
        if (type == typeof(bool))
        {
            value = text is "true" or "True" or "on";
            return null;
        }

        if (text.Length == 0)
        {
            if (!type.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null) return null;
            return new SettingsFault(property.Name, "Required");
        }

        var invariant = CultureInfo.InvariantCulture;
        if (type == typeof(string)) value = text;
        else if (type == typeof(Uri)) value = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
        else if (type.IsEnum) value = Enum.GetNames(type).Contains(text, StringComparer.Ordinal) ? Enum.Parse(type, text) : null;
        else if (type == typeof(int)) value = int.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var n) ? n : null;
        else if (type == typeof(long)) value = long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var n) ? n : null;
        else if (type == typeof(double)) value = double.TryParse(text, NumberStyles.Float, invariant, out var n) && double.IsFinite(n) ? n : null;
        else if (type == typeof(decimal)) value = decimal.TryParse(text, NumberStyles.Float, invariant, out var n) ? n : null;
        return value is not null ? null : new SettingsFault(property.Name, KindOf(property) switch
        {
            SettingsFieldKind.Whole => "NotAWhole",
            SettingsFieldKind.Number => "NotANumber",
            SettingsFieldKind.Choice => "NotAChoice",
            _ => "NotAUrl",
        });
    }

    static SettingsFieldKind? KindOf(PropertyInfo property)
    {
        var type = Bare(property);
        if (type == typeof(string))
        {
            return property.GetCustomAttribute<DataTypeAttribute>()?.DataType == DataType.MultilineText ? SettingsFieldKind.LongText
                : property.IsDefined(typeof(UrlAttribute)) ? SettingsFieldKind.Url : SettingsFieldKind.Text;
        }

        if (type == typeof(Uri)) return SettingsFieldKind.Url;
        if (type == typeof(bool)) return SettingsFieldKind.Switch;
        if (type == typeof(int) || type == typeof(long)) return SettingsFieldKind.Whole;
        if (type == typeof(double) || type == typeof(decimal)) return SettingsFieldKind.Number;
        return type.IsEnum ? SettingsFieldKind.Choice : null;
    }

    static Type Bare(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    static string ToText(object? value) => value switch
    {
        null => "",
        bool b => b ? "true" : "false",
        Uri uri => uri.OriginalString,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    static IEnumerable<PropertyInfo> Properties(Type settings) => settings.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p is { CanRead: true, CanWrite: true } && p.GetIndexParameters().Length == 0).OrderBy(p => p.MetadataToken);
}
