from buildkit.decisions import ports


def test_what_people_choose_for_http_is_open_from_the_start():
    assert {80, 443, 3000, 5000, 8000, 8080, 8443, 9000, 9200, 50051} <= set(ports.usual())


def test_databases_and_brokers_are_refused():
    assert not {3306, 5432, 6379, 5672, 9092} & set(ports.usual())
    assert ports.named({"DATABASE_URL": "postgresql://user@db:5432/shop"}) == ()


def test_a_ports_number_in_a_variable_is_opened_too():
    assert ports.named({"STOCK_URL": "http://stock:23456/items"}) == (23456,)
    assert ports.named({"PEERS": "a:11111,b:22222"}) == (11111, 22222)
    assert ports.named({"STOCK_PORT": "23456"}) == (23456,)


def test_what_is_open_anyway_or_no_port_is_not_named():
    assert ports.named({"URL": "http://stock:8080"}) == ()
    assert ports.named({"TIME": "12:34:56", "IMAGE": "shop:70000", "VERSION": "1.2:34567.1"}) == ()


def test_no_port_comes_twice():
    assert len(ports.usual()) == len(set(ports.usual()))
