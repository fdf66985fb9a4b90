using RunHub;

await using var app = HubHost.Build(HubHost.Modules, args);
await app.RunAsync();
