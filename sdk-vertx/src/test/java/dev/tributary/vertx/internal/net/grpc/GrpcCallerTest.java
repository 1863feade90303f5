package dev.tributary.vertx.internal.net.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Endpoint;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.Bearer;
import dev.tributary.vertx.internal.net.Network;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rows are those of the table of what Vert.x gRPC does badly: each must end well here. */
class GrpcCallerTest {
  private static final Rpc<StringValue, StringValue> SAY =
      Rpc.of("test.Echo", "Say", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final Rpc<StringValue, StringValue> HEALTH =
      Rpc.of("test.Echo", "Health", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final StringValue HELLO = StringValue.of("hello");
  private static Vertx vertx;

  private final List<AutoCloseable> open = new ArrayList<>();

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

  private GrpcCaller caller(int port) {
    return caller(port, config -> config);
  }

  private GrpcCaller caller(int port, UnaryOperator<ClientConfig.Builder> more) {
    return caller(more.apply(ClientConfig.builder("test").endpoint("127.0.0.1", port)).build());
  }

  private GrpcCaller caller(ClientConfig config) {
    GrpcCaller caller = GrpcCaller.probing(Network.on(vertx, config, 1), new GrpcErrors(), HEALTH, HELLO);
    open.add(() -> get(caller.close()));
    return caller;
  }

  private RawServer server(Handler<HttpServerRequest> script) {
    return server(new HttpServerOptions(), script);
  }

  private RawServer server(HttpServerOptions options, Handler<HttpServerRequest> script) {
    RawServer server =
        new RawServer(
            vertx,
            options,
            call -> {
              if (call.path().endsWith("/Health")) {
                RawServer.answer(call, "well");
              } else {
                script.handle(call);
              }
            });
    open.add(server);
    return server;
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static CompletableFuture<StringValue> say(GrpcCaller caller) {
    return caller.call(SAY, HELLO, Deadline.after(TimeSource.system(), Duration.ofSeconds(20)));
  }

  private static <E extends TributaryException> E failure(CompletableFuture<?> call, Class<E> kind) throws Exception {
    try {
      get(call);
    } catch (ExecutionException failed) {
      assertThat(failed.getCause()).isInstanceOf(kind);
      return kind.cast(failed.getCause());
    }
    throw new AssertionError("did not fail");
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(20, TimeUnit.SECONDS);
    assertThat(item).isNotNull();
    return item;
  }

  /** Collects what a stream brings. */
  private static final class Collected implements GrpcStream.Listener<StringValue> {
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    final CompletableFuture<@Nullable TributaryException> end = new CompletableFuture<>();
    final CountDownLatch sent = new CountDownLatch(1);

    @Override
    public void onSent() {
      sent.countDown();
    }

    @Override
    public void onMessage(StringValue message) {
      messages.add(message.getValue());
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {
      assertThat(end.complete(error)).isTrue();
    }
  }

  @Test
  void row1_aStatusKeepsItsCodeAndItsText() throws Exception {
    int[] codes = {3, 5, 9, 7, 13, 14, 8};
    List<Class<? extends TributaryException>> kinds =
        List.of(
            InvalidRequestException.class,
            NotFoundException.class,
            ConflictException.class,
            PermissionDeniedException.class,
            ServerErrorException.class,
            ConnectionFailedException.class,
            OverloadedException.class);
    AtomicInteger turn = new AtomicInteger();
    GrpcCaller caller = caller(server(call -> RawServer.refuse(call, codes[turn.getAndIncrement()], "because of that")).port);
    for (Class<? extends TributaryException> kind : kinds) {
      TributaryException error = failure(say(caller), kind);
      assertThat(error).hasMessageContaining("because of that");
      assertThat(error.hint()).isNotEmpty();
      assertThat(error.maybeApplied()).isEqualTo(kind == ServerErrorException.class || kind == ConnectionFailedException.class);
    }
  }

  @Test
  void row2_aStatusWithoutABodyIsReadFromTheHead() throws Exception {
    GrpcCaller caller = caller(server(call -> RawServer.refuse(call, 5, "no such 100%25 thing + more")).port);
    assertThat(failure(say(caller), NotFoundException.class)).hasMessageContaining("NOT_FOUND: no such 100% thing + more");
  }

  @Test
  void row3_aStatusAfterMessagesIsReadFromTheTrailersAndDecoded() throws Exception {
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      HttpServerResponse response = RawServer.grpc(call);
                      response.write(RawServer.frame("x"));
                      response.putTrailer("grpc-status", "9").putTrailer("grpc-message", "schl%C3%BCssel weg").end();
                    })
                .port);
    assertThat(failure(say(caller), ConflictException.class)).hasMessageContaining("schlüssel weg");
  }

  @Test
  void row4_anAnswerThatIsTooLargeSaysSo() throws Exception {
    CompletableFuture<Throwable> reset = new CompletableFuture<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      call.response().exceptionHandler(reset::complete);
                      RawServer.grpc(call).write(RawServer.frame("x".repeat(5_000)));
                    })
                .port,
            config -> config.maxMessageBytes(4_000));
    TributaryException error = failure(say(caller), PayloadTooLargeException.class);
    assertThat(error).hasMessageContaining("5003").hasMessageContaining("4000");
    assertThat(error.maybeApplied()).isTrue();
    get(reset);
  }

  @Test
  void row4_answersOfSeveralMegabytesAreFineWithinTheLimit() throws Exception {
    String large = "y".repeat(6 << 20);
    GrpcCaller caller = caller(server(call -> RawServer.answer(call, large)).port);
    assertThat(get(say(caller)).getValue()).isEqualTo(large);
  }

  @Test
  void row5_aResetByTheServerIsAFailedConnection() throws Exception {
    AtomicInteger turn = new AtomicInteger();
    long[] codes = {2, 7, 11};
    GrpcCaller caller = caller(server(call -> call.response().reset(codes[turn.getAndIncrement()])).port);
    assertThat(failure(say(caller), ConnectionFailedException.class).maybeApplied()).isTrue();
    assertThat(failure(say(caller), ConnectionFailedException.class).maybeApplied()).as("refused before it was processed").isFalse();
    failure(say(caller), OverloadedException.class);
  }

  @Test
  void row6_aConnectionThatBreaksFailsItsCallsAndIsMadeAgain() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    Relay relay = new Relay(server(calls::add).port);
    GrpcCaller caller = caller(relay.port);
    CompletableFuture<StringValue> call = say(caller);
    next(calls);
    relay.cut();
    assertThat(failure(call, ConnectionFailedException.class).maybeApplied()).isTrue();
    call = say(caller);
    RawServer.answer(next(calls), "again");
    assertThat(get(call).getValue()).isEqualTo("again");
  }

  @Test
  void row6_aGoAwayWithAnErrorSaysWhetherTheCallWasSeen() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    Relay relay = new Relay(server(calls::add).port);
    GrpcCaller caller = caller(relay.port);
    for (boolean seen : new boolean[] {true, false}) {
      CompletableFuture<StringValue> call = say(caller);
      HttpServerRequest arrived = next(calls);
      relay.cutAfterGoAway = true;
      arrived.connection().goAway(11, seen ? arrived.streamId() : 0);
      // A ping behind it, for a GOAWAY alone is not flushed.
      arrived.connection().ping(Buffer.buffer(new byte[8]));
      TributaryException error = failure(call, ConnectionFailedException.class);
      assertThat(error.maybeApplied()).isEqualTo(seen);
      assertThat(error).hasMessageContaining("11");
    }
  }

  @Test
  void row6_aGracefulGoAwayLetsCallsEndAndMovesNewOnesToANewConnection() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    GrpcCaller caller = caller(server(calls::add).port);
    Collected first = new Collected();
    caller.subscribe(SAY, HELLO, caller.loop(), first).request(5);
    HttpServerRequest one = next(calls);
    one.connection().goAway(0, one.streamId());
    HttpServerResponse answer = RawServer.grpc(one);
    answer.write(RawServer.frame("after the GOAWAY"));
    assertThat(next(first.messages)).isEqualTo("after the GOAWAY");
    Collected second = new Collected();
    caller.subscribe(SAY, HELLO, caller.loop(), second).request(5);
    HttpServerRequest two = next(calls);
    assertThat(two.connection()).isNotSameAs(one.connection());
    RawServer.answer(two, "two");
    assertThat(next(second.messages)).isEqualTo("two");
    answer.write(RawServer.frame("still one"));
    answer.putTrailer("grpc-status", "0").end();
    assertThat(next(first.messages)).isEqualTo("still one");
    assertThat(get(first.end)).isNull();
  }

  @Test
  void row7_aPeerThatIsNotThereIsAFailedConnection() throws Exception {
    RawServer gone = new RawServer(vertx, call -> {});
    gone.close();
    GrpcCaller caller = caller(gone.port);
    TributaryException error = failure(say(caller), ConnectionFailedException.class);
    assertThat(error.maybeApplied()).isFalse();
    assertThat(error).hasMessageContaining("127.0.0.1:" + gone.port);
  }

  @Test
  void row8_aDeadlineIsSentAndAnExpiryIsATimeoutNotACancellation() throws Exception {
    BlockingQueue<String> timeouts = new LinkedBlockingQueue<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      timeouts.add(call.getHeader("grpc-timeout"));
                      if (timeouts.size() == 1) {
                        RawServer.refuse(call, 4, "too late");
                      }
                    })
                .port);
    assertThat(failure(say(caller), DeadlineExceededException.class).maybeApplied()).isTrue();
    assertThat(next(timeouts)).matches("\\d{4,5}m");
    assertThat(failure(caller.callWithin(SAY, HELLO, Duration.ofMillis(100)), DeadlineExceededException.class).maybeApplied()).isTrue();
    CompletableFuture<StringValue> late = caller.call(SAY, HELLO, Deadline.after(TimeSource.system(), Duration.ZERO));
    assertThat(failure(late, DeadlineExceededException.class).maybeApplied()).isFalse();
  }

  @Test
  void row9_aCancellationIsFinalAndReachesTheServer() throws Exception {
    BlockingQueue<Throwable> resets = new LinkedBlockingQueue<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      call.response().exceptionHandler(resets::add);
                      RawServer.grpc(call).write(RawServer.frame("one"));
                    })
                .port);
    Collected collected = new Collected();
    GrpcStream<StringValue, StringValue> stream = caller.subscribe(SAY, HELLO, caller.loop(), collected);
    stream.request(10);
    assertThat(next(collected.messages)).isEqualTo("one");
    stream.cancel();
    assertThat(next(resets)).hasMessageContaining("8");
    assertThat(collected.end).isNotDone();

    CompletableFuture<StringValue> call = say(caller);
    assertThat(call.cancel(true)).isTrue();
    assertThat(call).isCancelled();
  }

  @Test
  void row10_anUndecodableMessageEndsTheCall() throws Exception {
    BlockingQueue<Throwable> resets = new LinkedBlockingQueue<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      call.response().exceptionHandler(resets::add);
                      RawServer.grpc(call).write(Buffer.buffer(new byte[] {0, 0, 0, 0, 2, 0x0a, 0x7f}));
                    })
                .port);
    TributaryException error = failure(say(caller), ProtocolViolationException.class);
    assertThat(error).hasMessageContaining("test.Echo/Say");
    assertThat(error.maybeApplied()).isTrue();
    next(resets);
  }

  @Test
  void row11_manyOpenStreamsDoNotHoldUpACall() throws Exception {
    GrpcCaller caller =
        caller(
            server(
                    call ->
                        call.bodyHandler(
                            body -> {
                              if (body.toString().contains("stay")) {
                                RawServer.grpc(call).write(RawServer.frame("open"));
                              } else {
                                RawServer.answer(call, "here");
                              }
                            }))
                .port);
    List<Collected> streams = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      Collected collected = new Collected();
      streams.add(collected);
      caller.subscribe(SAY, StringValue.of("stay"), caller.loop(), collected).request(1);
    }
    for (Collected collected : streams) {
      assertThat(next(collected.messages)).isEqualTo("open");
    }
    assertThat(get(say(caller)).getValue()).isEqualTo("here");
  }

  @Test
  void row11_callsBeyondTheLimitWaitInTheClient() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    GrpcCaller caller = caller(server(calls::add).port, config -> config.maxConcurrentCalls(2));
    List<CompletableFuture<StringValue>> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      answers.add(say(caller));
    }
    for (int i = 0; i < 6; i++) {
      HttpServerRequest call = next(calls);
      assertThat(calls.size()).isLessThan(2);
      RawServer.answer(call, "done");
    }
    for (CompletableFuture<StringValue> answer : answers) {
      assertThat(get(answer).getValue()).isEqualTo("done");
    }
  }

  /** The caller is told before the loop hears of it. */
  @Test
  void aCallWhoseCallerWasToldThatNothingWasDoneIsNotSent() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    GrpcCaller caller = caller(server(calls::add).port, config -> config.maxConcurrentCalls(1));
    CompletableFuture<StringValue> first = say(caller);
    HttpServerRequest held = next(calls);
    Deadline over = Deadline.after(TimeSource.system(), Duration.ofSeconds(20));
    CompletableFuture<StringValue> second = caller.call(SAY, HELLO, over);
    while (!over.withdraw()) {
      Thread.onSpinWait();
    }
    RawServer.answer(held, "first");
    assertThat(get(first).getValue()).isEqualTo("first");
    assertThat(failure(second, DeadlineExceededException.class).maybeApplied()).isFalse();
    CompletableFuture<StringValue> third = say(caller);
    RawServer.answer(next(calls), "third");
    assertThat(get(third).getValue()).isEqualTo("third");
    assertThat(calls).isEmpty();
  }

  @Test
  void row12_aPeerThatAcceptsAndStaysSilentIsGivenUp() throws Exception {
    CompletableFuture<Void> disconnected = new CompletableFuture<>();
    NetServer silent =
        vertx.createNetServer().connectHandler(socket -> socket.closeHandler(closed -> disconnected.complete(null)));
    int port = silent.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get().actualPort();
    open.add(() -> silent.close().toCompletionStage().toCompletableFuture().get());
    GrpcCaller caller = caller(port, config -> config.connectTimeout(Duration.ofMillis(200)));
    CompletableFuture<StringValue> impatient = say(caller);
    impatient.cancel(true);
    TributaryException error = failure(say(caller), ConnectionFailedException.class);
    assertThat(error.maybeApplied()).isFalse();
    get(disconnected);
  }

  @Test
  void row12_aPeerThatSpeaksAnotherProtocolIsNamed() throws Exception {
    NetServer other =
        vertx.createNetServer().connectHandler(socket -> socket.handler(bytes -> socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")));
    int port = other.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get().actualPort();
    open.add(() -> other.close().toCompletionStage().toCompletableFuture().get());
    GrpcCaller caller = caller(port, config -> config.connectTimeout(Duration.ofSeconds(2)));
    TributaryException error = failure(say(caller), TributaryException.class);
    assertThat(error.maybeApplied()).isFalse();
    assertThat(error).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
  }

  @Test
  void row13_callsThatAreCancelledWhileTheyWaitLeakNoStream() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    GrpcCaller caller = caller(server(new HttpServerOptions().setInitialSettings(new io.vertx.core.http.Http2Settings().setMaxConcurrentStreams(2)), calls::add).port);
    CompletableFuture<StringValue> first = say(caller);
    HttpServerRequest held = next(calls);
    List<CompletableFuture<StringValue>> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(say(caller));
    }
    waiting.forEach(call -> call.cancel(true));
    first.cancel(true);
    for (int i = 0; i < 5; i++) {
      CompletableFuture<StringValue> call = say(caller);
      RawServer.answer(next(calls), "free");
      assertThat(get(call).getValue()).isEqualTo("free");
    }
    assertThat(held).isNotNull();
  }

  @Test
  void row14_manyCancellationsDoNotCostOtherCallsTheirConnection() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    // With the guard against floods of resets that a Vert.x server has by default.
    GrpcCaller caller = caller(server(calls::add).port);
    CompletableFuture<StringValue> patient = say(caller);
    HttpServerRequest held = next(calls);
    Collected collected = new Collected();
    caller.subscribe(SAY, HELLO, caller.loop(), collected).request(1);
    HttpServerRequest subscription = next(calls);
    for (int i = 0; i < 300; i++) {
      CompletableFuture<StringValue> call = say(caller);
      next(calls);
      call.cancel(true);
    }
    RawServer.answer(held, "still here");
    assertThat(get(patient).getValue()).isEqualTo("still here");
    RawServer.answer(subscription, "me too");
    assertThat(next(collected.messages)).isEqualTo("me too");
  }

  @Test
  void row15_aSilentStreamOnADeadLinkIsEnded() throws Exception {
    RawServer server =
        server(
            call -> {
              if (call.path().endsWith("Health")) {
                RawServer.answer(call, "well");
              } else {
                RawServer.grpc(call).write(RawServer.frame("one"));
              }
            });
    Relay relay = new Relay(server.port);
    GrpcCaller caller =
        caller(relay.port, config -> config.idleProbe(Duration.ofMillis(100)).connectTimeout(Duration.ofMillis(400)));
    Collected collected = new Collected();
    caller.subscribe(SAY, HELLO, caller.loop(), collected).request(10);
    assertThat(next(collected.messages)).isEqualTo("one");
    // Silence alone is no reason: the probe is answered, several times.
    assertThat(relay.passed.tryAcquire(6, 20, TimeUnit.SECONDS)).isTrue();
    assertThat(collected.end).isNotDone();
    relay.swallow = true;
    assertThat(get(collected.end)).isInstanceOf(ConnectionFailedException.class);
  }

  @Test
  void row15_aCallGivenUpOnADeadLinkLeavesAUsableCaller() throws Exception {
    RawServer server = server(call -> RawServer.answer(call, "here"));
    Relay relay = new Relay(server.port);
    GrpcCaller caller = caller(relay.port, config -> config.connectTimeout(Duration.ofMillis(300)));
    assertThat(get(say(caller)).getValue()).isEqualTo("here");
    relay.swallow = true;
    CompletableFuture<StringValue> given = say(caller);
    failure(caller.callWithin(SAY, HELLO, Duration.ofMillis(50)), DeadlineExceededException.class);
    failure(given, ConnectionFailedException.class);
    relay.swallow = false;
    assertThat(get(say(caller)).getValue()).isEqualTo("here");
  }

  /** A TCP relay that can go on accepting while it passes nothing on. */
  private final class Relay {
    final int port;
    final java.util.concurrent.Semaphore passed = new java.util.concurrent.Semaphore(0);
    volatile boolean swallow;
    final java.util.Set<NetSocket> sockets = java.util.concurrent.ConcurrentHashMap.newKeySet();

    volatile boolean cutAfterGoAway;

    /** Whether frames of HTTP/2 have a GOAWAY among them. */
    private boolean hasGoAway(Buffer frames) {
      for (int at = 0; at + 9 <= frames.length(); at += 9 + frames.getUnsignedMedium(at)) {
        if (frames.getByte(at + 3) == 7) {
          return true;
        }
      }
      return false;
    }

    void cut() {
      sockets.forEach(NetSocket::close);
    }

    Relay(int target) throws Exception {
      NetServer server =
          vertx
              .createNetServer()
              .connectHandler(
                  front -> {
                    front.pause();
                    vertx
                        .createNetClient()
                        .connect(target, "127.0.0.1")
                        .onSuccess(
                            back -> {
                              pass(front, back);
                              pass(back, front);
                              front.resume();
                            });
                  });
      port = server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get().actualPort();
      open.add(() -> server.close().toCompletionStage().toCompletableFuture().get());
    }

    private void pass(NetSocket from, NetSocket to) {
      from.handler(
          bytes -> {
            if (!swallow) {
              to.write(bytes);
              passed.release();
              if (cutAfterGoAway && hasGoAway(bytes)) {
                cutAfterGoAway = false;
                cut();
              }
            }
          });
      sockets.add(from);
      from.closeHandler(
          closed -> {
            sockets.remove(from);
            to.close();
          });
    }
  }

  @Test
  void row16_aReaderWithoutDemandStopsTheServer() throws Exception {
    AtomicInteger written = new AtomicInteger();
    CompletableFuture<HttpServerResponse> full = new CompletableFuture<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      HttpServerResponse response = RawServer.grpc(call);
                      Runnable flood =
                          () -> {
                            while (!response.writeQueueFull() && written.get() < 100_000) {
                              response.write(RawServer.frame("z".repeat(1_000) + written.getAndIncrement()));
                            }
                            full.complete(response);
                          };
                      response.drainHandler(drained -> flood.run());
                      flood.run();
                    })
                .port,
            config -> config.prefetch(64));
    Collected collected = new Collected();
    GrpcStream<StringValue, StringValue> stream = caller.subscribe(SAY, HELLO, caller.loop(), collected);
    get(full);
    stream.request(3);
    for (int i = 0; i < 3; i++) {
      assertThat(next(collected.messages)).endsWith("z" + i);
    }
    assertThat(collected.messages).isEmpty();
    assertThat(written.get()).isLessThan(2_000);
    stream.request(5_000);
    for (int i = 3; i < 5_003; i++) {
      assertThat(next(collected.messages)).endsWith("z" + i);
    }
    assertThat(collected.messages).isEmpty();
    stream.cancel();
  }

  @Test
  void row17_sendingAfterTheEndDoesNothing() throws Exception {
    BlockingQueue<String> questions = new LinkedBlockingQueue<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      HttpServerResponse response = RawServer.grpc(call);
                      call.handler(
                          bytes -> {
                            if (bytes.length() == 0) {
                              return; // The end of the questions.
                            }
                            questions.add(bytes.toString());
                            if (bytes.toString().contains("stop")) {
                              response.putTrailer("grpc-status", "8").end();
                            } else {
                              response.write(RawServer.frame("ok"));
                            }
                          });
                    })
                .port);
    Collected collected = new Collected();
    GrpcStream<StringValue, StringValue> stream = caller.converse(SAY, HELLO, caller.loop(), collected);
    stream.request(10);
    assertThat(next(collected.messages)).isEqualTo("ok");
    stream.send(StringValue.of("more"));
    assertThat(next(collected.messages)).isEqualTo("ok");
    stream.send(StringValue.of("stop"));
    assertThat(get(collected.end)).isInstanceOf(OverloadedException.class);
    stream.send(StringValue.of("after"));
    stream.finishSending();
    stream.cancel();
    assertThat(questions).hasSize(3);
  }

  @Test
  void anAnswerWithoutAStatusIsNone() throws Exception {
    GrpcCaller caller = caller(server(call -> RawServer.grpc(call).end(RawServer.frame("x"))).port);
    assertThat(failure(say(caller), ProtocolViolationException.class)).hasMessageContaining("no status");
  }

  @Test
  void anAnswerThatIsNotGrpcIsNamed() throws Exception {
    AtomicInteger turn = new AtomicInteger();
    int[] codes = {404, 503, 200, 401};
    GrpcCaller caller =
        caller(
            server(
                    call ->
                        call.response().setStatusCode(codes[turn.getAndIncrement()]).putHeader("content-type", "text/html").end("<p>hello"))
                .port);
    assertThat(failure(say(caller), ProtocolViolationException.class)).hasMessageContaining("HTTP 404 text/html");
    failure(say(caller), ConnectionFailedException.class);
    failure(say(caller), ProtocolViolationException.class);
    failure(say(caller), UnauthenticatedException.class);
  }

  @Test
  void anAnswerMustHaveOneMessage() throws Exception {
    AtomicInteger turn = new AtomicInteger();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      HttpServerResponse response = RawServer.grpc(call);
                      Buffer two = RawServer.frame("a").appendBuffer(RawServer.frame("b"));
                      switch (turn.getAndIncrement()) {
                        case 0 -> response.write(two);
                        case 1 -> response.write(two.slice(0, two.length() - 1));
                        default -> {}
                      }
                      response.putTrailer("grpc-status", "0").end();
                    })
                .port);
    assertThat(failure(say(caller), ProtocolViolationException.class)).hasMessageContaining("more than one");
    assertThat(failure(say(caller), ProtocolViolationException.class)).hasMessageContaining("within a message");
    assertThat(failure(say(caller), ProtocolViolationException.class)).hasMessageContaining("no message");
  }

  @Test
  void gzippedCallsAreUnderstoodInBothDirections() throws Exception {
    GrpcCaller caller =
        caller(
            server(
                    call ->
                        call.bodyHandler(
                            body -> {
                              HttpServerResponse response = RawServer.grpc(call).putHeader("grpc-encoding", "gzip");
                              // What was asked, gzipped, is the answer.
                              response.write(call.getHeader("grpc-encoding").equals("gzip") ? body : Buffer.buffer());
                              response.putTrailer("grpc-status", "0").end();
                            }))
                .port,
            config -> config.compression(true));
    assertThat(get(say(caller)).getValue()).isEqualTo("hello");
  }

  private static void refuseGzip(HttpServerRequest call) {
    RawServer.refuse(call, 12, "grpc: Decompressor is not installed for grpc-encoding \"gzip\"");
  }

  @Test
  void aServerThatDoesNotUnzipIsAskedOnceAndThenInPlainForm() throws Exception {
    AtomicInteger zipped = new AtomicInteger();
    GrpcCaller caller =
        caller(
            server(
                    call ->
                        call.bodyHandler(
                            body -> {
                              if (call.getHeader("grpc-encoding") == null) {
                                HttpServerResponse response = RawServer.grpc(call);
                                response.write(body);
                                response.putTrailer("grpc-status", "0").end();
                              } else {
                                zipped.incrementAndGet();
                                refuseGzip(call);
                              }
                            }))
                .port,
            config -> config.compression(true));
    assertThat(get(say(caller)).getValue()).isEqualTo("hello");
    assertThat(get(say(caller)).getValue()).isEqualTo("hello");
    assertThat(zipped).hasValue(1);
  }

  @Test
  void aConversationThatIsNotUnzippedBeginsAnewInPlainForm() throws Exception {
    BlockingQueue<Buffer> plain = new LinkedBlockingQueue<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      if (call.getHeader("grpc-encoding") == null) {
                        call.handler(plain::add);
                      } else {
                        refuseGzip(call);
                      }
                    })
                .port,
            config -> config.compression(true));
    Collected collected = new Collected();
    GrpcStream<StringValue, StringValue> stream = caller.converse(SAY, HELLO, caller.loop(), collected);
    assertThat(next(plain)).isEqualTo(RawServer.frame("hello"));
    stream.send(StringValue.of("more"));
    assertThat(next(plain)).isEqualTo(RawServer.frame("more"));
    stream.cancel();
  }

  @Test
  void oneConnectionForStreamsStaysOnEachEventLoop() throws Exception {
    Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
    int port =
        server(
                call -> {
                  connections.add(call.connection());
                  RawServer.answer(call, "ok");
                })
            .port;
    Network network = Network.own(ClientConfig.builder("test").endpoint("127.0.0.1", port).build(), 1);
    open.add(() -> get(network.close()));
    GrpcCaller caller = GrpcCaller.probing(network, new GrpcErrors(), HEALTH, HELLO);
    open.add(() -> get(caller.close()));
    List<ContextInternal> loops = List.of(caller.loop(), caller.loop());
    assertThat(loops.get(0)).isNotSameAs(loops.get(1));
    for (int i = 0; i < 6; i++) {
      Collected collected = new Collected();
      caller.subscribe(SAY, HELLO, loops.get(i % 2), collected).request(1);
      assertThat(get(collected.end)).isNull();
    }
    assertThat(connections).hasSize(2);
  }

  @Test
  void aRefusedTokenIsAskedForAgainAndTheCallMadeOnceMore() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    List<String> sent = new ArrayList<>();
    GrpcCaller caller =
        caller(
            server(
                    call -> {
                      sent.add(call.getHeader("authorization") + " " + call.getHeader("x-tag"));
                      if (call.getHeader("authorization").equals("Bearer t2")) {
                        RawServer.answer(call, "in");
                      } else {
                        RawServer.refuse(call, 16, "who?");
                      }
                    })
                .port,
            config -> config.credentials(Credentials.Provider.token(() -> "t" + asked.incrementAndGet())).header("x-tag", "v"));
    assertThat(get(say(caller)).getValue()).isEqualTo("in");
    assertThat(get(say(caller)).getValue()).isEqualTo("in");
    assertThat(sent).containsExactly("Bearer t1 v", "Bearer t2 v", "Bearer t2 v");
    assertThat(asked).hasValue(2);
  }

  @Test
  void aFixedTokenThatIsRefusedFailsTheCallWithoutShowingItself() throws Exception {
    GrpcCaller caller = caller(server(call -> RawServer.refuse(call, 16, "who?")).port, config -> config.token("geheim"));
    assertThat(failure(say(caller), UnauthenticatedException.class)).message().doesNotContain("geheim");
    GrpcCaller unusable = caller(1, config -> config.token("gehe\nim"));
    assertThat(failure(say(unusable), InvalidRequestException.class)).message().doesNotContain("gehe");
  }

  @Test
  void anEndpointThatIsDownIsPassedOver() throws Exception {
    RawServer gone = new RawServer(vertx, call -> {});
    gone.close();
    RawServer here = server(call -> RawServer.answer(call, "here"));
    GrpcCaller caller =
        caller(ClientConfig.builder("test").endpoint("127.0.0.1", gone.port).endpoint("localhost", here.port).build());
    assertThat(get(say(caller)).getValue()).isEqualTo("here");
  }

  @Test
  void afterAFailureTheNextEndpointIsUsed() throws Exception {
    RawServer second = server(call -> RawServer.answer(call, "second"));
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    Relay first = new Relay(server(calls::add).port);
    GrpcCaller caller =
        caller(ClientConfig.builder("test").endpoint("127.0.0.1", first.port).endpoint("127.0.0.1", second.port).build());
    CompletableFuture<StringValue> call = say(caller);
    next(calls);
    first.cut();
    failure(call, ConnectionFailedException.class);
    assertThat(get(say(caller)).getValue()).isEqualTo("second");
  }

  private static CompletableFuture<String> sayAt(GrpcCaller caller, int port) {
    return caller.callAt(
        new Endpoint("127.0.0.1", port),
        SAY,
        HELLO,
        Deadline.after(TimeSource.system(), Duration.ofSeconds(20)),
        StringValue::getValue);
  }

  private GrpcCaller caller(int first, int second) {
    return caller(ClientConfig.builder("test").endpoint("127.0.0.1", first).endpoint("127.0.0.1", second).build());
  }

  @Test
  void aQuestionForOneEndpointGoesThereWhereverOthersGo() throws Exception {
    RawServer first = server(call -> RawServer.answer(call, "first"));
    RawServer second = server(call -> RawServer.answer(call, "second"));
    GrpcCaller caller = caller(first.port, second.port);
    assertThat(get(say(caller)).getValue()).isEqualTo("first");
    assertThat(get(sayAt(caller, second.port))).isEqualTo("second");
    assertThat(get(sayAt(caller, first.port))).isEqualTo("first");
    assertThat(get(say(caller)).getValue()).isEqualTo("first");
  }

  @Test
  void whereThatEndpointCannotBeReachedTheOthersAreAsked() throws Exception {
    RawServer gone = new RawServer(vertx, call -> {});
    gone.close();
    RawServer here = server(call -> RawServer.answer(call, "here"));
    assertThat(get(sayAt(caller(here.port, gone.port), gone.port))).isEqualTo("here");
  }

  @Test
  void whereAllAreGoneTheErrorIsOfTheOneThatWasAskedLast() throws Exception {
    RawServer first = new RawServer(vertx, call -> {});
    RawServer second = new RawServer(vertx, call -> {});
    first.close();
    second.close();
    ConnectionFailedException error = failure(sayAt(caller(first.port, second.port), first.port), ConnectionFailedException.class);
    assertThat(error.maybeApplied()).isFalse();
  }

  @Test
  void whatBrokeAtThatEndpointIsAskedNowhereElse() throws Exception {
    BlockingQueue<HttpServerRequest> elsewhere = new LinkedBlockingQueue<>();
    RawServer other = server(elsewhere::add);
    RawServer breaks = server(call -> call.connection().close());
    failure(sayAt(caller(other.port, breaks.port), breaks.port), ConnectionFailedException.class);
    assertThat(elsewhere).isEmpty();
  }

  @Test
  void closeEndsWhatIsUnderWayAtOneEndpointToo() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    RawServer first = server(calls::add);
    RawServer second = server(calls::add);
    GrpcCaller caller = caller(first.port, second.port);
    CompletableFuture<String> sent = sayAt(caller, second.port);
    next(calls);
    get(caller.close());
    assertThat(failure(sent, ClientClosedException.class).maybeApplied()).isTrue();
    failure(sayAt(caller, second.port), ClientClosedException.class);
    failure(sayAt(caller, first.port), ClientClosedException.class);
  }

  @Test
  void anAnswerThatNobodyWaitsForIsHandedOver() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    GrpcCaller caller = caller(server(calls::add).port);
    BlockingQueue<String> unclaimed = new LinkedBlockingQueue<>();
    Unclaimed<String> takes =
        new Unclaimed<>() {
          @Override
          public void accept(String result) {
            unclaimed.add(result);
          }

          @Override
          public void over() {
            unclaimed.add("over");
          }
        };
    CompletableFuture<String> call =
        caller.call(SAY, HELLO, Deadline.after(TimeSource.system(), Duration.ofSeconds(20)), StringValue::getValue, takes);
    HttpServerRequest held = next(calls);
    call.cancel(true);
    RawServer.answer(held, "leased");
    assertThat(next(unclaimed)).isEqualTo("leased");
    assertThat(next(unclaimed)).isEqualTo("over");
    call = caller.call(SAY, HELLO, Deadline.after(TimeSource.system(), Duration.ofSeconds(20)), StringValue::getValue, takes);
    RawServer.answer(next(calls), "wanted");
    assertThat(get(call)).isEqualTo("wanted");
    assertThat(next(unclaimed)).isEqualTo("over");
  }

  @Test
  void closeEndsWhatIsUnderWayAndWhatWaits() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    GrpcCaller caller = caller(server(calls::add).port, config -> config.maxConcurrentCalls(1));
    CompletableFuture<StringValue> sent = say(caller);
    next(calls);
    CompletableFuture<StringValue> waiting = say(caller);
    get(caller.close());
    failure(waiting, ClientClosedException.class);
    assertThat(failure(sent, TributaryException.class).maybeApplied()).isTrue();
    failure(say(caller), ClientClosedException.class);
  }

  @Test
  void aCallFromItsEventLoopDoesNotChangeThreads() throws Exception {
    RawServer server = server(call -> RawServer.answer(call, "here"));
    CompletableFuture<List<Thread>> threads = new CompletableFuture<>();
    vertx.runOnContext(
        go -> {
          Thread before = Thread.currentThread();
          GrpcCaller caller = caller(server.port);
          say(caller).whenComplete((answer, error) -> threads.complete(List.of(before, Thread.currentThread())));
        });
    List<Thread> seen = get(threads);
    assertThat(seen.get(1)).isSameAs(seen.get(0));
  }

  @Test
  void timeoutsAreWrittenInAtMostEightDigitsRoundedUp() {
    assertThat(Exchange.timeout(1)).isEqualTo("1m");
    assertThat(Exchange.timeout(1_000_001)).isEqualTo("2m");
    assertThat(Exchange.timeout(Duration.ofDays(30).toNanos())).isEqualTo("2592000S");
  }
}
