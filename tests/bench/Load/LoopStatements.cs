using Marketplace.Worker.Assignments;

namespace Marketplace.Bench.Load;

/// <summary>
/// The statements of one loop as pgbench runs them: the transaction of a submit that claims the next task, and what the work page reads. The events
/// lie in the outbox, since nobody relays them here.
/// </summary>
internal sealed class LoopStatements(Bench bench)
{
    private const int AnswersEach = 400;
    private const int People = 20;

    private readonly string _script = Script();
    private int _run;
    private int _first;

    internal async Task<Sample> Run(int workers, TimeSpan stretch)
    {
        var first = _first;
        _first += workers * People;
        return await bench.Pgbench.Run(
            ScratchWorker.Name, ScratchWorker.Service, _script, workers, stretch, ("n", 0), ("seat", -1), ("run", ++_run), ("first", first));
    }

    private static string Script()
    {
        var end = Rows.ClaimSql.Values();
        end["AssignmentId"] = Statements.Uuid(":id");
        var next = Rows.ClaimSql.Values();
        next["AssignmentId"] = Statements.Uuid(":next");
        return $$"""
            \set n :n + 1
            \set now_seat :n / {{AnswersEach}}
            \set w :first + :client_id * {{People}} + :now_seat
            \set id (:run * 64 + :client_id) * 10000000 + :n + :now_seat
            \set next :id + 1
            \if :seat <> :now_seat
            \set seat :now_seat
            begin;
            {{Claim(end)}}
            {{SaveWorker(end)}}
            commit;
            \endif
            begin;
            {{Of(typeof(PersonQueries), "SelectWorker", end)}}
            {{Of(typeof(AssignmentQueries), "SelectAssignment", end)}}
            {{Of(typeof(SubmitAnswer), "SelectAround", end)}}
            {{Of(typeof(TakeTask), "SelectJobOfAssignment", end)}}
            {{Claim(next)}}
            {{SaveWorker(next)}}
            {{Of(typeof(EndAssignment), "InsertEnd", end)}}
            {{AddEvent("TaskCompleted")}}
            {{AddEvent("AnswerSubmitted")}}
            commit;
            {{Of(typeof(WorkQueries), "SelectWork", next)}}
            {{Of(typeof(AssignmentQueries), "SelectAssignment", next)}}
            {{Of(typeof(PersonQueries), "SelectUnlocked", next)}}
            """;
    }

    private static string Claim(Dictionary<string, string> values) => Statements.Fill(
        Rows.ClaimSql.FromCursor(Statements.Of(typeof(TakeTask), "TakeAhead")), values);

    private static string SaveWorker(Dictionary<string, string> values)
    {
        var row = new Dictionary<string, string>(values) { ["WindowFrom"] = "now() - interval '1 day'" };
        foreach (var sum in new[] { "WindowCreditedMs", "WindowSubmittedMs", "WindowAllowanceUsedMs", "SessionTasks", "SessionPayMicros", "SessionCreditedMs" })
            row[sum] = "1000";
        return Of(typeof(PersonQueries), "UpdateWorker", row);
    }

    private static string Of(Type type, string name, Dictionary<string, string> values)
    {
        var more = new Dictionary<string, string>(values)
        {
            ["Now"] = "now()",
            ["Before"] = "now() - interval '1 day'",
            ["End"] = "'submitted'",
            ["EndedAt"] = "now()",
            ["ActiveMs"] = "10",
            ["AskedMs"] = "0",
            ["UnseenMs"] = "0",
            ["AllowanceLeftMs"] = "300000",
            ["CreditedMs"] = "10",
            ["AllowanceUsedMs"] = "0",
            ["PayMicros"] = "40000",
            ["Answer"] = "'{\"label\": \"neither\"}'",
            ["NextAssignmentId"] = Statements.Uuid(":next"),
            ["NextRefusal"] = "null",
        };
        foreach (var (key, value) in values)
            more[key] = value;
        return Statements.Fill(Statements.Of(type, name), more);
    }

    private static string AddEvent(string name) =>
        $$"""insert into outbox (event, body) values ('{{name}}', jsonb_build_object('assignmentId', :id::bigint, 'jobId', '{{ScratchWorker.Job}}', 'workerId', :w::bigint, 'end', 'submitted', 'termsVersion', 1, 'claimedAt', now(), 'endedAt', now(), 'activeMs', 10, 'unseenMs', 0, 'allowanceLeftMs', 300000));""";
}
