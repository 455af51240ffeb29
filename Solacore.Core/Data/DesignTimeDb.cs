using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Solacore.Core.Data;

/// <summary>
/// Lets the tool write migrations without a running system:
/// <c>dotnet ef migrations add NAME --project Solacore.Core --output-dir Data/Migrations</c>.
/// </summary>
internal sealed class DesignTimeDb : IDesignTimeDbContextFactory<SolacoreDb>
{
    public SolacoreDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<SolacoreDb>();
        DataRegistration.Configure(options, Npgsql.NpgsqlDataSource.Create("Host=localhost;Database=solacore"));
        return new SolacoreDb(options.Options);
    }
}
