import java.sql.*;
import java.util.*;
import java.util.concurrent.*;

/**
 * Reads a table as Spark's JDBC source does: a connection for each partition, all at once, with the bounds of its ids
 * written into the statement, the first and the last open to the outside. Arguments: JDBC URL, table, upper bound.
 * Prints a line for each partition: its predicate, the rows that came, their ids, what Odoo was asked, and the rows
 * that Odoo sent to that connection.
 */
class Partitions {
    static final int PARTITIONS = 8;
    static final int FETCH_SIZE = 1000;

    public static void main(String[] arguments) throws Exception {
        int upper = Integer.parseInt(arguments[2]);
        ExecutorService threads = Executors.newFixedThreadPool(PARTITIONS);
        List<Future<String>> reads = new ArrayList<>();
        for (String predicate : predicates(upper))
            reads.add(threads.submit(() -> read(arguments[0], arguments[1], predicate)));
        threads.shutdown();
        for (Future<String> read : reads) System.out.println(read.get());
    }

    static List<String> predicates(int upper) {
        int stride = upper / PARTITIONS;
        List<String> predicates = new ArrayList<>(List.of("\"id\" < " + (stride + 1) + " or \"id\" is null"));
        for (int part = 1; part < PARTITIONS - 1; part++)
            predicates.add("\"id\" >= " + (part * stride + 1) + " AND \"id\" < " + ((part + 1) * stride + 1));
        predicates.add("\"id\" >= " + ((PARTITIONS - 1) * stride + 1));
        return predicates;
    }

    static String read(String url, String table, String predicate) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            String schema = columnsOf(statement.executeQuery("SELECT * FROM " + table + " WHERE 1=0"));
            statement.setFetchSize(FETCH_SIZE);
            String sql = "SELECT \"id\",\"name\" FROM " + table + " WHERE " + predicate;
            List<String> ids = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) ids.add(rows.getString(1));
            }
            StringJoiner plan = new StringJoiner(" ");
            try (ResultSet lines = statement.executeQuery("EXPLAIN " + sql)) {
                while (lines.next()) plan.add(lines.getString(1).trim());
            }
            String sent = "";
            try (ResultSet calls = statement.executeQuery(
                "SELECT sum(rows) FROM system.calls WHERE method = 'search_read' AND model = '" + table.replaceAll("[\"]", "") + "'")) {
                if (calls.next()) sent = calls.getString(1);
            }
            connection.commit();
            return String.join("\t", predicate, String.valueOf(ids.size()), String.join(",", ids), plan.toString(), sent, schema);
        }
    }

    static String columnsOf(ResultSet rows) throws SQLException {
        return rows.getMetaData().getColumnCount() > 0 && !rows.next() ? rows.getMetaData().getColumnTypeName(1) : "none";
    }
}
