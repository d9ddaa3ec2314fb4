using Marketplace.Payment;
using Marketplace.Payment.Payouts;
using Marketplace.Payment.Policy;
using Marketplace.Platform;

await using var app = PaymentService.Build(args);
if (PolicyCommands.Know(args))
    return await PolicyCommands.Run(args, app.Services, Console.Out, Console.Error, CancellationToken.None);
if (PayoutCommands.Know(args))
    return await PayoutCommands.Run(args, app.Services, Console.Out, Console.Error, CancellationToken.None);

return await app.RunOrTellAgain(args, Tellings.All);
