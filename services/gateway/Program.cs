await Marketplace.Gateway.GatewayService.Build(args).RunAsync();
