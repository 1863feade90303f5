package dev.tributary.examples.server;

import dev.tributary.testkit.server.EmbeddedServer;
import java.util.concurrent.CountDownLatch;

/**
 * The embedded server in the foreground. System properties: {@code protocol} (default flowmesh), {@code port} (default the protocol's
 * own, 0 for a free one), {@code token} (default none, then none is asked for).
 */
public final class ServerMain {
  /** What the line begins with that says where the server listens. */
  public static final String READY = "listening on ";

  private ServerMain() {}

  /** Runs until the process is stopped; with {@code untilEof}, until its input ends. */
  public static void main(String[] args) throws Exception {
    EmbeddedServer.Builder builder = EmbeddedServer.of(setting("protocol", "flowmesh"));
    String port = setting("port", "");
    if (port.isEmpty()) {
      builder.usualPort();
    } else {
      builder.port(Integer.parseInt(port));
    }
    String token = setting("token", "");
    if (!token.isEmpty()) {
      builder.token(token);
    }
    EmbeddedServer server = builder.start();
    System.out.println(READY + server.uri());
    if (Boolean.getBoolean("untilEof")) {
      while (System.in.read() >= 0) {
        // Nothing is expected on the input but its end.
      }
      server.close();
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    new CountDownLatch(1).await();
  }

  private static String setting(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isEmpty() ? otherwise : value;
  }
}
