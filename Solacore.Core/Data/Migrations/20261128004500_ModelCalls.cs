using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class ModelCalls : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "model_calls",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: true),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    turn_id = table.Column<Guid>(type: "uuid", nullable: false),
                    purpose = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    provider = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    model = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    reserved_micros = table.Column<long>(type: "bigint", nullable: false),
                    cost_micros = table.Column<long>(type: "bigint", nullable: true),
                    input_tokens = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    output_tokens = table.Column<int>(type: "integer", nullable: false, defaultValue: 0),
                    outcome = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    settled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_model_calls", x => x.id);
                    table.ForeignKey(
                        name: "fk_model_calls_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateIndex(
                name: "ix_model_calls_latest",
                table: "model_calls",
                column: "settled_at",
                descending: new bool[0],
                filter: "purpose = 'reply'");

            migrationBuilder.CreateIndex(
                name: "ix_model_calls_open",
                table: "model_calls",
                column: "created_at",
                filter: "settled_at is null");

            migrationBuilder.CreateIndex(
                name: "ix_model_calls_session_id",
                table: "model_calls",
                column: "session_id");

            migrationBuilder.CreateIndex(
                name: "ix_model_calls_user_id_created_at",
                table: "model_calls",
                columns: new[] { "user_id", "created_at" })
                .Annotation("Npgsql:IndexInclude", new[] { "cost_micros", "reserved_micros" });

            // What an operator sums: docs/model.md.
            migrationBuilder.Sql(
                """
                create view model_usage as
                select (created_at at time zone 'UTC')::date as day, user_id, provider, model, purpose, count(*) as calls,
                       sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens,
                       sum(coalesce(cost_micros, reserved_micros)) / 1000000.0 as dollars
                from model_calls group by 1, 2, 3, 4, 5
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("drop view model_usage");

            migrationBuilder.DropTable(
                name: "model_calls");
        }
    }
}
