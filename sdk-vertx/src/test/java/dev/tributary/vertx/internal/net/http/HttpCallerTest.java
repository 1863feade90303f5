package dev.tributary.vertx.internal.net.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Endpoint;
import dev.tributary.config.Retry;
import dev.tributary.config.Tls;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.DeadlineExceededException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.observe.Instrumentation;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.ManualTime;
import dev.tributary.vertx.internal.net.Network;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpCallerTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static Vertx vertx;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ManualTime clock = new ManualTime();

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

  /** An HTTP server that counts its connections, and keeps the requests that a test does not answer at once. */
  private final class Site {
    final BlockingQueue<HttpServerRequest> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
    final AtomicInteger connections = new AtomicInteger();
    final int port;

    Site(Handler<HttpServerRequest> script) throws Exception {
      this(0, script);
    }

    Site(int at, Handler<HttpServerRequest> script) throws Exception {
      HttpServer http =
          vertx
              .createHttpServer()
              .connectionHandler(
                  connection -> {
                    connections.incrementAndGet();
                    connection.closeHandler(gone -> closed.add("closed"));
                  })
              .requestHandler(
                  call -> {
                    if (call.path().equals("/health")) {
                      call.response().end("well");
                    } else if (script == null) {
                      requests.add(call);
                    } else {
                      script.handle(call);
                    }
                  });
      port = http.listen(at, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS).actualPort();
      open.add(() -> http.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS));
    }
  }

  private Site answering(String text) throws Exception {
    return new Site(call -> call.response().end(text));
  }

  private Site silent() throws Exception {
    return new Site(null);
  }

  /** A server of bare TCP. */
  private int raw(Handler<NetSocket> script) throws Exception {
    NetServer server = vertx.createNetServer().connectHandler(script);
    open.add(() -> server.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS));
    return server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS).actualPort();
  }

  private HttpCaller caller(int port) {
    return caller(port, config -> config);
  }

  private HttpCaller caller(int port, UnaryOperator<ClientConfig.Builder> more) {
    return caller(more.apply(ClientConfig.builder("test").endpoint("127.0.0.1", port)).build());
  }

  private HttpCaller caller(ClientConfig config) {
    HttpCaller caller = new HttpCaller(Network.on(vertx, config, 1));
    open.add(() -> get(caller.close()));
    return caller;
  }

  /** Of two nodes, one of which is avoided for a day once it failed. */
  private HttpCaller caller(int first, int second, UnaryOperator<ClientConfig.Builder> more) {
    ClientConfig.Builder both =
        ClientConfig.builder("test")
            .endpoint("127.0.0.1", first)
            .endpoint("127.0.0.1", second)
            .retry(Retry.backoff(Duration.ofDays(1), Duration.ofDays(1)));
    return caller(more.apply(both).build());
  }

  private static Deadline deadline() {
    return Deadline.after(TimeSource.system(), LONG);
  }

  private static CompletableFuture<HttpCaller.Answer> ask(HttpCaller caller, String path) {
    return caller.send(HttpMethod.GET, path, null, deadline());
  }

  private static Supplier<Buffer> json(String text) {
    return () -> Buffer.buffer(text);
  }

  private static String text(CompletableFuture<HttpCaller.Answer> call) throws Exception {
    return get(call).body().toString();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
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

  /** Waits until the caller has done what it was told before. */
  private static void settle(HttpCaller caller) throws Exception {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    caller.loop().runOnContext(now -> turn.complete(null));
    get(turn);
  }

  private static Instrumentation watching(List<String> made, Runnable ended) {
    return new Instrumentation() {
      @Override
      public Observation start(Operation operation) {
        return Observation.NONE;
      }

      @Override
      public Runnable connected(String backend, String server) {
        made.add(backend + " " + server);
        return ended;
      }
    };
  }

  private static int unusedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Test
  void sendsWhatItIsToldOnOneConnection() throws Exception {
    Site site =
        new Site(
            call ->
                call.body()
                    .onSuccess(
                        body ->
                            call.response()
                                .setStatusCode(201)
                                .putHeader("Retry-After", "7")
                                .end(
                                    call.method() + " " + call.uri() + " " + body + " " + call.getHeader("content-type") + " " + call.getHeader("authorization")
                                        + " " + call.getHeader("x-more") + " " + call.getHeader("host"))));
    HttpCaller caller = caller(site.port, config -> config.token("t0").header("x-more", "m"));
    for (int i = 0; i < 50; i++) {
      HttpCaller.Answer answer = get(caller.send(HttpMethod.POST, "/a%20b?q=" + i, json("{" + i + "}"), deadline()));
      assertThat(answer.body().toString())
          .isEqualTo("POST /a%20b?q=" + i + " {" + i + "} application/json Bearer t0 m 127.0.0.1:" + site.port);
      assertThat(answer.status()).isEqualTo(201);
      assertThat(answer.retryAfter()).isEqualTo(Duration.ofSeconds(7));
      assertThat(answer.from().port()).isEqualTo(site.port);
    }
    assertThat(site.connections).hasValue(1);
  }

  @Test
  void anyStatusIsAnAnswer() throws Exception {
    Site site = new Site(call -> call.response().setStatusCode(Integer.parseInt(call.path().substring(1))).end());
    HttpCaller caller = caller(site.port);
    for (int status : new int[] {204, 301, 400, 404, 409, 429, 500, 503}) {
      HttpCaller.Answer answer = get(ask(caller, "/" + status));
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.body().length()).isZero();
      assertThat(answer.retryAfter()).isNull();
    }
    assertThat(site.connections).hasValue(1);
  }

  @Test
  void getsJsonOrAnError() throws Exception {
    Site site =
        new Site(
            call -> {
              switch (call.path()) {
                case "/good" -> call.response().end("{\"a\":1}");
                case "/bad" -> call.response().end("<html>");
                case "/busy" -> call.response().setStatusCode(429).putHeader("retry-after", "2").end("slow down");
                case "/down" -> call.response().setStatusCode(503).end();
                default -> call.response().setStatusCode(404).end("nothing");
              }
            });
    HttpCaller caller = caller(site.port);
    assertThat(get(caller.get("/good", deadline())).getInteger("a")).isEqualTo(1);
    failure(caller.get("/bad", deadline()), ProtocolViolationException.class);
    assertThat(failure(caller.get("/busy", deadline()), OverloadedException.class).retryAfter()).hasValue(Duration.ofSeconds(2));
    assertThat(failure(caller.get("/down", deadline()), ConnectionFailedException.class).maybeApplied()).isTrue();
    assertThat(failure(caller.get("/other", deadline()), NotFoundException.class)).hasMessageContaining("HTTP 404 for /other: nothing");
  }

  @Test
  void aLargeAnswerComesWhole() throws Exception {
    String large = "0123456789".repeat(300_000);
    assertThat(text(ask(caller(answering(large).port), "/"))).isEqualTo(large);
  }

  @Test
  void callsSideBySideHaveConnectionsOfTheirOwn() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port);
    List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      calls.add(ask(caller, "/" + i));
    }
    List<HttpServerRequest> requests = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      requests.add(next(site.requests));
    }
    requests.forEach(request -> request.response().end(request.path()));
    for (int i = 0; i < 10; i++) {
      assertThat(text(calls.get(i))).isEqualTo("/" + i);
    }
    assertThat(site.connections).hasValue(10);
  }

  @Test
  void callsAreSharedOutAmongEventLoopsOfItsOwn() throws Exception {
    Site site = silent();
    ClientConfig config = ClientConfig.builder("test").endpoint("127.0.0.1", site.port).connections(2).maxConcurrentCalls(3).build();
    Network network = Network.own(config, 1);
    open.add(() -> get(network.close()));
    HttpCaller caller = new HttpCaller(network);
    open.add(() -> get(caller.close()));
    List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      calls.add(ask(caller, "/" + i));
    }
    for (int round = 0; round < 5; round++) {
      List<HttpServerRequest> requests = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        requests.add(next(site.requests));
      }
      requests.forEach(request -> request.response().end(request.path()));
    }
    for (int i = 0; i < 30; i++) {
      assertThat(text(calls.get(i))).isEqualTo("/" + i);
    }
    assertThat(site.connections).hasValue(6);
  }

  @Test
  void oneEndpointAloneIsAskedWhereverOthersGo() throws Exception {
    Site first = answering("first");
    Site second = answering("second");
    HttpCaller caller = caller(first.port, second.port, config -> config);
    HttpCaller alone = caller.at(new Endpoint("127.0.0.1", second.port));
    assertThat(text(ask(alone, "/"))).isEqualTo("second");
    assertThat(text(ask(caller, "/"))).isEqualTo("first");
    assertThat(caller.at(new Endpoint("127.0.0.1", second.port))).isSameAs(alone);
    get(caller.close());
    failure(ask(alone, "/"), ClientClosedException.class);
    failure(ask(caller.at(new Endpoint("127.0.0.1", first.port)), "/"), ClientClosedException.class);
  }

  @Test
  void callsBeyondTheLimitWaitForAConnection() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.maxConcurrentCalls(2));
    List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calls.add(ask(caller, "/" + i));
    }
    for (int i = 0; i < 20; i += 2) {
      HttpServerRequest one = next(site.requests);
      HttpServerRequest other = next(site.requests);
      settle(caller);
      assertThat(site.requests).isEmpty();
      one.response().end(one.path());
      other.response().end(other.path());
    }
    for (int i = 0; i < 20; i++) {
      assertThat(text(calls.get(i))).isEqualTo("/" + i);
    }
    assertThat(site.connections).hasValue(2);
  }

  @Test
  void moreThanMayWaitAreRefused() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.maxConcurrentCalls(1).maxInFlightCalls(50));
    ask(caller, "/first");
    next(site.requests);
    List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(ask(caller, "/" + i));
    }
    assertThat(failure(ask(caller, "/last"), OverloadedException.class)).matches(error -> !error.maybeApplied());
    assertThat(calls).noneMatch(CompletableFuture::isDone);
    calls.get(50).cancel(true);
    CompletableFuture<HttpCaller.Answer> another = ask(caller, "/another");
    settle(caller);
    assertThat(another).isNotDone();
  }

  @Test
  void longPollsAreInNobodysWay() throws Exception {
    Site site =
        new Site(
            call -> {
              if (!call.path().equals("/poll")) {
                call.response().end("now");
              }
            });
    HttpCaller caller = caller(site.port, config -> config.maxConcurrentCalls(1));
    for (int i = 0; i < 20; i++) {
      caller.poll(HttpMethod.GET, "/poll", null, deadline());
    }
    assertThat(text(ask(caller, "/call"))).isEqualTo("now");
  }

  @Test
  void anEndpointThatIsDownIsPassedOver() throws Exception {
    Site site = answering("here");
    assertThat(text(ask(caller(unusedPort(), site.port, config -> config), "/"))).isEqualTo("here");
  }

  @Test
  void ifAllAreDownNothingWasApplied() throws Exception {
    HttpCaller caller = caller(unusedPort(), unusedPort(), config -> config);
    List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calls.add(ask(caller, "/"));
    }
    for (CompletableFuture<HttpCaller.Answer> call : calls) {
      assertThat(failure(call, ConnectionFailedException.class).maybeApplied()).isFalse();
    }
    // It is tried again all the same.
    failure(ask(caller, "/"), ConnectionFailedException.class);
  }

  @Test
  void staysWithTheEndpointThatWorks() throws Exception {
    int down = unusedPort();
    Site second = answering("second");
    HttpCaller caller = caller(down, second.port, config -> config);
    assertThat(text(ask(caller, "/"))).isEqualTo("second");
    new Site(down, call -> call.response().end("first"));
    for (int i = 0; i < 20; i++) {
      assertThat(text(ask(caller, "/"))).isEqualTo("second");
      assertThat(text(caller.poll(HttpMethod.GET, "/", null, deadline()))).isEqualTo("second");
    }
  }

  @Test
  void movesOnFromAnEndpointThatBreaksOff() throws Exception {
    int breaking = raw(socket -> socket.handler(request -> socket.close()));
    Site second = answering("second");
    HttpCaller caller = caller(breaking, second.port, config -> config);
    ConnectionFailedException broken = failure(ask(caller, "/"), ConnectionFailedException.class);
    assertThat(broken.maybeApplied()).isTrue();
    assertThat(text(ask(caller, "/"))).isEqualTo("second");
  }

  @Test
  void movesOnFromAnEndpointThatSaysNothingForLong() throws Exception {
    BlockingQueue<Buffer> arrived = new LinkedBlockingQueue<>();
    int first = raw(socket -> socket.handler(arrived::add)); // Not even to the question whether it is there.
    Site second = answering("second");
    HttpCaller caller = caller(first, second.port, config -> config.time(clock));
    Duration longerThanTheProbe = Duration.ofSeconds(16);
    CompletableFuture<HttpCaller.Answer> unanswered = caller.send(HttpMethod.GET, "/", null, Deadline.after(clock, longerThanTheProbe));
    next(arrived);
    clock.pass(longerThanTheProbe);
    assertThat(failure(unanswered, DeadlineExceededException.class).maybeApplied()).isTrue();
    assertThat(text(caller.send(HttpMethod.GET, "/", null, Deadline.after(clock, Duration.ofSeconds(30))))).isEqualTo("second");
  }

  @Test
  void doesNotMoveOnFromAnEndpointThatIsGivenLittleTime() throws Exception {
    Site first = silent();
    Site second = answering("second");
    HttpCaller caller = caller(first.port, second.port, config -> config.time(clock));
    for (int i = 0; i < 3; i++) {
      CompletableFuture<HttpCaller.Answer> unanswered = caller.send(HttpMethod.GET, "/", null, Deadline.after(clock, Duration.ofSeconds(1)));
      next(first.requests);
      clock.pass(Duration.ofSeconds(1));
      failure(unanswered, DeadlineExceededException.class);
    }
    assertThat(second.connections).hasValue(0);
  }

  @Test
  void callsToANodeThatWasLeftBehindAreNotInTheWayOfOthers() throws Exception {
    Site first = silent();
    Site second = answering("second");
    HttpCaller caller = caller(first.port, second.port, config -> config.maxConcurrentCalls(1));
    CompletableFuture<HttpCaller.Answer> stays = ask(caller, "/stays");
    HttpServerRequest unanswered = next(first.requests);
    CompletableFuture<HttpCaller.Answer> breaks = caller.poll(HttpMethod.GET, "/breaks", null, deadline());
    next(first.requests).connection().close();
    failure(breaks, ConnectionFailedException.class);
    assertThat(text(ask(caller, "/"))).isEqualTo("second");
    unanswered.response().end("late");
    assertThat(text(stays)).isEqualTo("late");
    assertThat(text(ask(caller, "/"))).isEqualTo("second");
  }

  @Test
  void aCallThatIsCancelledInFlightLosesItsConnection() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port);
    CompletableFuture<HttpCaller.Answer> call = ask(caller, "/");
    next(site.requests);
    call.cancel(true);
    next(site.closed);
    CompletableFuture<HttpCaller.Answer> other = ask(caller, "/other");
    next(site.requests).response().end("fine");
    assertThat(text(other)).isEqualTo("fine");
  }

  /** The caller is told before the loop hears of it. */
  @Test
  void aCallWhoseCallerWasToldThatNothingWasDoneIsNeverSent() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.maxConcurrentCalls(1));
    CompletableFuture<HttpCaller.Answer> first = ask(caller, "/first");
    HttpServerRequest request = next(site.requests);
    Deadline over = Deadline.after(clock, Duration.ofDays(1));
    CompletableFuture<HttpCaller.Answer> second = caller.send(HttpMethod.GET, "/second", null, over);
    CompletableFuture<HttpCaller.Answer> third = ask(caller, "/third");
    while (!over.withdraw()) {
      Thread.onSpinWait();
    }
    request.response().end();
    get(first);
    HttpServerRequest after = next(site.requests);
    assertThat(after.path()).isEqualTo("/third");
    after.response().end();
    get(third);
    assertThat(second).isCancelled();
  }

  @Test
  void aCallThatIsCancelledWhileItWaitsIsNeverSent() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.maxConcurrentCalls(1));
    CompletableFuture<HttpCaller.Answer> first = ask(caller, "/first");
    HttpServerRequest request = next(site.requests);
    CompletableFuture<HttpCaller.Answer> second = ask(caller, "/second");
    CompletableFuture<HttpCaller.Answer> third = ask(caller, "/third");
    second.cancel(true);
    request.response().end();
    get(first);
    HttpServerRequest after = next(site.requests);
    assertThat(after.path()).isEqualTo("/third");
    after.response().end();
    get(third);
    assertThat(site.connections).hasValue(1);
  }

  @Test
  void manyCancelledCallsLeaveNothingBehind() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.maxConcurrentCalls(8));
    for (int round = 0; round < 10; round++) {
      List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        calls.add(ask(caller, "/"));
      }
      if (round % 2 == 0) {
        next(site.requests);
      }
      calls.forEach(call -> call.cancel(true));
    }
    settle(caller);
    site.requests.clear();
    // All that may be in flight at a time can be.
    List<CompletableFuture<HttpCaller.Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      calls.add(ask(caller, "/after"));
    }
    for (int answered = 0; answered < 8; ) {
      HttpServerRequest request = next(site.requests);
      if (request.path().equals("/after")) {
        answered++;
        request.response().end("fine");
      }
    }
    for (CompletableFuture<HttpCaller.Answer> call : calls) {
      assertThat(text(call)).isEqualTo("fine");
    }
    get(caller.close());
    for (int i = site.connections.get(); i > 0; i--) {
      next(site.closed);
    }
  }

  @Test
  void aServerThatStaysSilentIsGivenUpAtTheDeadline() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.time(clock));
    CompletableFuture<HttpCaller.Answer> late = caller.send(HttpMethod.GET, "/", null, Deadline.after(clock, Duration.ofSeconds(9)));
    CompletableFuture<HttpCaller.Answer> early = caller.poll(HttpMethod.GET, "/", null, Deadline.after(clock, Duration.ofSeconds(3)));
    next(site.requests);
    next(site.requests);
    clock.pass(Duration.ofSeconds(3));
    assertThat(failure(early, DeadlineExceededException.class).maybeApplied()).isTrue();
    next(site.closed);
    assertThat(late).isNotDone();
    clock.pass(Duration.ofSeconds(6));
    assertThat(failure(late, DeadlineExceededException.class).maybeApplied()).isTrue();
    next(site.closed);
  }

  @Test
  void anAnswerThatDoesNotEndIsGivenUpAtTheDeadline() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.time(clock));
    CompletableFuture<HttpCaller.Answer> call = caller.send(HttpMethod.GET, "/", null, Deadline.after(clock, Duration.ofSeconds(3)));
    next(site.requests).response().setChunked(true).write("begun").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    clock.pass(Duration.ofSeconds(3));
    assertThat(failure(call, DeadlineExceededException.class).maybeApplied()).isTrue();
  }

  @Test
  void aCallWhoseTimeEndsWhileItWaitsIsNeverSent() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.time(clock).maxConcurrentCalls(1));
    CompletableFuture<HttpCaller.Answer> first = caller.send(HttpMethod.GET, "/first", null, Deadline.after(clock, Duration.ofSeconds(9)));
    HttpServerRequest request = next(site.requests);
    CompletableFuture<HttpCaller.Answer> second = caller.send(HttpMethod.GET, "/second", null, Deadline.after(clock, Duration.ofSeconds(3)));
    CompletableFuture<HttpCaller.Answer> third = caller.send(HttpMethod.GET, "/third", null, Deadline.after(clock, Duration.ofSeconds(9)));
    settle(caller);
    clock.pass(Duration.ofSeconds(3));
    assertThat(failure(second, DeadlineExceededException.class).maybeApplied()).isFalse();
    request.response().end();
    get(first);
    HttpServerRequest after = next(site.requests);
    assertThat(after.path()).isEqualTo("/third");
    after.response().end();
    get(third);
  }

  @Test
  void aCallWhoseTimeIsOverIsNotSentAtAll() throws Exception {
    Site site = answering("late");
    HttpCaller caller = caller(site.port, config -> config.time(clock));
    Deadline deadline = Deadline.after(clock, Duration.ofSeconds(1));
    clock.pass(Duration.ofSeconds(1));
    assertThat(failure(caller.send(HttpMethod.GET, "/", null, deadline), DeadlineExceededException.class).maybeApplied()).isFalse();
    assertThat(site.connections).hasValue(0);
  }

  @Test
  void credentialsThatDoNotComeAreNotWaitedForBeyondTheDeadline() throws Exception {
    Site site = answering("late");
    HttpCaller caller = caller(site.port, config -> config.time(clock).credentials(CompletableFuture::new));
    CompletableFuture<HttpCaller.Answer> call = caller.send(HttpMethod.GET, "/", null, Deadline.after(clock, Duration.ofSeconds(1)));
    settle(caller);
    clock.pass(Duration.ofSeconds(1));
    assertThat(failure(call, DeadlineExceededException.class).maybeApplied()).isFalse();
  }

  @Test
  void anEndpointThatDoesNotAcceptIsGivenUp() throws Exception {
    // Nothing answers at the handshake of TLS.
    int port = raw(socket -> {});
    HttpCaller caller = caller(port, config -> config.time(clock).tls(Tls.PLATFORM).connectTimeout(Duration.ofSeconds(2)));
    CompletableFuture<HttpCaller.Answer> call = caller.send(HttpMethod.GET, "/", null, Deadline.after(clock, Duration.ofSeconds(9)));
    settle(caller);
    clock.pass(Duration.ofSeconds(2));
    assertThat(failure(call, ConnectionFailedException.class).maybeApplied()).isFalse();
  }

  @Test
  void aRefusedTokenIsAskedForAgainAndTheCallMadeOnceMore() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    Site site =
        new Site(
            call ->
                call.body()
                    .onSuccess(
                        body -> {
                          seen.add(call.getHeader("authorization") + " " + body);
                          boolean good = "Bearer t2".equals(call.getHeader("authorization"));
                          call.response().setStatusCode(good ? 200 : 401).end(good ? "in" : "invalid API key");
                        }));
    AtomicInteger tokens = new AtomicInteger();
    HttpCaller caller = caller(site.port, config -> config.credentials(Credentials.Provider.token(() -> "t" + tokens.incrementAndGet())));
    assertThat(text(caller.send(HttpMethod.POST, "/", json("{}"), deadline()))).isEqualTo("in");
    assertThat(text(caller.send(HttpMethod.POST, "/", json("[]"), deadline()))).isEqualTo("in");
    assertThat(seen).containsExactly("Bearer t1 {}", "Bearer t2 {}", "Bearer t2 []");
  }

  @Test
  void aTokenThatIsRefusedTwiceIsAnAnswer() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Site site =
        new Site(
            call -> {
              asked.incrementAndGet();
              call.response().setStatusCode(401).end("invalid API key");
            });
    AtomicInteger tokens = new AtomicInteger();
    HttpCaller changing = caller(site.port, config -> config.credentials(Credentials.Provider.token(() -> "t" + tokens.incrementAndGet())));
    assertThat(get(ask(changing, "/")).status()).isEqualTo(401);
    assertThat(asked).hasValue(2);
    HttpCaller fixed = caller(site.port, config -> config.token("s3cret"));
    assertThat(get(ask(fixed, "/")).body().toString()).isEqualTo("invalid API key");
    assertThat(asked).hasValue(3);
    assertThat(failure(fixed.get("/", deadline()), UnauthenticatedException.class)).hasMessageNotContaining("s3cret");
  }

  @Test
  void credentialsThatCannotBeHadFailTheCall() throws Exception {
    Site site = answering("in");
    HttpCaller caller =
        caller(site.port, config -> config.credentials(() -> CompletableFuture.failedFuture(new IllegalStateException("no vault"))));
    UnauthenticatedException unavailable = failure(ask(caller, "/"), UnauthenticatedException.class);
    assertThat(unavailable.retryable()).isTrue();
    assertThat(unavailable).hasRootCauseMessage("no vault");
    assertThat(site.connections).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhe"
      })
  void anAnswerThatBreaksOffMayHaveBeenApplied(String begun) throws Exception {
    int port = raw(socket -> socket.handler(request -> socket.write(begun).onComplete(written -> socket.close())));
    assertThat(failure(ask(caller(port), "/"), ConnectionFailedException.class).maybeApplied()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"220 smtp.example ready\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n"})
  void whatIsNotHttpIsNamed(String garbage) throws Exception {
    int port = raw(socket -> socket.handler(request -> socket.write(garbage)));
    TributaryException strange = failure(ask(caller(port), "/"), TributaryException.class);
    assertThat(strange).isInstanceOfAny(ProtocolViolationException.class, ConnectionFailedException.class);
    assertThat(strange.maybeApplied()).isTrue();
    assertThat(strange.getMessage()).contains("127.0.0.1:" + port);
  }

  @Test
  void anAnswerThatEndsWithItsConnectionIsWhole() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    int port =
        raw(
            socket -> {
              connections.incrementAndGet();
              socket.handler(request -> socket.write("HTTP/1.0 200 OK\r\n\r\nhello").onComplete(written -> socket.close()));
            });
    HttpCaller caller = caller(port);
    for (int i = 0; i < 5; i++) {
      assertThat(text(ask(caller, "/"))).isEqualTo("hello");
    }
    assertThat(connections).hasValue(5);
  }

  @Test
  void aConnectionThatTheServerWantsClosedIsNotUsedAgain() throws Exception {
    Site site = new Site(call -> call.response().putHeader("connection", "close").end("bye"));
    HttpCaller caller = caller(site.port);
    for (int i = 0; i < 5; i++) {
      assertThat(text(ask(caller, "/"))).isEqualTo("bye");
    }
    assertThat(site.connections).hasValue(5);
  }

  @Test
  void aKeptConnectionThatIsClosedByTheServerIsNotUsedAgain() throws Exception {
    Site site = silent();
    BlockingQueue<String> ended = new LinkedBlockingQueue<>();
    HttpCaller caller = caller(site.port, config -> config.instrumentation(watching(new ArrayList<>(), () -> ended.add("ended"))));
    CompletableFuture<HttpCaller.Answer> first = ask(caller, "/");
    HttpServerRequest request = next(site.requests);
    request.response().end();
    get(first);
    request.connection().close();
    next(ended);
    CompletableFuture<HttpCaller.Answer> second = ask(caller, "/");
    next(site.requests).response().end("fine");
    assertThat(text(second)).isEqualTo("fine");
  }

  @Test
  void aKeptConnectionThatBreaksUnderACallSaysSoAndIsNoReasonToMoveOn() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    int first =
        raw(
            socket ->
                socket.handler(
                    request -> {
                      if (requests.incrementAndGet() == 2) {
                        socket.close();
                      } else {
                        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst");
                      }
                    }));
    Site second = answering("second");
    HttpCaller caller = caller(first, second.port, config -> config);
    assertThat(text(ask(caller, "/"))).isEqualTo("first");
    assertThat(failure(ask(caller, "/"), ConnectionFailedException.class).maybeApplied()).isTrue();
    assertThat(text(ask(caller, "/"))).isEqualTo("first");
  }

  @Test
  void aConnectionThatIsNotUsedIsClosedBeforeTheServerDoes() throws Exception {
    Site site = answering("fine");
    HttpCaller caller = caller(site.port, config -> config.time(clock));
    Deadline deadline = Deadline.after(clock, Duration.ofDays(1));
    get(caller.send(HttpMethod.GET, "/", null, deadline));
    settle(caller);
    clock.pass(Duration.ofSeconds(20));
    get(caller.send(HttpMethod.GET, "/", null, deadline));
    settle(caller);
    clock.pass(Duration.ofSeconds(20));
    settle(caller);
    get(caller.send(HttpMethod.GET, "/", null, deadline));
    assertThat(site.connections).hasValue(1);
    settle(caller);
    clock.pass(Duration.ofSeconds(30));
    next(site.closed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anAnswerThatIsTooLargeSaysSo(boolean chunked) throws Exception {
    Site site =
        new Site(
            call -> {
              int size = call.path().equals("/large") ? 100_001 : 100_000;
              call.response().setChunked(chunked).end("x".repeat(size));
            });
    HttpCaller caller = caller(site.port, config -> config.maxMessageBytes(100_000));
    PayloadTooLargeException large = failure(ask(caller, "/large"), PayloadTooLargeException.class);
    assertThat(large.maybeApplied()).isTrue();
    assertThat(large).hasMessageContaining("100000");
    assertThat(get(ask(caller, "/fits")).body().length()).isEqualTo(100_000);
    next(site.closed);
  }

  @Test
  void closeEndsWhatIsInFlightAndWhatWaits() throws Exception {
    Site site = silent();
    HttpCaller caller = caller(site.port, config -> config.maxConcurrentCalls(1));
    CompletableFuture<HttpCaller.Answer> sent = ask(caller, "/");
    CompletableFuture<HttpCaller.Answer> waits = ask(caller, "/");
    CompletableFuture<HttpCaller.Answer> polls = caller.poll(HttpMethod.GET, "/", null, deadline());
    next(site.requests);
    next(site.requests);
    get(caller.close());
    assertThat(failure(sent, ClientClosedException.class).maybeApplied()).isTrue();
    assertThat(failure(polls, ClientClosedException.class).maybeApplied()).isTrue();
    assertThat(failure(waits, ClientClosedException.class).maybeApplied()).isFalse();
    assertThat(failure(ask(caller, "/"), ClientClosedException.class).maybeApplied()).isFalse();
    next(site.closed);
    next(site.closed);
  }

  @Test
  void whoWatchesSeesConnectionsComeAndGo() throws Exception {
    Site site = answering("fine");
    List<String> made = new CopyOnWriteArrayList<>();
    AtomicInteger ended = new AtomicInteger();
    HttpCaller caller = caller(site.port, config -> config.instrumentation(watching(made, ended::incrementAndGet)));
    get(ask(caller, "/"));
    get(caller.poll(HttpMethod.GET, "/", null, deadline()));
    assertThat(made).containsExactly("test 127.0.0.1:" + site.port, "test 127.0.0.1:" + site.port);
    get(caller.close());
    assertThat(ended).hasValue(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "topics", "/a b", "/ä", "/a\r\nx: y"})
  void aPathThatIsNotEncodedIsNotSent(String path) throws Exception {
    Site site = answering("fine");
    assertThatThrownBy(() -> ask(caller(site.port), path)).isInstanceOf(InvalidRequestException.class);
    assertThat(site.connections).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length", "transfer-encoding", "connection", "a b", "", "Content-Type", "content-encoding", "TE", "host", "upgrade", "expect", "trailer",
        "accept-encoding", "grpc-timeout", "Grpc-Encoding", ":path", "proxy-connection", "keep-alive", "http2-settings"
      })
  void aHeaderThatCannotBeSentIsRefusedAtOnce(String name) {
    assertThatThrownBy(() -> caller(1, config -> config.header(name, "7"))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void aHeaderThatCannotBeSentIsRefusedWithoutItsValue() {
    assertThatThrownBy(() -> caller(1, config -> config.header("x-key", "s3cret\r\n")))
        .isInstanceOf(InvalidRequestException.class)
        .hasMessageContaining("x-key")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void aCallFromItsEventLoopDoesNotChangeThreads() throws Exception {
    Site site = answering("fine");
    CompletableFuture<Boolean> same = new CompletableFuture<>();
    vertx
        .getOrCreateContext()
        .runOnContext(
            now -> {
              Thread thread = Thread.currentThread();
              HttpCaller caller = caller(site.port);
              ask(caller, "/").whenComplete((answer, error) -> same.complete(Thread.currentThread() == thread));
            });
    assertThat(get(same)).isTrue();
  }
}
