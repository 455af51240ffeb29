using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class StoreReconciliation : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "compared_at",
                table: "entitlements",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "store_cursors",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    after = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: true),
                    since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    pass_started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    pass_finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_store_cursors", x => x.name);
                });

            migrationBuilder.CreateIndex(
                name: "ix_entitlements_compared",
                table: "entitlements",
                columns: new[] { "source", "compared_at" },
                filter: "not (state ->> 'Deleted')::boolean");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "store_cursors");

            migrationBuilder.DropIndex(
                name: "ix_entitlements_compared",
                table: "entitlements");

            migrationBuilder.DropColumn(
                name: "compared_at",
                table: "entitlements");
        }
    }
}
