using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class PushTokens : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "push_token",
                table: "devices",
                type: "character varying(255)",
                maxLength: 255,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "push_token_at",
                table: "devices",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "push_deliveries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    device_id = table.Column<Guid>(type: "uuid", nullable: false),
                    reminder_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ticket_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    receipt = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    receipt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_push_deliveries", x => x.id);
                    table.ForeignKey(
                        name: "fk_push_deliveries_devices_device_id",
                        column: x => x.device_id,
                        principalTable: "devices",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_push_deliveries_solve_sessions_session_id",
                        column: x => x.session_id,
                        principalTable: "solve_sessions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_devices_push_token",
                table: "devices",
                column: "push_token",
                filter: "push_token is not null");

            migrationBuilder.CreateIndex(
                name: "ix_push_deliveries_device_id",
                table: "push_deliveries",
                column: "device_id");

            migrationBuilder.CreateIndex(
                name: "ix_push_deliveries_sent_at",
                table: "push_deliveries",
                column: "sent_at");

            migrationBuilder.CreateIndex(
                name: "ix_push_deliveries_session_id_device_id_reminder_time",
                table: "push_deliveries",
                columns: new[] { "session_id", "device_id", "reminder_time" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_push_deliveries_unknown",
                table: "push_deliveries",
                columns: new[] { "sent_at", "id" },
                filter: "receipt is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "push_deliveries");

            migrationBuilder.DropIndex(
                name: "ix_devices_push_token",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "push_token",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "push_token_at",
                table: "devices");
        }
    }
}
