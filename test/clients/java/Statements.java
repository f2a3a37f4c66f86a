import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;

/**
 * pgjdbc against a server: arguments are a JDBC URL that ends in "?" and further options, each of which gets a
 * connection of its own. Prints a line for each thing tried: options, name, value, with tabs between. In a value tabs,
 * ends of lines and backslashes are escaped.
 */
class Statements {
    static final String SLOW = "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b";
    static final String SERVERS = "SELECT id, name, smtp_host, smtp_port, active, create_date FROM ir.mail_server ORDER BY id";
    /** pgjdbc prepares a statement on the server when it is run for the fifth time, and reads binary from then on. */
    static final int RUNS = 7;

    final Connection connection;
    final String options;

    Statements(Connection connection, String options) {
        this.connection = connection;
        this.options = options;
    }

    public static void main(String[] arguments) throws Exception {
        for (String options : Arrays.asList(arguments).subList(1, arguments.length))
            try (Connection connection = DriverManager.getConnection(arguments[0] + options)) {
                Statements statements = new Statements(connection, options);
                statements.reads();
                // In simple mode this driver describes nothing, and writes some values without their quotes.
                if (!options.contains("simple")) {
                    statements.parameters();
                    statements.describes();
                }
                statements.predicates();
                statements.fetchesInParts();
                statements.transactions();
                statements.fails();
                statements.stops();
            }
    }

    void print(String name, Object value) {
        String line = String.valueOf(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
        System.out.println(options + "\t" + name + "\t" + line);
    }

    String read(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return textOf(statement.executeQuery(sql));
        }
    }

