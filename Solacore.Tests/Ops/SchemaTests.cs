using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Solve;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Ops;

/// <summary>
/// Expand, then contract: while a deployment rolls, and after it was taken back, the release before works on the newer
/// schema. Its binaries are not in a fresh clone, so the promise is proven from both ends: every migration leaves every
/// statement of the schema before it possible (here, over all migrations there are), and the binaries of this release work
/// on a schema that was extended once more. <c>ops/previous-release</c> runs real older binaries where git has them.
/// </summary>
public sealed class SchemaTests(ITestOutputHelper output)
{
    [Fact]
    public async Task every_migration_leaves_the_release_before_it_able_to_read_and_write_and_can_be_taken_back()
    {
        await using var schema = await Schema.CreateAsync();
        var migrations = schema.Db.Database.GetMigrations().ToList();
        await Migrator.GoToAsync(schema.Db, migrations[0], CancellationToken.None);
        foreach (var (previous, next) in migrations.Zip(migrations.Skip(1)))
        {
            var before = await schema.ReadTablesAsync();
            await schema.InsertAsync(before, seed: 1);
            var stored = await schema.FingerprintAsync(before);
            var unique = await schema.ReadUniqueIndexesAsync();

            await Migrator.GoToAsync(schema.Db, next, CancellationToken.None);

            // The release before goes on with the columns that it knows.
            Assert.Equal(stored, await schema.FingerprintAsync(before));
            await schema.InsertAsync(before, seed: 2);
            await schema.UpdateAsync(before);
            Assert.DoesNotContain((await schema.ReadUniqueIndexesAsync()).Except(unique), index => before.Any(table => table.Has(index)));

            // Nothing of the newer release is there yet: the way back is free and loses nothing.
            stored = await schema.FingerprintAsync(before);
            Assert.Equal([], await Migrator.FindLossesAsync(schema.Db, previous, CancellationToken.None));
            await Migrator.GoToAsync(schema.Db, previous, CancellationToken.None);
            Assert.Equal(stored, await schema.FingerprintAsync(before));
            Assert.Equal(before, await schema.ReadTablesAsync());

            await schema.EmptyAsync(before);
            await Migrator.GoToAsync(schema.Db, next, CancellationToken.None);
            output.WriteLine($"{previous} works on {next}");
        }
    }

    [Fact]
    public async Task a_step_back_that_would_destroy_something_is_refused_until_it_is_told_to()
    {
        await using var schema = await Schema.CreateAsync();
        var migrations = schema.Db.Database.GetMigrations().ToList();
        await Migrator.MigrateAsync(schema.Db, TemplateCatalogue.SeedAsync, CancellationToken.None);
        var tables = await schema.ReadTablesAsync();
        await schema.InsertAsync(tables, seed: 3);
        var stored = await schema.FingerprintAsync(tables);

        // To the very first one, so that every migration there is has something to lose.
        var refused = await RunMigrateAsync(schema.ConnectionString, "--to", migrations[0]);
        var unknown = await RunMigrateAsync(schema.ConnectionString, "--to", "nonsense");

        Assert.Equal(2, unknown.ExitCode);
        Assert.Equal(["There is no migration nonsense."], unknown.Lines);
        Assert.Equal(stored, await schema.FingerprintAsync(tables));
        Assert.Equal(3, refused.ExitCode);
        Assert.Contains("would destroy:", refused.Text, StringComparison.Ordinal);
        var done = await RunMigrateAsync(schema.ConnectionString, "--to", "previous", "--discard");
        Assert.Equal([$"The database is at {migrations[^2]}."], done.Lines);
    }

    [Fact]
    public async Task a_step_back_from_a_newer_release_is_left_to_the_image_that_knows_it()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await database.ExecuteAsync("""insert into "__EFMigrationsHistory" values ('29990101000000_Next', '10.0.0'), ('29990102000000_AfterNext', '10.0.0')""");

        var back = await RunMigrateAsync(database.ConnectionString, "--to", "previous", "--discard");

