package dev.tributary.examples.bench;

import dev.tributary.examples.program.Program;
import dev.tributary.examples.server.ServerMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The embedded server in a process of its own, so that the client's figures are the client's alone. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final String uri;

  private ServerProcess(Process process, String uri) {
    this.process = process;
    this.uri = uri;
  }

  static ServerProcess start(String protocol) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx4g",
                "-XX:+UseSerialGC",
                "-Dprotocol=" + protocol,
                "-Dport=0",
                "-DwithParent=true",
                "-cp",
                System.getProperty("java.class.path"),
                ServerMain.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = output.readLine();
    while (line != null && !line.startsWith(ServerMain.READY)) {
      line = output.readLine();
    }
    if (line == null) {
      throw new Program.Failure("the embedded server of " + protocol + " did not start");
    }
    return new ServerProcess(process, line.substring(ServerMain.READY.length()).strip());
  }

  String uri() {
    return uri;
  }

  /** Ends it; it also goes when this process is killed. */
  @Override
  public void close() {
    process.destroy();
  }
}
