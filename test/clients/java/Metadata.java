import java.sql.*;
import java.util.*;

/** Every list of pgjdbc's DatabaseMetaData. Prints a line for each row: method, then the columns chosen, with tabs between. */
class Metadata {
    static final int ROWS_MAX = 2000;

    interface Work {
        ResultSet run() throws SQLException;
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            DatabaseMetaData meta = connection.getMetaData();
            print("getTables", "TABLE_SCHEM TABLE_NAME TABLE_TYPE REMARKS", () -> meta.getTables(null, null, "%", new String[] {"TABLE", "VIEW"}));
            print("getColumns", "COLUMN_NAME TYPE_NAME DATA_TYPE NULLABLE ORDINAL_POSITION REMARKS", () -> meta.getColumns(null, "ir", "mail_server", "%"));
            print("getColumns of partner", "COLUMN_NAME TYPE_NAME", () -> meta.getColumns("odoo", "res", "partner", "%"));
            print("getPrimaryKeys", "TABLE_SCHEM TABLE_NAME COLUMN_NAME KEY_SEQ", () -> meta.getPrimaryKeys(null, "ir", "mail_server"));
            print("getImportedKeys", "FKCOLUMN_NAME PKTABLE_SCHEM PKTABLE_NAME PKCOLUMN_NAME", () -> meta.getImportedKeys(null, "res", "partner"));
            print("getExportedKeys", "FKTABLE_SCHEM FKTABLE_NAME FKCOLUMN_NAME", () -> meta.getExportedKeys(null, "res", "country"));
            print("getCrossReference", "FKTABLE_NAME FKCOLUMN_NAME PKCOLUMN_NAME", () -> meta.getCrossReference(null, "res", "country", null, "res", "partner"));
            print("getIndexInfo", "INDEX_NAME NON_UNIQUE COLUMN_NAME", () -> meta.getIndexInfo(null, "ir", "mail_server", false, true));
            print("getBestRowIdentifier", "COLUMN_NAME TYPE_NAME", () -> meta.getBestRowIdentifier(null, "ir", "mail_server", DatabaseMetaData.bestRowSession, true));
            print("getVersionColumns", "COLUMN_NAME", () -> meta.getVersionColumns(null, "ir", "mail_server"));
            print("getSchemas", "TABLE_SCHEM", meta::getSchemas);
            print("getCatalogs", "TABLE_CAT", meta::getCatalogs);
            print("getTableTypes", "TABLE_TYPE", meta::getTableTypes);
            print("getTypeInfo", "TYPE_NAME DATA_TYPE", meta::getTypeInfo);
            print("getTablePrivileges", "TABLE_NAME GRANTEE PRIVILEGE", () -> meta.getTablePrivileges(null, "ir", "mail_server"));
            print("getColumnPrivileges", "COLUMN_NAME GRANTEE PRIVILEGE", () -> meta.getColumnPrivileges(null, "ir", "mail_server", "name"));
            print("getFunctions", "FUNCTION_SCHEM FUNCTION_NAME", () -> meta.getFunctions(null, "pg_catalog", "btrim"));
            print("getFunctionColumns", "FUNCTION_NAME COLUMN_NAME TYPE_NAME", () -> meta.getFunctionColumns(null, "pg_catalog", "btrim", "%"));
            print("getProcedures", "PROCEDURE_NAME", () -> meta.getProcedures(null, null, "%"));
            print("getProcedureColumns", "PROCEDURE_NAME", () -> meta.getProcedureColumns(null, "ir", "%", "%"));
            print("getUDTs", "TYPE_NAME", () -> meta.getUDTs(null, "ir", "%", null));
            print("getClientInfoProperties", "NAME", meta::getClientInfoProperties);
            print("partitions", "odoo.partitions", () -> connection.createStatement().executeQuery("SHOW odoo.partitions"));
            print("path", "search_path", () -> connection.createStatement().executeQuery("SHOW search_path"));
            System.out.println("product\t" + meta.getDatabaseProductName() + "\t" + meta.getUserName());
            System.out.println("version\t" + meta.getDatabaseMajorVersion());
            System.out.println("words\t" + meta.getSQLKeywords().contains("ilike") + "\t" + meta.getMaxColumnNameLength()
                + "\t" + meta.getIdentifierQuoteString() + "\t" + meta.getDefaultTransactionIsolation());
        }
    }

    static void print(String method, String columns, Work work) throws SQLException {
        int count = 0;
        try (ResultSet rows = work.run()) {
            while (rows.next() && count++ < ROWS_MAX) {
                List<String> cells = new ArrayList<>(List.of(method));
                for (String column : columns.split(" ")) cells.add(String.valueOf(rows.getString(column)));
                System.out.println(String.join("\t", cells));
            }
        }
        System.out.println(method + " rows\t" + count);
    }
}
