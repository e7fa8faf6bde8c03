"""psycopg's usual work: simple, prepared, binary, pipeline, COPY, server-side cursors, errors, notices, savepoints."""

import sys

import psycopg

port, user, password, database = sys.argv[1:5]
where = dict(host="127.0.0.1", port=port, user=user, password=password, dbname=database, sslmode="disable")

with psycopg.connect(**where, autocommit=True) as connection:
    notices = []
    connection.add_notice_handler(lambda d: notices.append(d.message_primary))
    print(connection.execute("SELECT 1, 'two', NULL, 1.5::numeric, ARRAY[1, 2], '{\"a\": 1}'::jsonb, '\\x00ff'::bytea").fetchone())
    for number in range(8):
        row = connection.execute("SELECT id, name, price, at, data, raw, mood FROM shop.items WHERE id = %s", (number + 1,), prepare=True).fetchone()
        print(row)
    print(connection.cursor(binary=True).execute("SELECT id, price, at, raw FROM shop.items WHERE id = %s", (5,)).fetchone())
    connection.execute("DO $$ BEGIN RAISE NOTICE 'note'; END $$")
    print(notices)
    for sql in ("SELECT 1/0", "SELEC", "SELECT * FROM nowhere", "INSERT INTO shop.items (name, price) VALUES ('x', -1)"):
        try:
            connection.execute(sql)
        except psycopg.Error as error:
            print(error.sqlstate, error.diag.message_primary, error.diag.statement_position)
    with connection.cursor() as cursor:
        with cursor.copy("COPY (SELECT id, name FROM shop.items ORDER BY id) TO STDOUT") as copy:
            print(sum(len(bytes(block)) for block in copy))
        cursor.execute("CREATE TEMP TABLE back (id int, name text)")
        with cursor.copy("COPY back FROM STDIN") as copy:
            for number in range(1000):
                copy.write_row((number, f"row {number}"))
        print(cursor.execute("SELECT count(*), max(name) FROM back").fetchone())
        cursor.executemany("INSERT INTO back VALUES (%s, %s) RETURNING id", [(n, "many") for n in range(20)], returning=True)
        print(cursor.execute("SELECT count(*) FROM back").fetchone())
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int * 2", (n,)) for n in range(20)]
        print([cursor.fetchone()[0] for cursor in cursors])

with psycopg.connect(**where) as connection:
    with connection.cursor(name="far") as cursor:
        cursor.itersize = 50
        print(sum(row[0] for row in cursor.execute("SELECT id FROM shop.items ORDER BY id")))
    with connection.transaction(force_rollback=True):
        connection.execute("DELETE FROM shop.items WHERE id = 1")
        try:
            with connection.transaction():
                connection.execute("SELECT 1/0")
        except psycopg.Error as error:
            print(error.sqlstate, connection.info.transaction_status.name)
    print(connection.execute("SELECT count(*) FROM shop.items").fetchone(), connection.info.parameter_status("server_encoding"))
