using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <inheritdoc />
    public partial class WorkerName : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "name",
                table: "workers",
                type: "text",
                nullable: false,
                defaultValue: "");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "name",
                table: "workers");
        }
    }
}
