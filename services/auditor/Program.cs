using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Receipts;
using Marketplace.Auditor.Verify;
using Marketplace.Auditor.Witness;
using Spectre.Console.Cli;

var app = new CommandApp();
app.Configure(auditor =>
{
    auditor.SetApplicationName("auditor");
    auditor.AddCommand<VerifyCommand>("verify").WithDescription("Check the whole ledger: signature, history, every sum and every pay.");
    auditor.AddCommand<ReceiptCommand>("receipt").WithDescription("Check one line of a payslip, offline.");
    auditor.AddCommand<WitnessCommand>("witness").WithDescription("Sign what the log shows, as long as it only grows.");
    auditor.AddCommand<EvidenceCommand>("evidence").WithDescription("Check, offline, a file that shows two histories signed by one log.");
});
return await app.RunAsync(args);
