using System.Globalization;
using System.Text;
using Npgsql;

namespace Solacore.Tests.Infrastructure;

/// <summary>
/// Fills every table that belongs to a person, whatever tables there are: found in the database's own catalogue by the
/// keys that delete with the person. Each value can be recognised afterwards.
/// </summary>
internal sealed class EveryTable
{
    // Columns whose values the database or the reading code restricts.
    private static readonly Dictionary<string, object?> Restricted = new(StringComparer.Ordinal)
    {
        ["users.is_active"] = true,
        ["users.email"] = Keep.Value,
        ["turns.status"] = "completed",
        ["turns.learn_session_id"] = DBNull.Value,
        ["entitlements.state"] = "{}",
    };

    // Columns whose values are the names of an enum: each another one, so that it can be recognised too.
    private static readonly Dictionary<string, string> Named = new(StringComparer.Ordinal)
    {
        ["solve_sessions.status"] = "abandoned",
        ["learn_sessions.status"] = "active",
        ["messages.role"] = "assistant",
        ["learn_messages.role"] = "user",
        ["subscriptions.tier"] = "standard",
        ["subscriptions.status"] = "past_due",
        ["entitlement_changes.tier_before"] = "free",
        ["entitlement_changes.tier_after"] = "pro",
        ["entitlement_changes.status_before"] = "canceled",
        ["entitlement_changes.status_after"] = "expired",
        ["entitlements.source"] = "revenuecat",
    };

    private readonly NpgsqlDataSource _dataSource;
    private readonly List<Column> _columns;
    private readonly List<Reference> _references;

    private EveryTable(NpgsqlDataSource dataSource, List<Column> columns, List<Reference> references)
    {
        _dataSource = dataSource;
        _columns = columns;
        _references = references;
        Owned = FindOwned();
    }

    /// <summary>Tables that go with a person, those that others refer to first.</summary>
    public IReadOnlyList<string> Owned { get; }

    public IReadOnlyList<string> All => [.. _columns.Select(column => column.Table).Distinct(StringComparer.Ordinal)];

