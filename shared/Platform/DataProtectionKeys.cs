using System.Xml.Linq;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Marketplace.Platform;

/// <summary>
/// The keys behind a service's forms, in its own database: every copy of the service accepts the forms of every other, also after a restart, and no service those of
/// another.
/// </summary>
public static class DataProtectionKeys
{
    /// <summary>Keeps the ring in the table <c>data_protection_key</c> of the service's schema.</summary>
    public static void AddDatabaseDataProtection(this WebApplicationBuilder builder)
    {
        builder.Services.AddDataProtection().SetApplicationName(builder.Configuration[ServiceHost.ServiceKey] ?? builder.Environment.ApplicationName);
        builder.Services.AddOptions<KeyManagementOptions>().Configure<NpgsqlDataSource>((options, database) => options.XmlRepository = new Ring(database));
    }

    /// <summary>The interface is synchronous; it is used at start and when a key ages, every 90 days.</summary>
    private sealed class Ring(NpgsqlDataSource database) : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements()
        {
            using var connection = database.OpenConnection();
            return [.. connection.Query<string>(SelectKeys).Select(XElement.Parse)];
        }

        public void StoreElement(XElement element, string friendlyName)
        {
            using var connection = database.OpenConnection();
            connection.Execute(InsertKey, new { Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
        }
    }

    private const string SelectKeys = """
        select xml
        from data_protection_key
        order by created_at
        """;

    private const string InsertKey = """
        insert into data_protection_key (name, xml)
        values (@Name, @Xml)
        on conflict (name) do nothing
        """;
}
