package dev.tributary.testkit.server;

import dev.tributary.error.InvalidRequestException;
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
import org.jspecify.annotations.Nullable;

/**
 * A real nats-server with JetStream, as a process on the loopback interface, with a store of its own that goes with it. Its program is no part of
 * Tributary: it is the one that the system property {@link #PROPERTY} names, or else {@code nats-server} in {@code ~/.cache/tributary} or on the path.
 *
 * <p>Thread-safe. Starting and killing wait, so they are not for event loops.
 */
public final class NatsServer implements AutoCloseable {
  /** The system property with the path of the program. */
  public static final String PROPERTY = "tributary.nats-server";

  private static final String NAME = "nats-server";
  private static final String HOST = "127.0.0.1";
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Path program;
  private final Path directory;
  private final List<String> arguments;
  private final int port = freePort();
  private final Thread hook = new Thread(this::kill);
  private @Nullable Process process;

  private NatsServer(Path program, List<String> arguments) {
    this.program = program;
    this.arguments = arguments;
    try {
      this.directory = Files.createTempDirectory("tributary-nats");
    } catch (IOException full) {
      throw new UncheckedIOException(full);
    }
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether there is a program to start. */
  public static boolean available() {
    return program().isPresent();
  }

  /**
   * One on a free port, with these arguments besides; it does not run yet.
   *
   * @throws InvalidRequestException if there is no program to start
   */
  public static NatsServer with(String... arguments) {
    return new NatsServer(
        program()
            .orElseThrow(
                () ->
                    InvalidRequestException.of(
                        "there is no " + NAME + " to start", "Install it on the path, as docs/jetstream.md says, or set -D" + PROPERTY + " to its file")),
        List.of(arguments));
  }

  private static Optional<Path> program() {
    String given = System.getProperty(PROPERTY);
    if (given != null) {
      return Optional.of(Path.of(given)).filter(Files::isExecutable);
    }
    Stream<Path> cached = Stream.of(Path.of(System.getProperty("user.home"), ".cache", "tributary"));
    Stream<Path> path = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).map(Path::of);
    return Stream.concat(cached, path).map(folder -> folder.resolve(NAME)).filter(Files::isExecutable).findFirst();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException none) {
      throw new UncheckedIOException(none);
    }
  }

  /**
   * Starts it, with what it had stored when it was killed, and waits until it answers; no effect while it runs.
   *
   * @throws IllegalStateException if it does not answer within 30 s
   */
  public synchronized NatsServer start() {
    if (process != null && process.isAlive()) {
      return this;
    }
    List<String> command = new ArrayList<>(List.of(program.toString(), "-a", HOST, "-p", Integer.toString(port), "-js", "-sd", directory.toString()));
    command.addAll(arguments);
    Path log = directory.resolve("log");
    Process started;
    try {
      started = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    process = started;
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!answers()) {
      if (System.nanoTime() - end > 0 || !started.isAlive()) {
        throw new IllegalStateException(NAME + " did not start; see " + log);
      }
      LockSupport.parkNanos(10_000_000);
    }
    return this;
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(HOST, port), 1_000);
      return socket.getInputStream().read() == 'I';
    } catch (IOException notYet) {
      return false;
    }
  }

  /** A complete URI for a client, without credentials. */
  public String uri() {
    return "nats://" + HOST + ":" + port;
  }

  /** Where it listens, on the loopback interface. */
  public int port() {
    return port;
  }

  /** Ends it without a word, as {@code kill -9} does; what it stored stays. No effect if it does not run. */
  public synchronized void kill() {
    if (process == null) {
      return;
    }
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends it for good, and deletes what it stored. Again is no error. */
  @Override
  public synchronized void close() {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException gone) {
      // By another close.
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // It runs just now.
    }
  }
}