    public static async Task<EveryTable> ReadAsync(NpgsqlDataSource dataSource)
    {
        var columns = await QueryAsync(
            dataSource,
            """
            select c.table_name, c.column_name, c.udt_name, coalesce(c.character_maximum_length, 255),
                   c.is_generated = 'ALWAYS' or c.is_identity = 'YES'
            from information_schema.columns c where c.table_schema = 'public' order by c.table_name, c.ordinal_position
            """,
            row => new Column(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), row.GetBoolean(4)));
        var references = await QueryAsync(
            dataSource,
            """
            select k.conrelid::regclass::text, a.attname::text, k.confrelid::regclass::text, k.confdeltype = 'c'
            from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
            where k.contype = 'f'
            """,
            row => new Reference(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3)));
        return new EveryTable(dataSource, columns, references);
    }

    /// <summary>One row in each table, or the row that is there already with new values.</summary>
    /// <param name="mark">Part of every text, so that the person's rows can be told from others'.</param>
    /// <returns>What to look for afterwards, in the form in which JSON shows it, by <c>table.column</c>.</returns>
    public async Task<Dictionary<string, string>> FillAsync(Guid userId, string mark)
    {
        var ids = new Dictionary<string, Guid>(StringComparer.Ordinal) { ["users"] = userId };
        var expected = new Dictionary<string, string>(StringComparer.Ordinal);
        var number = 0;
        foreach (var table in Owned)
        {
            var existing = table == "users" ? userId : await FindRowAsync(table, ids);
            var values = new List<(Column Column, object Value)>();
            foreach (var column in _columns.Where(column => column.Table == table && !column.IsMade))
            {
                number++;
                var parent = _references.FirstOrDefault(reference => reference.Table == table && reference.Column == column.Name);
                if (Restricted.TryGetValue(column.FullName, out var restricted))
                {
                    if (restricted is not Keep)
                    {
                        values.Add((column, restricted!));
                    }
                }
                else if (Named.TryGetValue(column.FullName, out var name))
                {
                    values.Add((column, name));
                    expected[column.FullName] = $"\"{name}\"";
                }
                else if (parent is not null)
                {
                    values.Add((column, ids.TryGetValue(parent.Parent, out var id) ? id : await AnyIdAsync(parent.Parent)));
                }
                else if (column.Name == "id")
                {
                    ids[table] = existing ?? Guid.NewGuid();
                    values.Add((column, ids[table]));
                }
                else
                {
                    var (value, shown) = ValueOf(column, mark, number);
                    values.Add((column, value));
                    if (shown is not null)
                    {
                        expected[column.FullName] = shown;
                    }
                }
            }

            await WriteAsync(table, existing, values);
        }

        return expected;
    }

    /// <summary>Tables with a row that mentions any of the words, in whatever column.</summary>
    public async Task<List<string>> FindAsync(params string[] words)
    {
        var found = new List<string>();
        string[] needles = [.. words, .. words.Select(word => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(word)))];
        foreach (var table in All)
        {
            await using var command = _dataSource.CreateCommand(
                $"select exists (select from \"{table}\" t where exists (select from unnest($1) word where position(word in lower(t::text)) > 0))");
            command.Parameters.AddWithValue(needles.Select(word => word.ToLowerInvariant()).ToArray());
            if ((bool)(await command.ExecuteScalarAsync())!)
            {
                found.Add(table);
            }
        }

        return found;
    }

    private List<string> FindOwned()
    {
        var owned = new List<string> { "users" };
        while (_references.FirstOrDefault(IsNext) is { } next)
        {
            owned.Add(next.Table);
        }

        return owned;

        // Everything that a table refers to and that is owned itself has to be there first.
        bool IsNext(Reference reference) => reference.Cascades && owned.Contains(reference.Parent) && !owned.Contains(reference.Table)
            && _references.Where(other => other.Table == reference.Table && other.Parent != reference.Table)
                .All(other => owned.Contains(other.Parent) || !IsOwnedAtAll(other.Parent, []));
    }

    private bool IsOwnedAtAll(string table, HashSet<string> seen) => table == "users" || (seen.Add(table)
        && _references.Any(reference => reference.Table == table && reference.Cascades && IsOwnedAtAll(reference.Parent, seen)));

    private async Task<Guid?> FindRowAsync(string table, Dictionary<string, Guid> ids)
    {
        if (_references.FirstOrDefault(reference => reference.Table == table && reference.Parent == "users") is not { } toUser
            || !_columns.Any(column => column.Table == table && column is { Name: "id", Type: "uuid" }))
        {
            return null;
        }

        await using var command = _dataSource.CreateCommand($"select id from \"{table}\" where {toUser.Column} = $1 limit 1");
        command.Parameters.AddWithValue(ids["users"]);
        return (Guid?)await command.ExecuteScalarAsync();
    }

    private async Task<Guid> AnyIdAsync(string table)
    {
        await using var command = _dataSource.CreateCommand($"select id from \"{table}\" limit 1");
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    private async Task WriteAsync(string table, Guid? existing, List<(Column Column, object Value)> values)
    {
        var names = values.Select(value => value.Column.Name).ToList();
        var parameters = values.Select((value, i) => $"${i + 1}::{value.Column.Cast}").ToList();
        var sql = existing is null
            ? $"insert into \"{table}\" ({string.Join(", ", names)}) values ({string.Join(", ", parameters)})"
            : $"update \"{table}\" set ({string.Join(", ", names)}) = row({string.Join(", ", parameters)}) where id = ${values.Count + 1}";
        await using var command = _dataSource.CreateCommand(sql);
        foreach (var (_, value) in values)
        {
            command.Parameters.AddWithValue(value);
        }

        if (existing is { } id)
        {
            command.Parameters.AddWithValue(id);
        }

        try
        {
            await command.ExecuteNonQueryAsync();
        }
        catch (PostgresException e)
        {
            throw new InvalidOperationException($"{table} takes no made-up row: name the values of its restricted columns in {nameof(EveryTable)}. {e.MessageText}", e);
        }
    }

    private static (object Value, string? Shown) ValueOf(Column column, string mark, int number)
    {
        var text = $"{mark} {column.FullName}";
        if (text.Length > column.MaxLength)
        {
            text = (mark + number.ToString("D3", CultureInfo.InvariantCulture))[^Math.Min(column.MaxLength, mark.Length + 3)..];
        }

        var instant = new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(number);
        return column.Type switch
        {
            "varchar" or "text" or "bpchar" => (text, text),
            "_varchar" or "_text" => (new[] { text }, text),
            "jsonb" or "json" => ($$"""{"word":"{{text}}"}""", text),
            "timestamptz" => (instant, instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
            "date" => (DateOnly.FromDateTime(instant.UtcDateTime.AddDays(number)), null),
            "int2" or "int4" or "int8" => (10_000 + number, (10_000 + number).ToString(CultureInfo.InvariantCulture)),
            "numeric" or "float8" or "float4" => (10_000 + number, null),
            "bool" => (true, null),
            "bytea" => (Encoding.UTF8.GetBytes(text), null),
            "uuid" => Guid.NewGuid() is var id ? (id, id.ToString()) : default,
            _ => throw new NotSupportedException($"{column.FullName} is of type {column.Type}: say here how to make one up."),
        };
    }

    private static async Task<List<T>> QueryAsync<T>(NpgsqlDataSource dataSource, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = dataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private sealed record Column(string Table, string Name, string Type, int MaxLength, bool IsMade)
    {
        public string FullName => $"{Table}.{Name}";

        public string Cast => Type.StartsWith('_') ? Type[1..] + "[]" : Type;
    }

    private sealed record Reference(string Table, string Column, string Parent, bool Cascades);

    private sealed class Keep
    {
        public static readonly Keep Value = new();
    }
}
