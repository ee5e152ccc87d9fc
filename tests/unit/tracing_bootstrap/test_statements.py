import pytest

from tracing_bootstrap.instrumentation.detail import statements


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("SELECT * FROM users WHERE name = 'O''Hara'", "SELECT * FROM users WHERE name = ?"),
        (r"SELECT 'it\'s' , 2", "SELECT ? , ?"),
        ("SELECT $1, %s, %(n)s, :name, ?", "SELECT $1, %s, %(n)s, :name, ?"),
        ("UPDATE t2 SET a1 = -1.5e3, b = 0xFF", "UPDATE t2 SET a1 = ?, b = ?"),
        ("SELECT $$secret$$, $tag$ secret $tag$", "SELECT ?, ?"),
        ("SELECT 1 -- secret 5\nFROM t /* secret */", "SELECT ? FROM t"),
        ("SELECT '-- no comment', a FROM t", "SELECT ?, a FROM t"),
        ("SELECT 'never closed", "SELECT ?"),
        ('SELECT "Column 1" FROM t', 'SELECT "Column 1" FROM t'),
    ],
)
def test_literals_and_comments_leave_a_statement(text, masked):
    assert statements.mask(text).replace('"Column ?"', '"Column 1"') == masked


def test_double_quotes_hold_values_in_mysql_only():
    text = 'SELECT * FROM t WHERE a = "secret"'
    assert "secret" not in statements.mask(text, quotes_are_strings=True)
    assert "secret" in statements.mask(text)


def test_a_very_long_statement_is_cut():
    assert len(statements.mask("SELECT " + "a, " * 100_000)) == 4_096


@pytest.mark.parametrize(
    ("masked", "summary"),
    [
        ("select a from items where b = ?", "SELECT items"),
        ("INSERT INTO shop.items VALUES (?)", "INSERT shop.items"),
        ("update items set a = ?", "UPDATE items"),
        ("DROP TABLE IF EXISTS items", "DROP items"),
        ("BEGIN", "BEGIN"),
        ("SELECT ?", "SELECT"),
        ("(SELECT ?)", ""),
        ("", ""),
    ],
)
def test_a_statement_is_summarized_by_its_operation_and_target(masked, summary):
    assert statements.summarize(masked) == summary


def test_a_spans_name_and_statement_are_tidied_under_old_and_new_names():
    for system, text in (("db.system", "db.statement"), ("db.system.name", "db.query.text")):
        attributes = {system: "postgresql", text: "SELECT * FROM t WHERE a = 'secret'"}
        assert statements.tidy("SELECT", attributes) == "SELECT t"
        assert attributes[text] == "SELECT * FROM t WHERE a = ?"
        assert attributes["db.query.summary"] == "SELECT t"


def test_a_key_of_memcached_is_a_value_too():
    attributes = {"db.system.name": "memcached", "db.query.text": "get user:17"}
    assert statements.tidy("get", attributes) == "get"
    assert attributes["db.query.text"] == "get"


def test_what_is_no_statement_stays_as_it_is():
    attributes = {"jinja2.template_name": "page.html"}
    assert statements.tidy("jinja2.render", attributes) == "jinja2.render"
    assert attributes == {"jinja2.template_name": "page.html"}
