namespace Marketplace.Platform.Accounts;

/// <summary>
/// Passwords that are tried first because so many people have them (NIST SP 800-63B, 3.1.1.2): a common word dressed up with digits, signs or a capital, a run along the
/// keyboard, one or two characters repeated.
/// </summary>
internal static class PasswordBlocklist
{
    private static readonly string[] Runs =
    [
        "abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
        "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujmikolp", "147258369", "123qweasdzxc", "aabbccddeeffgghh",
    ];

    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "password", "passwort", "passwd", "motdepasse", "contrasena", "kennwort", "qwerty", "qwertz", "azerty", "letmein", "welcome", "willkommen", "iloveyou", "ichliebedich",
        "princess", "dragon", "monkey", "sunshine", "football", "baseball", "superman", "batman", "master", "shadow", "michael", "jennifer", "jordan", "charlie", "hunter",
        "trustno", "whatever", "freedom", "starwars", "pokemon", "computer", "internet", "google", "facebook", "samsung", "liverpool", "chelsea", "arsenal", "barcelona",
        "test", "testing", "tester", "testtest", "admin", "administrator", "root", "guest", "user", "login", "changeme", "default", "secret", "hello", "hallo", "helloworld",
        "passwordpassword", "abc", "abcd", "qwe", "asd", "asdf", "zxcvbn", "aaa", "love", "lovely", "summer", "winter", "spring", "autumn", "sommer", "marketplace", "worker",
        "requester", "correcthorsebatterystaple", "opensesame", "mypassword", "thisisapassword", "iamthebest", "mustang", "cheese", "banana", "flower", "ginger", "killer",
    };

    /// <summary>Whether a guesser would try it among the first.</summary>
    internal static bool Holds(string password)
    {
        var plain = password.ToLowerInvariant();
        return plain.Distinct().Count() <= 3 || IsRun(plain) || IsWord(plain) || IsWord(Undressed(plain));
    }

    private static bool IsRun(string plain)
    {
        var reversed = new string(plain.Reverse().ToArray());
        return Runs.Any(run => (run + run).Contains(plain, StringComparison.Ordinal) || (run + run).Contains(reversed, StringComparison.Ordinal));
    }

    /// <summary>A word, once or twice, or a run, with a few digits and signs around it or a run of them.</summary>
    private static bool IsWord(string plain)
    {
        var core = plain.Trim([.. plain.Where(c => !char.IsLetter(c))]);
        var half = core[..(core.Length / 2)];
        return core.Length >= 3
            && (Words.Contains(core) || IsRun(core) || (core == half + half && Words.Contains(half)))
            && (plain.Length - core.Length <= 6 || IsRun(plain.Replace(core, "", StringComparison.Ordinal)));
    }

    private static string Undressed(string plain) =>
        string.Concat(plain.Select(c => c switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', _ => c }));
}
