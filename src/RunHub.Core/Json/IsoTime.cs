namespace RunHub.Json;

/// <summary>ISO 8601 times as they come in: <c>2025-10-28T10:14:03.8Z</c>; an offset is honoured, none means UTC.</summary>
public static class IsoTime
{
    /// <summary>First year accepted.</summary>
    public const int FirstYear = 1970;

    /// <summary>Last year accepted.</summary>
    public const int LastYear = 2200;

    /// <summary>Bytes a written time needs at most.</summary>
    public const int MaxLength = 27;

    /// <summary>Writes what <see cref="Times.ToIso"/> says, without making a string.</summary>
    /// <returns>Bytes written.</returns>
    public static int Format(long micros, Span<byte> to)
    {
        var time = new DateTime(DateTime.UnixEpoch.Ticks + micros * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);
        var (year, month, day) = time;
        Write(to, 0, 4, year);
        Write(to, 5, 2, month);
        Write(to, 8, 2, day);
        Write(to, 11, 2, time.Hour);
        Write(to, 14, 2, time.Minute);
        Write(to, 17, 2, time.Second);
        (to[4], to[7], to[10], to[13], to[16]) = ((byte)'-', (byte)'-', (byte)'T', (byte)':', (byte)':');
        var length = 19;
        var fraction = (int)(time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        if (fraction > 0)
        {
            to[19] = (byte)'.';
            Write(to, 20, 6, fraction);
            length = 26;
            while (to[length - 1] == '0') length--;
        }

        to[length] = (byte)'Z';
        return length + 1;
    }

    static void Write(Span<byte> to, int at, int digits, int value)
    {
        for (var i = at + digits - 1; i >= at; i--, value /= 10) to[i] = (byte)('0' + value % 10);
    }

    /// <summary>Reads a time; digits of the fraction beyond 100 ns are cut.</summary>
    /// <returns>Null, or what is wrong.</returns>
    public static string? TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        const string wanted = "A time such as 2025-10-28T10:14:02Z is wanted.";
        if (text.Length is < 16 or > 40 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':') return wanted;
        if (!Digits(text[..4], out var year) || !Digits(text.Slice(5, 2), out var month) || !Digits(text.Slice(8, 2), out var day)
            || !Digits(text.Slice(11, 2), out var hour) || !Digits(text.Slice(14, 2), out var minute)) return wanted;
        var rest = text[16..];
        var second = 0;
        long ticks = 0;
        if (rest.Length > 0 && rest[0] == ':')
        {
            if (rest.Length < 3 || !Digits(rest.Slice(1, 2), out second)) return wanted;
            rest = rest[3..];
            if (rest.Length > 0 && rest[0] is (byte)'.' or (byte)',')
            {
                var digits = 1;
                while (digits < rest.Length && rest[digits] is >= (byte)'0' and <= (byte)'9') digits++;
                if (digits == 1) return wanted;
                long unit = TimeSpan.TicksPerSecond / 10;
                for (var i = 1; i < digits; i++, unit /= 10) ticks += (rest[i] - '0') * unit;
                rest = rest[digits..];
            }
        }

        var offset = 0;
        if (rest.Length > 0 && rest[0] is (byte)'Z' or (byte)'z') rest = rest[1..];
        else if (rest.Length > 0 && rest[0] is (byte)'+' or (byte)'-')
        {
            var minutes = 0;
            if (rest.Length < 3 || !Digits(rest.Slice(1, 2), out var hours)) return wanted;
            if (rest.Length == 6 && rest[3] == ':' && Digits(rest.Slice(4, 2), out minutes) || rest.Length == 5 && Digits(rest.Slice(3, 2), out minutes) || rest.Length == 3)
            {
                if (hours > 14 || minutes > 59) return "The offset from UTC is out of range.";
                offset = (hours * 60 + minutes) * (rest[0] == '-' ? -1 : 1);
                rest = [];
            }
        }

        if (rest.Length > 0) return wanted;
        if (year is < FirstYear or > LastYear) return $"The year {year} is out of range; {FirstYear} to {LastYear} are accepted.";
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return "There is no such day.";
        if (hour > 23 || minute > 59 || second > 59) return "There is no such time of day.";
        var utc = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddTicks(ticks).AddMinutes(-offset);
        if (utc.Ticks < DateTime.UnixEpoch.Ticks) return $"The time is before {FirstYear}.";
        time = new DateTimeOffset(utc);
        return null;
    }

    static bool Digits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (var b in text)
        {
            if (b is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + b - '0';
        }

        return true;
    }
}
