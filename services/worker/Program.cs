using Marketplace.Platform;
using Marketplace.Worker;

await using var app = WorkerService.Build(args);
return await app.RunOrTellAgain(args, Tellings.All);
