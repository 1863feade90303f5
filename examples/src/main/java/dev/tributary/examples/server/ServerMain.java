package dev.tributary.examples.server;

import dev.tributary.examples.program.Program;
import dev.tributary.examples.program.Setting;
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

  /** Runs until the process is stopped. */
  public static void main(String[] args) {
    String protocol = Setting.text("protocol", "flowmesh");
    Program.run("starting an embedded server that speaks " + protocol, () -> serve(protocol));
  }

  private static boolean serve(String protocol) throws InterruptedException {
    EmbeddedServer.Builder builder = EmbeddedServer.of(protocol).usualPort();
    int port = Setting.port(-1, 0);
    if (port >= 0) {
      builder.port(port);
    }
    String token = Setting.text("token");
    if (token != null) {
      builder.token(token);
    }
    EmbeddedServer server = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    System.out.println(READY + server.uri());
    String forClients = token == null ? server.uri() : server.uri().replaceFirst("://", "://TOKEN@");
    System.out.println("It speaks " + protocol + " and keeps everything in memory. Connect to it from Java or Kotlin, or let the quickstart do it:");
    System.out.println("  Tributary.connect(\"" + forClients + "\")");
    System.out.println("  mvn -q -Pquickstart '-Duri=" + forClients + "'");
    System.out.println("Ctrl-C ends it.");
    new CountDownLatch(1).await();
    return true;
  }
}