    static String textOf(ResultSet rows) throws SQLException {
        List<String> lines = new ArrayList<>();
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            List<String> cells = new ArrayList<>();
            for (int column = 1; column <= columns; column++) cells.add(rows.getString(column));
            lines.add(String.join("|", cells.toArray(new String[0])));
        }
        return String.join(";", lines);
    }

    void reads() throws Exception {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(SERVERS)) {
            while (rows.next())
                print("server", String.join("|", String.valueOf(rows.getInt("id")), rows.getString("name"),
                    rows.getString("smtp_host"), String.valueOf(rows.getInt("smtp_port")),
                    String.valueOf(rows.getBoolean("active")), rows.getTimestamp("create_date").toString()));
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT 1; SELECT 2");
            String first = textOf(statement.getResultSet());
            statement.getMoreResults();
            print("several", first + " " + textOf(statement.getResultSet()));
        }
        try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY)) {
            ResultSet rows = statement.executeQuery("SELECT n FROM generate_series(1, 9) n");
            rows.last();
            int last = rows.getInt(1);
            rows.absolute(4);
            print("scrolled", last + " " + rows.getInt(1) + " " + rows.getRow());
        }
        print("escapes", read("SELECT {fn ucase('a')}, {d '2024-02-29'}, {ts '2024-02-29 01:02:03'}, {fn length('abc')}"));
        java.io.StringWriter copied = new java.io.StringWriter();
        long count = connection.unwrap(PGConnection.class).getCopyAPI()
            .copyOut("COPY (SELECT n, NULL FROM generate_series(1, 3) n) TO STDOUT", copied);
        print("copied", count + " " + copied.toString().replace("\t", ",").replace("\n", ";"));
        print("empty", connection.createStatement().execute(""));
    }

    /** Each type there and back, run until it goes in binary where the options allow it. */
    void parameters() throws Exception {
        String sql = "SELECT ?::bool, ?::int2, ?::int4, ?::int8, ?::float4, ?::float8, ?::numeric, ?::text, ?::bytea,"
            + " ?::date, ?::timestamp, ?::date, ?::timestamp, ?::timestamptz, ?::uuid, ?::int4[], ?::text[], ?::jsonb,"
            + " ?::time, ?::int4, ?::text, ?::timestamp, ?::bool, ?::numeric";
        Set<String> answers = new LinkedHashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int run = 0; run < RUNS; run++) {
                int place = 0;
                statement.setBoolean(++place, true);
                statement.setShort(++place, (short) -7);
                statement.setInt(++place, Integer.MAX_VALUE);
                statement.setLong(++place, Long.MIN_VALUE);
                statement.setFloat(++place, 0.5f);
                statement.setDouble(++place, 0.1);
                statement.setBigDecimal(++place, new BigDecimal("12345678901234567890.123"));
                statement.setString(++place, "it's \u20ac?");
                statement.setBytes(++place, new byte[] {0, (byte) 255});
                statement.setDate(++place, java.sql.Date.valueOf("2024-02-29"));
                statement.setTimestamp(++place, Timestamp.valueOf("2024-02-29 01:02:03.456"));
                statement.setObject(++place, LocalDate.of(1999, 12, 31));
                statement.setObject(++place, LocalDateTime.of(2024, 2, 29, 1, 2, 3));
                statement.setObject(++place, OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 0, ZoneOffset.ofHours(2)));
                statement.setObject(++place, UUID.fromString("00000000-0000-0000-0000-00000000000f"));
                statement.setArray(++place, connection.createArrayOf("int4", new Integer[] {1, null, 3}));
                statement.setArray(++place, connection.createArrayOf("text", new String[] {"a", "b,c"}));
                PGobject json = new PGobject();
                json.setType("jsonb");
                json.setValue("{\"a\": 1}");
                statement.setObject(++place, json);
                statement.setTime(++place, Time.valueOf("01:02:03"));
                for (int type : new int[] {Types.INTEGER, Types.VARCHAR, Types.TIMESTAMP, Types.BOOLEAN, Types.NUMERIC})
                    statement.setNull(++place, type);
                answers.add(typedOf(statement.executeQuery()));
            }
        }
        for (String answer : answers) print("parameters", answer);
    }

    static String typedOf(ResultSet row) throws SQLException {
        row.next();
        List<String> cells = new ArrayList<>(List.of(
            String.valueOf(row.getBoolean(1)), String.valueOf(row.getShort(2)), String.valueOf(row.getInt(3)),
            String.valueOf(row.getLong(4)), String.valueOf(row.getFloat(5)), String.valueOf(row.getDouble(6)),
            row.getBigDecimal(7).toString(), row.getString(8), Arrays.toString(row.getBytes(9)),
            row.getDate(10).toString(), row.getTimestamp(11).toString(),
            row.getObject(12, LocalDate.class).toString(), row.getObject(13, LocalDateTime.class).toString(),
            row.getObject(14, OffsetDateTime.class).toInstant().toString(), row.getObject(15).toString(),
            Arrays.toString((Object[]) row.getArray(16).getArray()),
            Arrays.toString((Object[]) row.getArray(17).getArray()), row.getString(18), row.getTime(19).toString()));
        for (int column = 20; column <= 24; column++) cells.add(String.valueOf(row.getObject(column)));
        return String.join("|", cells);
    }

    void predicates() throws Exception {
        Object[][] cases = {
            {"id = ?", 2}, {"id = ?", 2L}, {"id >= ? AND id < ?", 2, 5}, {"smtp_port IN (?, ?)", 465, 587},
            {"name = ?", read("SELECT name FROM ir.mail_server WHERE id = 1")}, {"active = ?", false},
            {"create_date >= ?", Timestamp.valueOf("2025-03-10 00:00:00")},
            {"id = ANY (?)", connection.createArrayOf("int4", new Integer[] {1, 3})}, {"name LIKE ?", "%e%"}};
        for (Object[] one : cases) {
            Set<String> answers = new LinkedHashSet<>();
            // As Trino writes it: with the catalog's name before the schema's, and everything quoted.
            String sql = "SELECT \"id\" FROM \"odoo\".\"ir\".\"mail_server\" WHERE " + one[0] + " ORDER BY \"id\"";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int run = 0; run < RUNS; run++) {
                    for (int place = 1; place < one.length; place++) statement.setObject(place, one[place]);
                    answers.add(textOf(statement.executeQuery()));
                }
            }
            for (String answer : answers) print(one[0] + " " + one[1].getClass().getSimpleName(), answer);
        }
    }

    void fetchesInParts() throws Exception {
        connection.setAutoCommit(false);
        try (Statement one = connection.createStatement(); Statement other = connection.createStatement()) {
            one.setFetchSize(5);
            other.setFetchSize(3);
            ResultSet ones = one.executeQuery("SELECT id FROM ir.mail_server ORDER BY id");
            ResultSet others = other.executeQuery("SELECT n FROM generate_series(1, 11) n");
            List<String> ids = new ArrayList<>();
            int sum = 0;
            boolean more = true;
            while (more) {
                more = false;
                if (ones.next()) { ids.add(ones.getString(1)); more = true; }
                if (others.next()) { sum += others.getInt(1); more = true; }
            }
            print("fetched", String.join(",", ids) + " " + sum);
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    void transactions() throws Exception {
        connection.setAutoCommit(false);
        String before = read("SELECT 1");
        Savepoint savepoint = connection.setSavepoint("here");
        String failed = stateOf(() -> read("SELECT nope"));
        String spoiled = stateOf(() -> read("SELECT 2"));
        connection.rollback(savepoint);
        String after = read("SELECT 3");
        connection.releaseSavepoint(savepoint);
        connection.commit();
        print("savepoint", String.join(" ", before, failed, spoiled, after));
        connection.setAutoCommit(true);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        print("readOnly", connection.isReadOnly() + " " + read("SHOW transaction_isolation") + " " + read("SELECT 4"));
        connection.setReadOnly(false);
        print("valid", connection.isValid(5));
        connection.setSchema("res");
        print("schema", connection.getSchema() + " " + read("SELECT count(*) > 0 FROM country") + " " + connection.getCatalog());
        connection.setSchema("ir");
        connection.setClientInfo("ApplicationName", "a report");
        print("application", read("SHOW application_name"));
    }

    void describes() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("SELECT n FROM generate_series(1, 100) n")) {
            statement.setMaxRows(3);
            print("maxRows", textOf(statement.executeQuery()));
        }
        String sql = "SELECT id, name AS title, active, create_date, smtp_port / 2.0 AS half FROM ir.mail_server WHERE id = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            ResultSetMetaData columns = statement.getMetaData();
            List<String> described = new ArrayList<>();
            for (int column = 1; column <= columns.getColumnCount(); column++)
                described.add(columns.getColumnLabel(column) + ":" + columns.getColumnTypeName(column) + ":"
                    + columns.getColumnClassName(column));
            print("columns", String.join(" ", described));
            print("parameterTypes", stateOf(() -> statement.getParameterMetaData().getParameterTypeName(1)));
        }
    }

    void fails() throws Exception {
        try {
            read("SELECT nope FROM ir.mail_server");
        } catch (PSQLException error) {
            print("error", error.getSQLState() + " " + error.getServerErrorMessage().getPosition() + " "
                + error.getServerErrorMessage().getMessage());
        }
        print("write", stateOf(() -> String.valueOf(connection.createStatement().executeUpdate("DELETE FROM ir.mail_server"))));
        print("division", stateOf(() -> read("SELECT id / 0 FROM ir.mail_server")));
    }

    void stops() throws Exception {
        try (Statement statement = connection.createStatement()) {
            Timer timer = new Timer(true);
            timer.schedule(new TimerTask() {
                @Override
                public void run() {
                    try { statement.cancel(); } catch (SQLException error) { throw new IllegalStateException(error); }
                }
            }, 500);
            print("cancelled", stateOf(() -> textOf(statement.executeQuery(SLOW))));
            statement.setQueryTimeout(1);
            print("timed out", stateOf(() -> textOf(statement.executeQuery(SLOW))));
            statement.setQueryTimeout(0);
            print("goes on", textOf(statement.executeQuery("SELECT 5")));
        }
    }

    interface Work {
        String run() throws SQLException;
    }

    /** What the work gives, or the SQLSTATE that it fails with. */
    static String stateOf(Work work) {
        try {
            return work.run();
        } catch (SQLException error) {
            return error.getSQLState();
        }
    }
}
