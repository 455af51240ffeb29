using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class ProvenAddresses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "email_verified_at",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            // Accounts that have only ever been opened through a provider: it has vouched for the address.
            migrationBuilder.Sql("update users set email_verified_at = created_at where auth_provider <> 'email' and password_hash is null");

            migrationBuilder.CreateIndex(
                name: "ix_webhook_events_customer_key",
                table: "webhook_events",
                column: "customer_key",
                filter: "customer_key is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_webhook_events_customer_key",
                table: "webhook_events");

            migrationBuilder.DropColumn(
                name: "email_verified_at",
                table: "users");
        }
    }
}
