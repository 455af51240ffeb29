using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Solacore.Core.Data.Migrations
{
    /// <summary>
    /// The inbox under the name and with the columns by which existing queries know it: one row per event with an id,
    /// from the moment at which it was acknowledged.
    /// </summary>
    public partial class WebhookEventsByFormerName : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            create view processed_webhook_events as
            select id, event_id, event_type, source, payload_hash, coalesce(applied_at, received_at) as processed_at, state as result
            from webhook_events
            where event_id is not null
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop view processed_webhook_events");
    }
}