        Assert.Equal(
            (2, "This release does not know 29990102000000_AfterNext: run this with the image that brought 29990102000000_AfterNext."), (back.ExitCode, back.Text));
    }

    [Fact]
    public async Task a_database_that_did_not_exist_is_told_when_migrations_create_it()
    {
        var postgres = await SharedServers.Postgres;
        var name = $"mistyped_{Guid.CreateVersion7():n}";

        var first = await RunMigrateAsync(postgres.ConnectionString(name));
        var second = await RunMigrateAsync(postgres.ConnectionString(name));

        Assert.Equal(0, first.ExitCode);
        Assert.Equal([$"Created the database {name}, which did not exist.", .. second.Lines], first.Lines);
        Assert.StartsWith("The database is at ", Assert.Single(second.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_backup_and_the_question_whether_a_service_is_ready_do_not_wait_for_migrations_nor_they_for_them()
    {
        await using var schema = await Schema.CreateAsync();
        await Migrator.MigrateAsync(schema.Db, TemplateCatalogue.SeedAsync, CancellationToken.None);
        await using var backup = await OpenAsync(schema.ConnectionString, "select count(*) from \"__EFMigrationsHistory\"");

        var migrate = await RunMigrateAsync(schema.ConnectionString).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, migrate.ExitCode);
        await using var migrating = await OpenAsync(schema.ConnectionString, "lock table \"__EFMigrationsHistory\" in share update exclusive mode");
        var waiting = RunMigrateAsync(schema.ConnectionString);
        await Eventually.BeTrueAsync("a migration that waits for the other one", async () => await schema.CountWaitingAsync() == 1);
        Assert.True(await Migrator.IsCurrentAsync(schema.Db, CancellationToken.None));
        await migrating.DisposeAsync();
        Assert.Equal(0, (await waiting).ExitCode);
    }

    [Fact]
    public async Task a_migration_steps_back_from_a_table_that_is_in_use_and_tries_again()
    {
        await using var schema = await Schema.CreateAsync();
        await Migrator.MigrateAsync(schema.Db, TemplateCatalogue.SeedAsync, CancellationToken.None);
        await Migrator.GoToAsync(schema.Db, "PushTokens", CancellationToken.None);
        await using var report = await OpenAsync(schema.ConnectionString, "select count(*) from users");

        var migrate = RunMigrateAsync(schema.ConnectionString);

        await Eventually.BeTrueAsync("a migration that waits for the table", async () => await schema.CountWaitingAsync() == 1);
        await schema.Db.Database.SqlQuery<long>($"select count(*) as \"Value\" from users").ToListAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(migrate.IsCompleted);
        await report.DisposeAsync();
        var done = await migrate;
        Assert.Equal(0, done.ExitCode);
        Assert.StartsWith("A table is in use, ", done.Lines[0], StringComparison.Ordinal);
        Assert.True(await Migrator.IsCurrentAsync(schema.Db, CancellationToken.None));
    }

    [Fact]
    public async Task the_table_of_identities_begins_with_those_by_which_accounts_were_opened_before()
    {
        await using var schema = await Schema.CreateAsync();
        await Migrator.GoToAsync(schema.Db, "ReminderMailsStopped", CancellationToken.None);
        await schema.Db.Database.ExecuteSqlAsync(
            $"""
            insert into users (id, email, auth_provider, auth_provider_id) values
            (gen_random_uuid(), 'g@example.com', 'google', 'g-1'), (gen_random_uuid(), 'a@example.com', 'apple', 'a-1'), (gen_random_uuid(), 'e@example.com', 'email', null)
            """);

        await Migrator.GoToAsync(schema.Db, "Identities", CancellationToken.None);

        Assert.Equal(
            ["a@example.com apple a-1", "g@example.com google g-1"],
            await schema.Db.Database.SqlQuery<string>(
                $"""select u.email || ' ' || i.provider || ' ' || i.subject as "Value" from identities i join users u on u.id = i.user_id and u.created_at = i.created_at""")
                .OrderBy(line => line)
                .ToListAsync());
    }

    [Fact]
    public async Task the_release_works_on_a_schema_that_the_next_one_has_extended()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await database.ExecuteAsync(
            """
            do $$
            declare known record;
            begin
                for known in select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' loop
                    if known.table_name <> '__EFMigrationsHistory' then
                        execute format('alter table %I add column of_the_next_release text, add column with_default integer not null default 7', known.table_name);
                    end if;
                end loop;
            end $$
            """);
        await database.ExecuteAsync("create table of_the_next_release (id bigint primary key)");
        await database.ExecuteAsync("""insert into "__EFMigrationsHistory" values ('29990101000000_Next', '10.0.0')""");
        var redis = await SharedServers.Redis;

        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString);
        var smoke = await Script.RunAsync(
            "smoke",
            [system.Apis[0].Address.ToString()],
            ("STRIPE_WEBHOOK_SECRET", RunningSystem.StripeSecret),
            ("REVENUECAT_WEBHOOK_SECRET", RunningSystem.RevenueCatSecret));

        Assert.True(smoke.ExitCode == 0, smoke.Text);
    }

    [Theory]
    [InlineData("Password", "wrong", "28P01: password authentication failed for user \"solacore\"")]
    [InlineData("Port", "1", "Failed to connect to 127.0.0.1:1: Connection refused")]
    public async Task migrations_that_do_not_reach_the_database_say_in_one_line_which_setting_is_wrong_and_how(string wrong, string value, string reason)
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { [wrong] = value }.ConnectionString;

        foreach (var options in (string[][])[[], ["--to", "previous"]])
        {
            var migrate = await RunMigrateAsync(connection, options);
            Assert.Equal((1, $"The database of DATABASE_URL cannot be migrated: {reason}"), (migrate.ExitCode, migrate.Text.Trim()));
        }
    }

    [Fact]
    public async Task a_worker_takes_no_job_before_its_migrations_are_through()
    {
        await using var database = new TestDatabase();
        await database.InitializeAsync();
        await database.ExecuteAsync("create table applied as select * from \"__EFMigrationsHistory\" order by migration_id desc limit 1");
        await database.ExecuteAsync("delete from \"__EFMigrationsHistory\" where migration_id = (select migration_id from applied)");
        var redis = await SharedServers.Redis;
        await using var system = await RunningSystem.StartAsync(database.ConnectionString, redis.ConnectionString, apis: 0, workers: 0);
        using var http = new HttpClient();

        var starting = system.StartWorkerAsync();
        await Eventually.BeTrueAsync("a worker that lives", async () =>
        {
            try
            {
                return (await http.GetAsync(new Uri(system.WorkerAddresses[0], "/health/live"))).IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });

        // The first look of a process that has just started on a busy machine may run out of time.
        await Eventually.BeAsync(
            "a schema that is behind",
            () => http.GetStringAsync(new Uri(system.WorkerAddresses[0], "/health/details")),
            details => Regex.IsMatch(details, @"""schema"",""up"":false,[^}]*""error"":""is at \d+_\w+, needs \d+_\w+: run migrate""", RegexOptions.NonBacktracking));
        Assert.Equal(0, await database.ScalarAsync<long>("select count(*) from workers"));
        await database.ExecuteAsync("insert into \"__EFMigrationsHistory\" select * from applied");
        await starting;
        await Eventually.BeTrueAsync("a worker that works", async () => await database.ScalarAsync<long>("select count(*) from workers") == 1);
    }

    /// <summary>A session that has asked something and stays in its transaction, as a backup does.</summary>
    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, string sql)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"begin; {sql}", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<ScriptResult> RunMigrateAsync(string connection, params string[] options)
    {
        await using var process = ServiceProcess.Start(ServiceOptions.ForAssembly("migrate", BuildOutput.WorkerAssembly, ["migrate", .. options]) with
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["ConnectionStrings__solacore"] = connection, ["DEBUG"] = "true" },
        });
        return new ScriptResult(await process.Exited.WaitAsync(TimeSpan.FromMinutes(1)), process.LastLines);
    }
}

