package dev.tributary.vertx.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.goqueue.ManualTime;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.grpc.GrpcErrors;
import dev.tributary.vertx.internal.net.grpc.GrpcStream;
import dev.tributary.vertx.internal.net.grpc.RawServer;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Health belongs to the endpoint: one pause and one try for all who wait, and a dead connection is no secret. The clock stands still. */
class SharedHealthTest {
  private static final Rpc<StringValue, StringValue> SAY =
      Rpc.of("test.Echo", "Say", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final Rpc<StringValue, StringValue> HEALTH =
      Rpc.of("test.Echo", "Health", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final StringValue HELLO = StringValue.of("hello");
  private static final Duration PROBE = Duration.ofSeconds(15);
  private static final Duration CONNECT = Duration.ofSeconds(5);

  private final Vertx vertx = Vertx.vertx();
  private final ManualTime clock = new ManualTime();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** Between a client and a server: passes on, or swallows what the connections of now bring, or accepts and closes. */
  private final class Passage {
    final AtomicInteger connections = new AtomicInteger();
    final Set<NetSocket> deaf = ConcurrentHashMap.newKeySet();
    final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    volatile boolean closing;
    volatile boolean swallowing;
    final int port;

    Passage(int target) throws Exception {
      NetClient dialer = vertx.createNetClient();
      NetServer server =
          vertx
              .createNetServer()
              .connectHandler(
                  front -> {
                    connections.incrementAndGet();
                    if (closing) {
                      front.close();
                      return;
                    }
                    sockets.add(front);
                    front.pause();
                    dialer
                        .connect(target, "127.0.0.1")
                        .onSuccess(
                            back -> {
                              pass(front, back, front);
                              pass(back, front, front);
                              front.resume();
                            });
                  });
      port = server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS).actualPort();
    }

    private void pass(NetSocket from, NetSocket to, NetSocket whose) {
      from.handler(
          bytes -> {
            if (!swallowing && !deaf.contains(whose)) {
              to.write(bytes);
            }
          });
      from.closeHandler(gone -> to.close());
    }

    /** The connections of now hear nothing any more; new ones do. */
    void halfOpen() {
      deaf.addAll(sockets);
    }
  }

  private int site(BlockingQueue<HttpServerRequest> requests) throws Exception {
    return vertx
        .createHttpServer()
        .requestHandler(
            call -> {
              if (call.path().equals("/health")) {
                call.response().end("well");
              } else {
                requests.add(call);
              }
            })
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS)
        .actualPort();
  }

  private int grpcSite(BlockingQueue<HttpServerRequest> calls) {
    RawServer server =
        new RawServer(
            vertx,
            call -> {
              if (call.path().endsWith("/Health")) {
                RawServer.answer(call, "well");
              } else {
                calls.add(call);
              }
            });
    return server.port;
  }

  private Network network(int... ports) {
    return Network.on(vertx, config(ports).build(), 1);
  }

  private ClientConfig.Builder config(int... ports) {
    ClientConfig.Builder config = ClientConfig.builder("test").time(clock).idleProbe(PROBE).connectTimeout(CONNECT);
    for (int port : ports) {
      config.endpoint("127.0.0.1", port);
    }
    return config;
  }

  private HttpCaller http(Network network) {
    HttpCaller caller = new HttpCaller(network);
    open.add(() -> get(caller.close()));
    return caller;
  }

  private GrpcCaller grpc(Network network) {
    GrpcCaller caller = GrpcCaller.probing(network, new GrpcErrors(), HEALTH, HELLO);
    open.add(() -> get(caller.close()));
    return caller;
  }

  private Deadline late() {
    return Deadline.after(clock, Duration.ofDays(1));
  }

  private CompletableFuture<HttpCaller.Answer> ask(HttpCaller caller, String path) {
    return caller.send(HttpMethod.GET, path, null, late());
  }

