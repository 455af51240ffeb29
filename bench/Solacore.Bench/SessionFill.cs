using Npgsql;

namespace Solacore.Bench;

/// <summary>Sessions of two years, everybody's mixed, that grow in steps.</summary>
/// <param name="postgres">Where they go.</param>
/// <param name="me">Whose are asked for.</param>
internal sealed class SessionFill(NpgsqlDataSource postgres, Guid me)
{
    public const int MessagesEach = 20;

    private const int OtherPeople = 20_000;
    private const int Texts = 2_000;

    private static readonly string[] Words =
    [
        .. "the a my I we he she and but because when with about deadline report boss team money mother friend flat rent exam thesis doctor".Split(' '),
        .. "letter phone train morning evening sleep hungry lonely worried tired afraid begin finish answer help leave stay talk write call".Split(' '),
        .. "mañana trabajo dinero tiempo miedo casa 焦虑 担心 老板 论文 睡不着 房租 妈妈 项目 100% window garden coffee winter silver river".Split(' '),
    ];

    /// <summary>Triggers and foreign keys are off for the load, so their work is done here.</summary>
    public async Task AddAsync(int own, int others)
    {
        var random = new Random(1);
        var texts = Enumerable.Range(0, Texts)
            .Select(n => string.Join(' ', random.GetItems(Words, 28)) + (n == 0 ? " zeppelin" : ""))
            .ToArray();
        await using var connection = await postgres.OpenConnectionAsync();
        await using (var store = new NpgsqlCommand("create temporary table texts as select * from unnest($1) with ordinality as t(text, n)", connection))
        {
            store.Parameters.AddWithValue(texts);
            await store.ExecuteNonQueryAsync();
        }

        await using var fill = new NpgsqlCommand(
            $"""
            set session_replication_role = replica;
            create unique index on texts (n);
            analyze texts;
            insert into users (id, email) select md5(n::text)::uuid, n || '@example.com' from generate_series(1, {OtherPeople}) n on conflict do nothing;
            create temporary table added as
            select gen_random_uuid() as id,
                case when n <= {own} then '{me}' else md5((n % {OtherPeople} + 1)::text)::uuid end as user_id,
                (array['active', 'completed', 'abandoned'])[n % 3 + 1] as status,
                (array['receive', 'clarify', 'reframe', 'options', 'commit'])[n % 5 + 1] as current_step,
                array['tag ' || n % 30, 'tag ' || n % 7] as tags,
                case when n % 4 = 0 then 'call' end as first_step_action, n % 8 = 0 as action_completed,
                now() - (n::bigint * 7919 % 31536000) * interval '1 second' as created_at
            from generate_series(1, {own + others}) n order by random();
            create temporary table said as
            select s.id as session_id, g, case when g % 2 = 1 then 'user' else 'assistant' end as role, t.text as content, s.current_step as step, s.created_at
            from generate_series(1, {MessagesEach}) g cross join added s
            join texts t on t.n = abs(hashtext(s.id::text || g) % {Texts}) + 1;
            insert into solve_sessions (id, user_id, status, current_step, tags, first_step_action, action_completed, created_at, first_message)
            select id, user_id, status, current_step, tags, first_step_action, action_completed, a.created_at, content
            from added a join said on session_id = id and g = 1;
            insert into messages (id, session_id, role, content, step, created_at)
            select gen_random_uuid(), session_id, role, content, step, created_at from said order by g;
            insert into own_words (session_id, user_id, text)
            select a.id, a.user_id, string_agg(lower(content), E'\n' order by g)
            from added a join said on session_id = a.id and role = 'user' group by a.id, a.user_id order by random();
            """,
            connection);
        await fill.ExecuteNonQueryAsync();
        await using var reset = new NpgsqlCommand("drop table texts, added, said; set session_replication_role = default", connection);
        await reset.ExecuteNonQueryAsync();
        await using var analyze = postgres.CreateCommand("vacuum analyze");
        await analyze.ExecuteNonQueryAsync();
    }

    public async Task<List<Guid>> OwnIdsAsync()
    {
        await using var read = postgres.CreateCommand("select id from solve_sessions where user_id = $1 order by id");
        read.Parameters.AddWithValue(me);
        await using var rows = await read.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await rows.ReadAsync())
        {
            ids.Add(rows.GetGuid(0));
        }

        return ids;
    }
}
