await Marketplace.Worker.WorkerService.Build(args).RunAsync();
