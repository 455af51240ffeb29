using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class MailAndUpkeep : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "reminder_queued_for",
                table: "solve_sessions",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_webhook_events_received_at",
                table: "webhook_events",
                column: "received_at");

            migrationBuilder.CreateIndex(
                name: "ix_solve_sessions_armed_reminders",
                table: "solve_sessions",
                column: "reminder_time",
                filter: "reminder_time is not null and not reminder_sent and not action_completed and reminder_queued_for is distinct from reminder_time");

            migrationBuilder.CreateIndex(
                name: "ix_password_reset_tokens_expires_at",
                table: "password_reset_tokens",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_webhook_events_received_at",
                table: "webhook_events");

            migrationBuilder.DropIndex(
                name: "ix_solve_sessions_armed_reminders",
                table: "solve_sessions");

            migrationBuilder.DropIndex(
                name: "ix_password_reset_tokens_expires_at",
                table: "password_reset_tokens");

            migrationBuilder.DropColumn(
                name: "reminder_queued_for",
                table: "solve_sessions");
        }
    }
}
