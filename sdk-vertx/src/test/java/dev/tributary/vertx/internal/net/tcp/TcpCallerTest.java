package dev.tributary.vertx.internal.net.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.ManualTime;
import dev.tributary.vertx.internal.net.Network;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.parsetools.RecordParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lines of text: a request is one, and so is its answer. */
@Timeout(60)
class TcpCallerTest {
  private static final String NOTHING = "nothing";
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String GREETING = "hello";
  private static final String QUESTION = "there?";
  private static Vertx vertx;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ManualTime clock = new ManualTime();
  private Context loop;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private static final class Lines implements Wire<String> {
    @Override
    public Answers<String> answers() {
      return new Answers<>() {
        private ByteBuf left = Unpooled.buffer();

        @Override
        public void add(ByteBuf more) {
          left.writeBytes(more);
        }

        @Override
        public @Nullable String next() {
          int length = left.bytesBefore((byte) '\n');
          if (length < 0) {
            return null;
          }
          String line = left.readCharSequence(length, StandardCharsets.UTF_8).toString();
          left.skipBytes(1);
          if (line.equals("garbage")) {
            throw new ProtocolViolationException(ErrorInfo.of("garbage", ""));
          }
          return line;
        }
      };
    }

    @Override
    public ByteBuf question() {
      return line(QUESTION);
    }

    @Override
    public Duration heartbeat() {
      return Duration.ofSeconds(60);
    }

    @Override
    public CompletableFuture<Optional<TributaryException>> greet(Function<ByteBuf, CompletableFuture<String>> ask) {
      return Steps.map(
          ask.apply(line(GREETING)),
          answer -> {
            if (answer.equals("no")) {
              throw new UnauthenticatedException(ErrorInfo.of("not you", ""));
            }
            return answer.equals("nobody") ? Optional.of(new UnauthenticatedException(ErrorInfo.of("nobody", ""))) : Optional.empty();
          });
    }
  }

  private static ByteBuf line(String text) {
    return Unpooled.copiedBuffer(text + "\n", StandardCharsets.UTF_8);
  }

  /** Who answers as a test has it. */
  private final class Site {
    final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    final BlockingQueue<NetSocket> sockets = new LinkedBlockingQueue<>();
    final int port;

