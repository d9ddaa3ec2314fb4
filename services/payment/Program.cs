using Marketplace.Payment;
using Marketplace.Payment.Policy;

await using var app = PaymentService.Build(args);
if (PolicyCommands.Know(args))
    return await PolicyCommands.Run(args, app.Services, Console.Out, Console.Error, CancellationToken.None);

await app.RunAsync();
return 0;
