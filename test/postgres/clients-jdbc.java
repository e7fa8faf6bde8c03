// JDBC's usual work: prepared on the server after five uses, batches, fetch size, COPY, large objects (by FunctionCall), metadata, errors.
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.*;
import org.postgresql.PGConnection;
import org.postgresql.largeobject.LargeObjectManager;

class Main {
  public static void main(String[] args) throws Exception {
    String url = "jdbc:postgresql://127.0.0.1:" + args[0] + "/" + args[3] + "?sslmode=disable";
    try (Connection connection = DriverManager.getConnection(url, args[1], args[2])) {
      PreparedStatement byId = connection.prepareStatement("SELECT id, name, price, at, raw, mood FROM shop.items WHERE id = ?");
      for (int i = 1; i <= 8; i++) {
        byId.setInt(1, i);
        try (ResultSet row = byId.executeQuery()) {
          row.next();
          System.out.println(row.getInt(1) + row.getString(2) + row.getBigDecimal(3) + row.getTimestamp(4).getTime() + row.getBytes(5).length + row.getString(6));
        }
      }
      connection.setAutoCommit(false);
      Statement statement = connection.createStatement();
      statement.setFetchSize(40);
      long sum = 0;
      try (ResultSet rows = statement.executeQuery("SELECT id FROM shop.items ORDER BY id")) {
        while (rows.next()) sum += rows.getInt(1);
      }
      System.out.println(sum);
      statement.execute("CREATE TEMP TABLE back (id int, name text)");
      PreparedStatement many = connection.prepareStatement("INSERT INTO back VALUES (?, ?)");
      for (int i = 0; i < 300; i++) {
        many.setInt(1, i);
        many.setString(2, "row " + i);
        many.addBatch();
      }
      System.out.println(many.executeBatch().length);
      PGConnection own = connection.unwrap(PGConnection.class);
      System.out.println(own.getCopyAPI().copyIn("COPY back FROM STDIN", new StringReader("1\tx\n2\ty\n")));
      StringWriter out = new StringWriter();
      System.out.println(own.getCopyAPI().copyOut("COPY back TO STDOUT", out) + " " + out.toString().length());
      LargeObjectManager large = own.getLargeObjectAPI();
      long oid = large.createLO(LargeObjectManager.READWRITE);
      try (var object = large.open(oid, LargeObjectManager.READWRITE)) {
        object.write("some bytes".getBytes());
        object.seek(5);
        System.out.println(new String(object.read(5)) + object.size());
      }
      Savepoint savepoint = connection.setSavepoint("s");
      for (String sql : new String[] {"SELECT 1/0", "SELEC", "SELECT * FROM nowhere"}) {
        try {
          statement.executeQuery(sql);
        } catch (SQLException error) {
          System.out.println(error.getSQLState() + " " + error.getMessage());
          connection.rollback(savepoint);
        }
      }
      connection.rollback();
      connection.setAutoCommit(true);
      DatabaseMetaData about = connection.getMetaData();
      System.out.println(about.getDatabaseProductVersion());
      try (ResultSet tables = about.getTables(null, "shop", "%", null)) {
        while (tables.next()) System.out.println(tables.getString("TABLE_NAME") + " " + tables.getString("TABLE_TYPE"));
      }
      try (ResultSet columns = about.getColumns(null, "shop", "items", "%")) {
        while (columns.next()) System.out.println(columns.getString("COLUMN_NAME") + " " + columns.getString("TYPE_NAME"));
      }
      try (ResultSet keys = about.getImportedKeys(null, "shop", "parts")) {
        while (keys.next()) System.out.println(keys.getString("PKTABLE_NAME") + " " + keys.getShort("DELETE_RULE"));
      }
      statement.execute("DO $$ BEGIN RAISE NOTICE 'note'; END $$");
      System.out.println(statement.getWarnings().getMessage());
    }
  }
}