    Site(BiConsumer<NetSocket, String> script) throws Exception {
      NetServer server =
          vertx
              .createNetServer()
              .connectHandler(
                  socket -> {
                    sockets.add(socket);
                    socket.handler(
                        RecordParser.newDelimited(
                            "\n",
                            line -> {
                              asked.add(line.toString());
                              script.accept(socket, line.toString());
                            }));
                  });
      port = server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS).actualPort();
      open.add(() -> server.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS));
    }

    /** Everything that was asked up to this, without it. */
    List<String> upTo(String last) throws InterruptedException {
      List<String> all = new ArrayList<>();
      for (String next = next(); !next.equals(last); next = next()) {
        assertThat(next).as("while waiting for %s, after %s", last, all).isNotEqualTo(NOTHING);
        all.add(next);
      }
      return all;
    }

    String next() throws InterruptedException {
      String next = asked.poll(20, TimeUnit.SECONDS);
      return next == null ? NOTHING : next;
    }
  }

  private static void echo(NetSocket socket, String line) {
    socket.write(line + "\n");
  }

  /** Answers the greeting, and nothing else. */
  private static void greetOnly(NetSocket socket, String line) {
    if (line.equals(GREETING)) {
      socket.write("welcome\n");
    }
  }

  private TcpCaller<String> caller(UnaryOperator<ClientConfig.Builder> more, int... ports) {
    ClientConfig.Builder config = ClientConfig.builder("test");
    for (int port : ports) {
      config.endpoint("127.0.0.1", port);
    }
    Network network = Network.on(vertx, more.apply(config).build(), 1);
    loop = network.loop();
    TcpCaller<String> caller = new TcpCaller<>(network, new Lines());
    open.add(() -> caller.close().get(10, TimeUnit.SECONDS));
    return caller;
  }

  private static CompletableFuture<String> call(TcpCaller<String> caller, String text) {
    return caller.call(0, line(text), Deadline.after(TimeSource.system(), LONG));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static TributaryException failure(CompletableFuture<?> future) throws Exception {
    try {
      get(future);
    } catch (ExecutionException failed) {
      return (TributaryException) failed.getCause();
    }
    throw new AssertionError("it did not fail");
  }

  @Test
  void answersGoToTheirRequestsInOrderHoweverTheyAreSplit() throws Exception {
    Site site = new Site((socket, line) -> (line + "!\n").chars().forEach(c -> socket.write(Buffer.buffer(new byte[] {(byte) c}))));
    TcpCaller<String> caller = caller(config -> config, site.port);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      calls.add(call(caller, "call-" + i));
    }
    for (int i = 0; i < 1_000; i++) {
      assertThat(get(calls.get(i))).isEqualTo("call-" + i + "!");
    }
    assertThat(site.next()).as("first of all").isEqualTo(GREETING);
    assertThat(site.sockets).hasSize(1);
  }

  @Test
  void theFirstRequestsOfATurnLeaveWhileItMakesMore() throws Exception {
    ServerSocket site = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    open.add(site);
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    // On a thread of its own: the event loop is kept busy.
    Thread peer = new Thread(() -> echoLines(site, asked));
    peer.setDaemon(true);
    peer.start();
    TcpCaller<String> caller = caller(config -> config, site.getLocalPort());
    assertThat(get(call(caller, "a"))).isEqualTo("a");
    asked.clear();
    CompletableFuture<String> heard = new CompletableFuture<>();
    List<CompletableFuture<String>> calls = new ArrayList<>();
    loop.runOnContext(
        turn -> {
          for (int i = 0; i < 100; i++) {
            calls.add(call(caller, "call-" + i));
          }
          try {
            heard.complete(asked.poll(10, TimeUnit.SECONDS));
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    assertThat(get(heard)).as("before the turn is over").isEqualTo("call-0");
    for (int i = 0; i < 100; i++) {
      assertThat(get(calls.get(i))).isEqualTo("call-" + i);
    }
  }

  private static void echoLines(ServerSocket site, BlockingQueue<String> asked) {
    try (Socket socket = site.accept();
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        asked.add(line);
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException closed) {
      asked.add(NOTHING);
    }
  }

  @Test
  void whatNeedsALoginIsOnlySentWhereThereWasOne() throws Exception {
    Site site = new Site((socket, line) -> socket.write(line.equals(GREETING) ? "nobody\n" : line + "\n"));
    TcpCaller<String> caller = caller(config -> config, site.port);
    Deadline deadline = Deadline.after(TimeSource.system(), LONG);
    TributaryException refused = failure(caller.call(0, line("secret"), true, deadline));
    assertThat(refused).isInstanceOf(UnauthenticatedException.class);
    assertThat(refused.maybeApplied()).isFalse();
    assertThat(get(call(caller, "a"))).isEqualTo("a");
    assertThat(site.upTo("a")).containsExactly(GREETING);
    Site known = new Site(TcpCallerTest::echo);
    assertThat(get(caller(config -> config, known.port).call(0, line("secret"), true, deadline))).isEqualTo("secret");
  }

  @Test
  void aCallThatIsGivenUpKeepsItsPlace() throws Exception {
    List<Runnable> answers = new ArrayList<>();
    Site site =
        new Site(
            (socket, line) -> {
              if (line.equals(GREETING)) {
                echo(socket, line);
              } else {
                answers.add(() -> echo(socket, line));
                if (answers.size() == 3) {
                  answers.forEach(Runnable::run);
                }
              }
            });
    TcpCaller<String> caller = caller(config -> config, site.port);
    CompletableFuture<String> first = call(caller, "a");
    CompletableFuture<String> second = call(caller, "b");
    assertThat(site.upTo("b")).containsExactly(GREETING, "a");
    first.cancel(true);
    assertThat(get(call(caller, "c"))).isEqualTo("c");
    assertThat(get(second)).isEqualTo("b");
  }

  @Test
  void aCallThatIsGivenUpBeforeItWasSentIsNotSent() throws Exception {
    Site site = new Site(TcpCallerTest::greetOnly);
    TcpCaller<String> caller = caller(config -> config.maxConcurrentCalls(1), site.port);
    CompletableFuture<String> first = call(caller, "a");
    assertThat(site.upTo("a")).containsExactly(GREETING);
    CompletableFuture<String> second = call(caller, "b");
    CompletableFuture<String> third = call(caller, "c");
    second.cancel(true);
    site.sockets.take().write("x\n");
    assertThat(get(first)).isEqualTo("x");
    assertThat(site.next()).isEqualTo("c");
    third.cancel(true);
  }

  /** The caller is told before the loop hears of it. */
  @Test
  void aCallWhoseCallerWasToldThatNothingWasDoneIsNotSent() throws Exception {
    Site site = new Site(TcpCallerTest::greetOnly);
    TcpCaller<String> caller = caller(config -> config.maxConcurrentCalls(1), site.port);
    CompletableFuture<String> first = call(caller, "a");
    assertThat(site.upTo("a")).containsExactly(GREETING);
    Deadline over = Deadline.after(TimeSource.system(), LONG);
    CompletableFuture<String> second = caller.call(0, line("b"), over);
    CompletableFuture<String> third = call(caller, "c");
    assertThat(over.withdraw()).isTrue();
    site.sockets.take().write("x\n");
    assertThat(get(first)).isEqualTo("x");
    assertThat(site.next()).isEqualTo("c");
    assertThat(second).isCancelled();
    third.cancel(true);
  }

  @Test
  void whenAConnectionBreaksWhatWasSentMayHaveBeenCarriedOutAndTheRestGoesElsewhere() throws Exception {
    Site first = new Site(TcpCallerTest::greetOnly);
    Site second = new Site(TcpCallerTest::echo);
    TcpCaller<String> caller = caller(config -> config.maxConcurrentCalls(2), first.port, second.port);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(call(caller, "call-" + i));
    }
    assertThat(first.upTo("call-1")).containsExactly(GREETING, "call-0");
    first.sockets.take().close();
    for (int i = 0; i < 2; i++) {
      assertThat(failure(calls.get(i))).isInstanceOf(ConnectionFailedException.class).matches(TributaryException::maybeApplied);
    }
    for (int i = 2; i < 5; i++) {
      assertThat(get(calls.get(i))).isEqualTo("call-" + i);
    }
    assertThat(second.upTo("call-4")).containsExactly(GREETING, "call-2", "call-3");
  }

  @Test
  void aConnectionOnWhichNothingArrivesIsGivenUp() throws Exception {
    Site site = new Site(TcpCallerTest::greetOnly);
    TcpCaller<String> caller = caller(config -> config.time(clock).idleProbe(Duration.ofSeconds(15)), site.port);
    CompletableFuture<String> call = call(caller, "a");
    assertThat(site.upTo("a")).containsExactly(GREETING);
    pass(Duration.ofSeconds(14));
    assertThat(call).isNotDone();
    pass(Duration.ofSeconds(2));
    assertThat(failure(call)).hasMessageContaining("nothing arrives from").matches(TributaryException::maybeApplied);
  }

  /** A little at a time, so that what was made ready meanwhile has its turn on the event loop of the lanes. */
  private void pass(Duration time) throws Exception {
    for (Duration left = time; !left.isZero(); left = left.minusMillis(100)) {
      clock.pass(Duration.ofMillis(100));
      CompletableFuture<Void> turn = new CompletableFuture<>();
      loop.runOnContext(now -> turn.complete(null));
      get(turn);
    }
  }

  @Test
  void anIdleConnectionSaysSomethingBeforeItIsTakenForDead() throws Exception {
    Site site = new Site(TcpCallerTest::echo);
    TcpCaller<String> caller = caller(config -> config.time(clock), site.port);
    get(call(caller, "a"));
    assertThat(site.upTo("a")).containsExactly(GREETING);
    pass(Duration.ofSeconds(61));
    assertThat(site.next()).isEqualTo(QUESTION);
    assertThat(get(call(caller, "b"))).isEqualTo("b");
    assertThat(site.sockets).hasSize(1);
  }

  @Test
  void whoIsNotLetInIsToldAndNothingElseIsSent() throws Exception {
    Site site = new Site((socket, line) -> socket.write("no\n"));
    TcpCaller<String> caller = caller(config -> config, site.port);
    assertThat(failure(call(caller, "secret"))).isInstanceOf(UnauthenticatedException.class).matches(error -> !error.maybeApplied());
    assertThat(site.asked).containsOnly(GREETING);
  }

  @Test
  void whoHangsUpAtTheGreetingIsPassedOver() throws Exception {
    Site first = new Site((socket, line) -> socket.close());
    Site second = new Site(TcpCallerTest::echo);
    assertThat(get(call(caller(config -> config, first.port, second.port), "a"))).isEqualTo("a");
    assertThat(failure(call(caller(config -> config, first.port), "a"))).hasMessageContaining("closed the connection").matches(error -> !error.maybeApplied());
  }

  @Test
  void whoSaysNothingAtTheGreetingIsNotWaitedForForEver() throws Exception {
    Site site = new Site((socket, line) -> {});
    TcpCaller<String> caller = caller(config -> config.connectTimeout(Duration.ofMillis(200)), site.port);
    assertThat(failure(call(caller, "a"))).isInstanceOf(ConnectionFailedException.class).matches(error -> !error.maybeApplied());
  }

  @Test
  void whatIsNoAnswerEndsTheConnection() throws Exception {
    Site site = new Site((socket, line) -> echo(socket, line.equals("a") ? "garbage" : line));
    TcpCaller<String> caller = caller(config -> config, site.port);
    assertThat(failure(call(caller, "a"))).isInstanceOf(ProtocolViolationException.class).matches(TributaryException::maybeApplied);
    assertThat(get(call(caller, "b"))).as("on another").isEqualTo("b");
    assertThat(site.sockets).hasSize(2);
  }

  @Test
  void anAnswerThatNobodyAskedForEndsTheConnection() throws Exception {
    Site site = new Site((socket, line) -> echo(socket, line.equals("a") ? "a\nmore" : line));
    TcpCaller<String> caller = caller(config -> config, site.port);
    assertThat(get(call(caller, "a"))).isEqualTo("a");
    assertThat(get(call(caller, "b"))).isEqualTo("b");
    assertThat(site.sockets).hasSize(2);
  }

  @Test
  void whatWaitsIsBounded() throws Exception {
    Site site = new Site(TcpCallerTest::greetOnly);
    TcpCaller<String> caller = caller(config -> config.maxConcurrentCalls(1).maxInFlightCalls(10), site.port);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    calls.add(call(caller, "call-0"));
    // Until it has left it waits, too.
    assertThat(site.upTo("call-0")).containsExactly(GREETING);
    for (int i = 1; i < 100; i++) {
      calls.add(call(caller, "call-" + i));
    }
    assertThat(failure(calls.get(99))).isInstanceOf(OverloadedException.class).matches(error -> !error.maybeApplied());
    assertThat(site.asked).as("no more than one without an answer").isEmpty();
  }

  @Test
  void bytesAreBoundedToo() throws Exception {
    Site site = new Site(TcpCallerTest::greetOnly);
    TcpCaller<String> caller = caller(config -> config.maxInFlightBytes(1_000), site.port);
    String large = "x".repeat(900);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    calls.add(call(caller, 0 + large));
    assertThat(site.upTo(0 + large)).containsExactly(GREETING);
    for (int i = 1; i < 5; i++) {
      calls.add(call(caller, i + large));
    }
    assertThat(failure(calls.get(4))).as("more than waits").isInstanceOf(OverloadedException.class).matches(error -> !error.maybeApplied());
    assertThat(site.next()).isEqualTo(1 + large);
    assertThat(site.asked).as("more than may be without an answer").isEmpty();
    NetSocket socket = site.sockets.take();
    for (int i = 0; i < 4; i++) {
      socket.write("answer\n");
      assertThat(get(calls.get(i))).isEqualTo("answer");
    }
  }

  @Test
  void whenOneConnectionDiesOthersToTheSameEndpointAreAsked() throws Exception {
    Site site = new Site(TcpCallerTest::greetOnly);
    TcpCaller<String> caller =
        caller(config -> config.time(clock).connections(2).idleProbe(Duration.ofSeconds(15)).connectTimeout(Duration.ofSeconds(2)), site.port);
    Deadline deadline = Deadline.after(TimeSource.system(), LONG);
    CompletableFuture<String> other = caller.call(1, line("b"), deadline);
    assertThat(site.upTo("b")).containsExactly(GREETING);
    site.sockets.take().write("b\n");
    assertThat(get(other)).isEqualTo("b");
    CompletableFuture<String> first = caller.call(0, line("a"), deadline);
    assertThat(site.upTo("a")).containsExactly(GREETING);
    pass(Duration.ofSeconds(16));
    assertThat(failure(first)).hasMessageContaining("nothing arrives from");
    assertThat(site.upTo(QUESTION)).as("at once").isEmpty();
    CompletableFuture<String> second = caller.call(1, line("c"), deadline);
    pass(Duration.ofSeconds(3));
    assertThat(failure(second)).as("long before its own time").hasMessageContaining("nothing arrives from");
  }

  @Test
  void aCloseEndsEverything() throws Exception {
    Site site = new Site(TcpCallerTest::greetOnly);
    TcpCaller<String> caller = caller(config -> config.maxConcurrentCalls(1), site.port);
    CompletableFuture<String> sent = call(caller, "a");
    CompletableFuture<String> waits = call(caller, "b");
    assertThat(site.upTo("a")).containsExactly(GREETING);
    get(caller.close());
    assertThat(failure(sent)).isInstanceOf(ClientClosedException.class).matches(TributaryException::maybeApplied);
    assertThat(failure(waits)).isInstanceOf(ClientClosedException.class).matches(error -> !error.maybeApplied());
    assertThatThrownBy(() -> get(call(caller, "c"))).hasCauseInstanceOf(ClientClosedException.class);
  }
}
