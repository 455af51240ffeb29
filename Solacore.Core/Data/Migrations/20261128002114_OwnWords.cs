using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class OwnWords : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "own_words",
                columns: table => new
                {
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_own_words", x => x.session_id);
                    table.ForeignKey(
                        name: "fk_own_words_solve_sessions_session_id",
                        column: x => x.session_id,
                        principalTable: "solve_sessions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_own_words_user_id",
                table: "own_words",
                column: "user_id");

            // What was said before this release; what the release before it stores from now on comes by the trigger.
            migrationBuilder.Sql(
                """
                create function store_own_words() returns trigger language plpgsql as $$
                begin
                    update solve_sessions set first_message = new.content where id = new.session_id and first_message is null;
                    insert into own_words (session_id, user_id, text)
                    select s.id, s.user_id, lower(new.content collate "und-x-icu") from solve_sessions s where s.id = new.session_id
                    on conflict (session_id) do update set text = own_words.text || E'\n' || excluded.text;
                    return null;
                end
                $$;
                create trigger store_own_words after insert on messages
                    for each row when (new.role = 'user') execute function store_own_words();
                insert into own_words (session_id, user_id, text)
                select s.id, s.user_id, string_agg(lower(m.content collate "und-x-icu"), E'\n' order by m.sequence)
                from solve_sessions s join messages m on m.session_id = s.id and m.role = 'user'
                group by s.id, s.user_id
                on conflict (session_id) do nothing;
                update solve_sessions s
                set first_message = (select m.content from messages m where m.session_id = s.id and m.role = 'user' order by m.sequence limit 1)
                where first_message is null and exists (select 1 from messages m where m.session_id = s.id and m.role = 'user');
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop trigger store_own_words on messages; drop function store_own_words();");
            migrationBuilder.DropTable(
                name: "own_words");
        }
    }
}
