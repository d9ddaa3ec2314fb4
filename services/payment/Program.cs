await Marketplace.Payment.PaymentService.Build(args).RunAsync();
