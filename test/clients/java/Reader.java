import java.sql.*;

/** Reads a statement's whole result several times: arguments are JDBC URL, SQL, times. Prints a line for each: milliseconds, rows. */
class Reader {
    static final int FETCH_SIZE = 2000;

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0]); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.setFetchSize(FETCH_SIZE);
            for (int round = 0; round < Integer.parseInt(arguments[2]); round++) {
                long start = System.nanoTime();
                int count = 0;
                try (ResultSet rows = statement.executeQuery(arguments[1])) {
                    int columns = rows.getMetaData().getColumnCount();
                    while (rows.next()) {
                        for (int column = 1; column <= columns; column++) rows.getObject(column);
                        count++;
                    }
                }
                System.out.println((System.nanoTime() - start) / 1e6 + "\t" + count);
            }
        }
    }
}
