using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class Learn : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_turns_solve_sessions_session_id",
                table: "turns");

            // The column keeps its rows under its new name; the old name becomes the one for both kinds of session.
            migrationBuilder.DropIndex(name: "ix_turns_unfinished", table: "turns");
            migrationBuilder.DropIndex(name: "ix_turns_session_id_idempotency_key", table: "turns");
            migrationBuilder.RenameColumn(name: "session_id", table: "turns", newName: "solve_session_id");
            migrationBuilder.AlterColumn<Guid>(
                name: "solve_session_id",
                table: "turns",
                type: "uuid",
                nullable: true,
                oldClrType: typeof(Guid),
                oldType: "uuid");

            migrationBuilder.AddColumn<Guid>(
                name: "learn_session_id",
                table: "turns",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "session_id",
                table: "turns",
                type: "uuid",
                nullable: false,
                computedColumnSql: "coalesce(solve_session_id, learn_session_id)",
                stored: true);

            migrationBuilder.CreateIndex(
                name: "ix_turns_unfinished",
                table: "turns",
                column: "session_id",
                unique: true,
                filter: "status in ('queued', 'running')");

            migrationBuilder.CreateIndex(
                name: "ix_turns_session_id_idempotency_key",
                table: "turns",
                columns: new[] { "session_id", "idempotency_key" },
                unique: true,
                filter: "idempotency_key is not null");

            migrationBuilder.CreateTable(
                name: "learn_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: true),
                    status = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false, defaultValue: "active"),
                    current_step = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false, defaultValue: "start"),
                    learning_mode = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false, defaultValue: "quick"),
                    current_tool = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    tool_plan = table.Column<List<string>>(type: "varchar(50)[]", nullable: false, defaultValueSql: "'{}'"),
                    locale = table.Column<string>(type: "character varying(10)", maxLength: 10, nullable: true),
                    topic = table.Column<string>(type: "text", nullable: true),
                    key_concepts = table.Column<List<string>>(type: "text[]", nullable: true),
                    review_schedule = table.Column<string>(type: "jsonb", nullable: true),
                    learning_summary = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()"),
                    completed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_learn_sessions", x => x.id);
                    table.ForeignKey(
                        name: "fk_learn_sessions_devices_device_id",
                        column: x => x.device_id,
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                    table.ForeignKey(
                        name: "fk_learn_sessions_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "learn_messages",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    sequence = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    role = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    content = table.Column<string>(type: "text", nullable: false),
                    step = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    tool = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false, defaultValueSql: "now()")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_learn_messages", x => x.id);
                    table.ForeignKey(
                        name: "fk_learn_messages_learn_sessions_session_id",
                        column: x => x.session_id,
                        principalTable: "learn_sessions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_turns_learn_session_id",
                table: "turns",
                column: "learn_session_id");

            migrationBuilder.CreateIndex(
                name: "ix_turns_solve_session_id",
                table: "turns",
                column: "solve_session_id");

            migrationBuilder.AddCheckConstraint(
                name: "ck_turns_one_session",
                table: "turns",
                sql: "num_nonnulls(solve_session_id, learn_session_id) = 1");

            migrationBuilder.CreateIndex(
                name: "ix_learn_messages_session_id_sequence",
                table: "learn_messages",
                columns: new[] { "session_id", "sequence" });

            migrationBuilder.CreateIndex(
                name: "ix_learn_sessions_device_id",
                table: "learn_sessions",
                column: "device_id");

            migrationBuilder.CreateIndex(
                name: "ix_learn_sessions_user_id_created_at_id",
                table: "learn_sessions",
                columns: new[] { "user_id", "created_at", "id" },
                descending: new[] { false, true, true });

            migrationBuilder.AddForeignKey(
                name: "fk_turns_learn_sessions_learn_session_id",
                table: "turns",
                column: "learn_session_id",
                principalTable: "learn_sessions",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);

            migrationBuilder.AddForeignKey(
                name: "fk_turns_solve_sessions_solve_session_id",
                table: "turns",
                column: "solve_session_id",
                principalTable: "solve_sessions",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_turns_learn_sessions_learn_session_id",
                table: "turns");

            migrationBuilder.DropForeignKey(
                name: "fk_turns_solve_sessions_solve_session_id",
                table: "turns");

            migrationBuilder.DropTable(
                name: "learn_messages");

            migrationBuilder.DropTable(
                name: "learn_sessions");

            migrationBuilder.DropIndex(
                name: "ix_turns_learn_session_id",
                table: "turns");

            migrationBuilder.DropIndex(
                name: "ix_turns_solve_session_id",
                table: "turns");

            migrationBuilder.DropCheckConstraint(
                name: "ck_turns_one_session",
                table: "turns");

            migrationBuilder.DropIndex(name: "ix_turns_unfinished", table: "turns");
            migrationBuilder.DropIndex(name: "ix_turns_session_id_idempotency_key", table: "turns");
            migrationBuilder.DropColumn(name: "session_id", table: "turns");

            // Their sessions have just gone.
            migrationBuilder.Sql("delete from turns where learn_session_id is not null");
            migrationBuilder.DropColumn(name: "learn_session_id", table: "turns");
            migrationBuilder.AlterColumn<Guid>(
                name: "solve_session_id",
                table: "turns",
                type: "uuid",
                nullable: false,
                oldClrType: typeof(Guid),
                oldType: "uuid",
                oldNullable: true);

            migrationBuilder.RenameColumn(name: "solve_session_id", table: "turns", newName: "session_id");
            migrationBuilder.CreateIndex(
                name: "ix_turns_unfinished",
                table: "turns",
                column: "session_id",
                unique: true,
                filter: "status in ('queued', 'running')");

            migrationBuilder.CreateIndex(
                name: "ix_turns_session_id_idempotency_key",
                table: "turns",
                columns: new[] { "session_id", "idempotency_key" },
                unique: true,
                filter: "idempotency_key is not null");

            migrationBuilder.AddForeignKey(
                name: "fk_turns_solve_sessions_session_id",
                table: "turns",
                column: "session_id",
                principalTable: "solve_sessions",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);
        }
    }
}
