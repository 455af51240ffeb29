using Solacore.Core.Jobs;
using Solacore.Worker.Mail;

namespace Solacore.Tests.Jobs;

/// <summary>How a reader gets from a job to what does it.</summary>
public sealed class JobNamesTests
{
    [Fact]
    public void a_payload_holds_the_kind_of_its_job_and_a_handler_is_named_after_it()
    {
        var handlers = new[] { typeof(JobKind<>).Assembly, typeof(MailRegistration).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetInterfaces(), (type, face) => (type, face))
            .Where(handler => handler.type.IsClass && handler.face.IsGenericType
                && (handler.face.GetGenericTypeDefinition() == typeof(IJobHandler<>)
                    || handler.face.GetGenericTypeDefinition() == typeof(IBatchJobHandler<>)))
            .GroupBy(handler => handler.face.GenericTypeArguments[0], handler => handler.type.Name)
            .ToList();

        Assert.NotEmpty(handlers);
        Assert.All(handlers, ofOne =>
        {
            Assert.Equal(typeof(JobKind<>).MakeGenericType(ofOne.Key), ofOne.Key.GetField("Kind")?.FieldType);
            Assert.Contains(ofOne.Key.Name + "Handler", ofOne);
        });
    }
}
