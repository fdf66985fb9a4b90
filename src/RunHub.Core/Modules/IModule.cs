using Quartz;
using RunHub.Modules.Slots;

namespace RunHub.Modules;

/// <summary>
/// A vertical slice of the product: one folder under <c>modules/</c> and one line in <c>Program.cs</c>. Built-in and
/// listed by hand; third parties write plugins instead.
/// </summary>
public interface IModule
{
    /// <summary>Section of its configuration, prefix of its tables, and key of its navigation entries; lower case.</summary>
    string Name { get; }

    /// <summary>Adds its services. <paramref name="section"/> is the configuration section called <see cref="Name"/>.</summary>
    void AddServices(IServiceCollection services, IConfiguration section);

    /// <summary>Maps its endpoints; every one carries an <see cref="Access.AccessAttribute"/>. Razor pages are mapped by the host.</summary>
    void Map(IEndpointRouteBuilder app);

    /// <summary>Hangs things into places other modules own.</summary>
    void AddSlots(SlotBuilder slots) { }

    /// <summary>Adds its background jobs.</summary>
    void AddJobs(IQuartzBuilder jobs) { }
}
