using Marketplace.Platform;
using Marketplace.Requester;

await using var app = RequesterService.Build(args);
return await app.RunOrTellAgain(args, Tellings.All);