  private CompletableFuture<StringValue> say(GrpcCaller caller) {
    return caller.call(SAY, HELLO, late());
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private static TributaryException failure(CompletableFuture<?> call) throws Exception {
    try {
      get(call);
    } catch (ExecutionException failed) {
      return (TributaryException) failed.getCause();
    }
    throw new AssertionError("did not fail");
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(20, TimeUnit.SECONDS);
    assertThat(item).isNotNull();
    return item;
  }

  /** Waits until what was asked for has been looked at. */
  private static void settle(Network network) throws Exception {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    network.loop().runOnContext(now -> turn.complete(null));
    get(turn);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1_000})
  void aDeadEndpointIsTriedByOneForAll(int callers) throws Exception {
    Passage passage = new Passage(1);
    passage.closing = true;
    Network network = network(passage.port);
    GrpcCaller grpc = grpc(network);
    HttpCaller http = http(network);
    assertThat(failure(say(grpc))).isInstanceOf(ConnectionFailedException.class);
    int before = passage.connections.get();
    for (int round = 1; round <= 10; round++) {
      List<CompletableFuture<?>> calls = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        calls.add(say(grpc));
        calls.add(ask(http, "/call"));
        calls.add(http.poll(HttpMethod.GET, "/poll", null, late()));
      }
      settle(network);
      assertThat(passage.connections).as("none before the pause is over").hasValue(before + round - 1);
      clock.pass(Duration.ofSeconds(5));
      for (CompletableFuture<?> call : calls) {
        TributaryException error = failure(call);
        assertThat(error).isInstanceOf(ConnectionFailedException.class);
        assertThat(error.maybeApplied()).isFalse();
      }
      assertThat(passage.connections).as("one for all").hasValue(before + round);
    }
  }

  @Test
  void onlyOneCallIsLostToAServerThatAcceptsAndCloses() throws Exception {
    Passage passage = new Passage(1);
    passage.closing = true;
    Network network = network(passage.port);
    HttpCaller http = http(network);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(http.send(HttpMethod.POST, "/", null, late()));
    }
    until(() -> passesUntil(calls));
    int lost = 0;
    for (CompletableFuture<?> call : calls) {
      lost += failure(call).maybeApplied() ? 1 : 0;
    }
    assertThat(lost).isLessThanOrEqualTo(1);
    assertThat(passage.connections).hasValueLessThanOrEqualTo(3);
  }

  @Test
  void aServerThatIsBackIsUsedAtOnceByAll() throws Exception {
    BlockingQueue<HttpServerRequest> requests = new LinkedBlockingQueue<>();
    Passage passage = new Passage(site(requests));
    passage.closing = true;
    Network network = network(passage.port);
    HttpCaller http = http(network);
    failure(ask(http, "/"));
    for (int i = 0; i < 20; i++) {
      CompletableFuture<?> call = ask(http, "/");
      settle(network);
      clock.pass(CONNECT);
      failure(call);
    }
    passage.closing = false;
    List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      calls.add(ask(http, "/"));
    }
    settle(network);
    clock.pass(CONNECT);
    for (int i = 0; i < 30; i++) {
      next(requests).response().end("here");
    }
    for (CompletableFuture<HttpCaller.Answer> call : calls) {
      assertThat(get(call).status()).isEqualTo(200);
    }
  }

  @Test
  void whereAnotherEndpointWorksNobodyWaits() throws Exception {
    Passage dead = new Passage(1);
    dead.closing = true;
    Network network = network(dead.port, grpcSite(new LinkedBlockingQueue<>()));
    GrpcCaller grpc = grpc(network);
    for (int i = 0; i < 3; i++) {
      assertThat(get(grpc.call(HEALTH, HELLO, late())).getValue()).isEqualTo("well");
    }
    assertThat(dead.connections).hasValue(1);
  }

  @Test
  void aSilentConnectionOfHttpIsGivenUpWhenItsEndpointAnswersNobody() throws Exception {
    BlockingQueue<HttpServerRequest> requests = new LinkedBlockingQueue<>();
    Passage passage = new Passage(site(requests));
    Network network = network(passage.port);
    HttpCaller http = http(network);
    CompletableFuture<?> call = ask(http, "/call");
    CompletableFuture<?> poll = http.poll(HttpMethod.GET, "/poll", null, late());
    next(requests);
    next(requests);
    passage.swallowing = true;
    int before = passage.connections.get();
    clock.pass(PROBE);
    until(() -> passage.connections.get() == before + 2);
    assertThat(call).isNotDone();
    until(() -> passesUntil(List.of(call, poll)));
    assertThat(failure(call).maybeApplied()).isTrue();
    assertThat(failure(poll)).isInstanceOf(ConnectionFailedException.class);
  }

  @Test
  void aLongPollIsLeftAloneAsLongAsItsEndpointAnswersOthers() throws Exception {
    BlockingQueue<HttpServerRequest> requests = new LinkedBlockingQueue<>();
    Passage passage = new Passage(site(requests));
    // The answer to a question comes in time, however long the clock takes it to be.
    Network network = Network.on(vertx, config(passage.port).connectTimeout(Duration.ofDays(100)).build(), 1);
    HttpCaller http = http(network);
    CompletableFuture<HttpCaller.Answer> poll = http.poll(HttpMethod.GET, "/poll", null, Deadline.after(clock, Duration.ofDays(10_000)));
    HttpServerRequest held = next(requests);
    for (int i = 1; i <= 5; i++) {
      int asked = i;
      until(
          () -> {
            clock.pass(PROBE);
            return passage.connections.get() > asked;
          });
    }
    held.response().end("at last");
    assertThat(get(poll).body().toString()).isEqualTo("at last");
  }

  @Test
  void aHalfOpenConnectionOfHttpCostsItsCallTheProbeAndNoMore() throws Exception {
    BlockingQueue<HttpServerRequest> requests = new LinkedBlockingQueue<>();
    Passage passage = new Passage(site(requests));
    Network network = network(passage.port);
    HttpCaller http = http(network);
    CompletableFuture<?> first = ask(http, "/first");
    next(requests).response().end("well");
    get(first);
    passage.halfOpen();
    CompletableFuture<?> call = ask(http, "/call");
    settle(network);
    clock.pass(PROBE);
    until(() -> passage.connections.get() == 2);
    assertThat(call).isNotDone();
    until(() -> passesUntil(List.of(call)));
    assertThat(failure(call).maybeApplied()).isTrue();
    CompletableFuture<HttpCaller.Answer> again = ask(http, "/again");
    until(
        () -> {
          clock.pass(Duration.ofMillis(1));
          return !requests.isEmpty();
        });
    next(requests).response().end("fine");
    assertThat(get(again).body().toString()).isEqualTo("fine");
  }

  @Test
  void oneDeadConnectionPutsTheOthersOfItsEndpointToTheTest() throws Exception {
    BlockingQueue<HttpServerRequest> calls = new LinkedBlockingQueue<>();
    Passage passage = new Passage(grpcSite(calls));
    Network network = network(passage.port);
    GrpcCaller grpc = grpc(network);
    CompletableFuture<StringValue> first = say(grpc);
    RawServer.answer(next(calls), "well");
    get(first);
    CompletableFuture<@Nullable TributaryException> ended = new CompletableFuture<>();
    grpc.subscribe(
        SAY,
        HELLO,
        grpc.loop(),
        new GrpcStream.Listener<>() {
          @Override
          public void onMessage(StringValue message) {}

          @Override
          public void onEnd(@Nullable TributaryException error) {
            ended.complete(error);
          }
        });
    next(calls);
    passage.halfOpen();
    clock.pass(PROBE);
    settle(network);
    clock.pass(CONNECT);
    assertThat(get(ended)).isInstanceOf(ConnectionFailedException.class);
    // No second detection: the connection for calls, on which nothing was under way, is gone too.
    CompletableFuture<StringValue> after = say(grpc);
    until(
        () -> {
          clock.pass(Duration.ofMillis(1));
          return !calls.isEmpty();
        });
    RawServer.answer(next(calls), "again");
    assertThat(get(after).getValue()).isEqualTo("again");
  }

  /** Lets a little time pass; whether all of them have ended. */
  private boolean passesUntil(List<CompletableFuture<?>> calls) {
    clock.pass(Duration.ofMillis(1));
    return calls.stream().allMatch(CompletableFuture::isDone);
  }

  private static void until(java.util.function.BooleanSupplier holds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      // No faster than real time: answers take some.
      LockSupport.parkNanos(1_000_000);
    }
  }
}
