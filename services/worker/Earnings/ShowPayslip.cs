using Marketplace.Contracts;
using Marketplace.Ui;

namespace Marketplace.Worker.Earnings;

/// <summary>A payslip's line in words.</summary>
internal static class ShowPayslip
{
    /// <summary>What is unusual about the line, in a few words; null where nothing is.</summary>
    internal static string? Tag(this PayslipLine line, Show show) => line.End switch
    {
        AssignmentEnd.Submitted => line.Credit.Granted > Duration.Zero ? $"{show.SpanText(line.Credit.Granted.Ms)} you added" : null,
        AssignmentEnd.Returned => Unsubmitted("Returned", line),
        AssignmentEnd.Expired => Unsubmitted("Expired", line),
        _ => Unsubmitted("Reported broken", line),
    };

    /// <summary>The reason for every second that was not credited.</summary>
    internal static string WhyNot(this PayslipLine line, Show show)
    {
        var (credit, reasons) = (line.Credit, new List<string>());
        if (credit.OverLimit > Duration.Zero)
            reasons.Add($"{show.SpanExactText(credit.OverLimit.Ms)} over its time limit of {show.SpanText(line.Cap.Ms)}.");
        if (credit.Silence > Duration.Zero)
        {
            reasons.Add(line.End == AssignmentEnd.Expired
                ? $"{show.SpanExactText(credit.Silence.Ms)} without a sign of work, until it expired."
                : $"nothing was typed, clicked or scrolled for long. The first {show.SpanText(line.Assignment.IdleMs)} of such a silence count in this job"
                    + (credit.Granted > Duration.Zero ? $", and {show.SpanText(credit.Granted.Ms)} that you added" : "")
                    + $". {show.SpanExactText(credit.Silence.Ms)} remain.");
        }

        if (credit.UnderGrace > Duration.Zero)
            reasons.Add($"it ended without an answer after {show.SpanExactText(credit.UnderGrace.Ms)}. Time without an answer is paid from {show.SpanText(line.Grace.Ms)} on.");
        if (credit.OverAllowance > Duration.Zero)
            reasons.Add($"{show.SpanExactText(credit.OverAllowance.Ms)} without an answer, more than was left of the allowance.");
        return string.Join(" ", reasons);
    }

    private static string Unsubmitted(string what, PayslipLine line) =>
        line.Credited > Duration.Zero ? what + ", from allowance" : line.Credit.UnderGrace > Duration.Zero ? what + " at once" : what;
}
