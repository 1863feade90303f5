package dev.tributary.nats;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A real server, as a process with a store of its own. Its program is the one of the system property {@link #PROPERTY}, on the path, or in {@code
 * ~/.cache/tributary}; where there is none, tests are skipped.
 */
final class NatsServer implements AutoCloseable {
  static final String PROPERTY = "tributary.nats-server";

  private static final String NAME = "nats-server";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static NatsServer shared;

  private final Path program;
  private final Path directory;
  private final List<String> more;
  private final int port = freePort();
  private Process process;

  private NatsServer(Path program, String... more) {
    this.program = program;
    this.more = List.of(more);
    try {
      this.directory = Files.createTempDirectory("tributary-nats");
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    start();
  }

  /** One that stays for all tests of this process. */
  static synchronized NatsServer shared() {
    if (shared == null) {
      shared = with();
    }
    return shared;
  }

  /** One with these arguments besides. */
  static NatsServer with(String... arguments) {
    Optional<Path> found = find();
    assumeTrue(found.isPresent(), NAME + " is not there: set -D" + PROPERTY + " or install it on the path");
    return new NatsServer(found.get(), arguments);
  }

  private static Optional<Path> find() {
    String given = System.getProperty(PROPERTY);
    Stream<Path> cached = Stream.of(Path.of(System.getProperty("user.home"), ".cache", "tributary", NAME));
    Stream<Path> path =
        Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).map(folder -> Path.of(folder, NAME));
    return given == null
        ? Stream.concat(cached, path).filter(Files::isExecutable).findFirst()
        : Optional.of(Path.of(given)).filter(Files::isExecutable);
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException none) {
      throw new UncheckedIOException(none);
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /** Starts it again with what it had stored. */
  void start() {
    List<String> command = new ArrayList<>(List.of(program.toString(), "-a", "127.0.0.1", "-p", Integer.toString(port), "-js", "-sd", directory.toString()));
    command.addAll(more);
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(directory.resolve("log").toFile()).start();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!answers()) {
      if (System.nanoTime() - end > 0 || !process.isAlive()) {
        throw new IllegalStateException(NAME + " did not start; see " + directory.resolve("log"));
      }
      LockSupport.parkNanos(10_000_000);
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
      return socket.getInputStream().read() == 'I';
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Ends it without a word, as {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException gone) {
      // By another close.
    }
  }
}