/// <summary>A table as a release knows it.</summary>
/// <param name="Columns">Those that a statement may write, in their order.</param>
internal sealed record Table(string Name, IReadOnlyList<Column> Columns)
{
    /// <summary>Whether a unique index lies on columns that this release writes without knowing that they must be unique.</summary>
    public bool Has((string Table, string Columns) index) =>
        index.Table == Name && index.Columns.Split(',').All(name => Columns.Any(column => column.Name == name));

    public bool Equals(Table? other) => other is not null && Name == other.Name && Columns.SequenceEqual(other.Columns);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
}

/// <param name="Parent">The table whose key it holds; null when it holds none.</param>
internal sealed record Column(string Name, string Type, int? Length, bool IsNullable, string? Parent);

/// <summary>An empty database that is moved from version to version, and the statements of whoever knows one of them.</summary>
internal sealed class Schema : IAsyncDisposable
{
    private readonly NpgsqlDataSource _dataSource;

    private Schema(string connectionString)
    {
        ConnectionString = connectionString;
        _dataSource = NpgsqlDataSource.Create(connectionString);
        var options = new DbContextOptionsBuilder<SolacoreDb>();
        DataRegistration.Configure(options, _dataSource);
        Db = new SolacoreDb(options.Options);
    }

    public string ConnectionString { get; }

    public SolacoreDb Db { get; }

    public static async Task<Schema> CreateAsync()
    {
        var postgres = await SharedServers.Postgres;
        var name = $"schema_{Guid.CreateVersion7():n}";
        await postgres.CreateDatabaseAsync(name);
        return new Schema(postgres.ConnectionString(name));
    }

    /// <summary>Parents before children.</summary>
    public async Task<IReadOnlyList<Table>> ReadTablesAsync()
    {
        await using var command = _dataSource.CreateCommand(
            """
            select c.table_name, c.column_name, c.udt_name, c.character_maximum_length, c.is_nullable = 'YES',
                   (select p.relname::text from pg_constraint k join pg_class p on p.oid = k.confrelid
                    where k.contype = 'f' and k.conrelid = format('public.%I', c.table_name)::regclass
                      and k.conkey[1] = c.ordinal_position limit 1)
            from information_schema.columns c
            join information_schema.tables t using (table_schema, table_name)
            where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like '\_\_%'
              and c.is_generated = 'NEVER' and c.is_identity = 'NO'
            order by c.table_name, c.ordinal_position
            """);
        var columns = new List<(string Table, Column Column)>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            columns.Add((reader.GetString(0), new Column(
                reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetInt32(3), reader.GetBoolean(4), reader.IsDBNull(5) ? null : reader.GetString(5))));
        }

