using Microsoft.Extensions.Time.Testing;
using Solacore.Core.Model;

namespace Solacore.Tests.Model;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CircuitBreaker _breaker;

    public CircuitBreakerTests() => _breaker = new CircuitBreaker(failures: 3, TimeSpan.FromSeconds(30), _time);

    [Fact]
    public void it_opens_after_failures_in_a_row_alone()
    {
        Fail(2);
        _breaker.Succeeded();
        Fail(2);
        Assert.True(_breaker.TryEnter());

        Fail(1);
        Assert.Equal((false, true), (_breaker.TryEnter(), _breaker.IsOpen));
    }

    [Fact]
    public void after_the_pause_one_call_tries_and_decides_for_all()
    {
        Fail(3);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((true, false), (_breaker.TryEnter(), _breaker.TryEnter()));

        _breaker.Failed();
        Assert.False(_breaker.TryEnter());

        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(_breaker.TryEnter());
        _breaker.Left();
        Assert.True(_breaker.TryEnter());
        _breaker.Succeeded();
        Assert.Equal((true, true, false), (_breaker.TryEnter(), _breaker.TryEnter(), _breaker.IsOpen));
    }

    [Fact]
    public void what_began_before_calls_were_refused_does_not_let_them_in_again()
    {
        Assert.True(_breaker.TryEnter());
        Fail(3);

        _breaker.Succeeded();
        _breaker.Ended();

        Assert.False(_breaker.TryEnter());
    }

    [Fact]
    public void answers_that_break_off_in_a_row_open_it_though_each_has_begun_well()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.True(_breaker.TryEnter());
            _breaker.Succeeded();
            _breaker.Broke();
        }

        Assert.False(_breaker.TryEnter());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(_breaker.TryEnter());
        _breaker.Succeeded();
        Assert.True(_breaker.TryEnter());
        _breaker.Broke();
        Assert.False(_breaker.TryEnter());

        _breaker.Ended();
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(_breaker.TryEnter());
        _breaker.Succeeded();
        _breaker.Broke();
        Assert.True(_breaker.TryEnter());
    }

    [Fact]
    public void who_asks_to_be_left_alone_is_at_once_and_for_one_pause_at_most()
    {
        _breaker.Failed(TimeSpan.FromSeconds(7));
        Assert.False(_breaker.TryEnter());
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.True(_breaker.TryEnter());

        _breaker.Failed(TimeSpan.FromDays(1));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(_breaker.TryEnter());
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(_breaker.TryEnter());
            _breaker.Failed();
        }
    }
}
