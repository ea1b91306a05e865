from paramo._backoff import backoff_s


def test_waits_double_up_to_half_a_minute_and_differ():
    for tries in range(40):
        waits = [backoff_s(tries) for _ in range(50)]
        ceiling = min(30, 0.04 * 2**tries)
        assert all(ceiling / 2 <= wait < ceiling for wait in waits)
        assert len(set(waits)) > 10