        var waiting = columns.GroupBy(c => c.Table, (name, group) => new Table(name, [.. group.Select(c => c.Column)])).ToList();
        var ordered = new List<Table>();
        while (waiting.Count > 0)
        {
            var free = waiting.Where(t => t.Columns.All(c => c.Parent is null || c.Parent == t.Name || ordered.Exists(o => o.Name == c.Parent))).ToList();
            Assert.NotEmpty(free);
            ordered.AddRange(free);
            waiting.RemoveAll(free.Contains);
        }

        return ordered;
    }

    /// <summary>A row in every table, with every column that its release knows.</summary>
    public async Task InsertAsync(IReadOnlyList<Table> tables, int seed)
    {
        foreach (var table in tables)
        {
            await RunAsync($"insert into {table.Name} ({Names(table)}) values ({string.Join(", ", table.Columns.Select(c => Value(c, table, seed)))})");
        }
    }

    /// <summary>Writes every column of every row again.</summary>
    public async Task UpdateAsync(IReadOnlyList<Table> tables)
    {
        foreach (var table in tables)
        {
            await RunAsync($"update {table.Name} set {string.Join(", ", table.Columns.Select(c => $"\"{c.Name}\" = \"{c.Name}\""))}");
        }
    }

    public async Task EmptyAsync(IReadOnlyList<Table> tables) => await RunAsync($"truncate {string.Join(", ", tables.Select(t => t.Name))}");

    /// <summary>Rows of every table and a checksum of the columns that a release knows.</summary>
    public async Task<IReadOnlyList<string>> FingerprintAsync(IReadOnlyList<Table> tables)
    {
        var lines = new List<string>();
        foreach (var table in tables)
        {
            await using var command = _dataSource.CreateCommand(
                $"select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') from (select {Names(table)} from {table.Name}) t");
            lines.Add($"{table.Name} {await command.ExecuteScalarAsync()}");
        }

        return lines;
    }

    /// <summary>Sessions that wait for a lock which another one holds.</summary>
    public async Task<long> CountWaitingAsync() => (await Db.Database.SqlQuery<long>(
        $"""select count(*) as "Value" from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'""").ToListAsync())[0];

    public async ValueTask DisposeAsync()
    {
        await Db.DisposeAsync();
        await _dataSource.DisposeAsync();
    }

    /// <summary>Tables with the columns that must be unique in them.</summary>
    public async Task<IReadOnlyList<(string Table, string Columns)>> ReadUniqueIndexesAsync()
    {
        await using var command = _dataSource.CreateCommand(
            """
            select t.relname::text, string_agg(a.attname, ',' order by a.attnum)
            from pg_index i
            join pg_class t on t.oid = i.indrelid
            join pg_attribute a on a.attrelid = i.indexrelid
            where i.indisunique and t.relnamespace = 'public'::regnamespace
            group by i.indexrelid, t.relname
            """);
        var indexes = new List<(string, string)>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            indexes.Add((reader.GetString(0), reader.GetString(1)));
        }

        return indexes;
    }

    private async Task RunAsync(string sql)
    {
        await using var command = _dataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private static string Names(Table table) => string.Join(", ", table.Columns.Select(c => $"\"{c.Name}\""));

    /// <summary>An id is the same in every table, so that the key of a parent is known.</summary>
    private static string Value(Column column, Table table, int seed)
    {
        var number = seed.ToString(CultureInfo.InvariantCulture);
        // One parent of several, where a row may have either.
        var optional = table.Columns.FirstOrDefault(c => c is { Parent: not null, IsNullable: true });
        if (column.Parent == table.Name || (column is { Parent: not null, IsNullable: true } && column != optional))
        {
            return "null";
        }

        var text = $"{column.Name}-{number}";
        return column.Type switch
        {
            "uuid" => $"'00000000-0000-0000-0000-{seed:d12}'",
            "text" => $"'{text}'",
            "varchar" or "bpchar" => $"'{(text.Length > column.Length ? number : text)}'",
            "int2" or "int4" or "int8" or "numeric" or "float8" => number,
            "bool" => "true",
            "timestamptz" => $"timestamptz '2026-01-01 00:00:00Z' + {number} * interval '1 day'",
            "date" => "date '2026-01-01'",
            "interval" => "interval '1 minute'",
            "jsonb" or "json" => "'{}'",
            "bytea" => "'\\x01'",
            ['_', ..] => "'{}'",
            _ => throw new NotSupportedException($"{table.Name}.{column.Name} is of a type that this test cannot fill: {column.Type}"),
        };
    }
}
