await Marketplace.Requester.RequesterService.Build(args).RunAsync();
