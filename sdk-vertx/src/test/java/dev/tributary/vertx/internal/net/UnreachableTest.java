package dev.tributary.vertx.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Endpoint;
import dev.tributary.config.Retry;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.goqueue.ManualTime;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.grpc.GrpcErrors;
import dev.tributary.vertx.internal.net.grpc.RawServer;
import dev.tributary.vertx.internal.net.grpc.Rpc;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.text.MessageFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Endpoints where nobody listens, and may again. The clock stands still. */
class UnreachableTest {
  private static final Rpc<StringValue, StringValue> SAY =
      Rpc.of("test.Echo", "Say", StringValue.getDefaultInstance(), StringValue.getDefaultInstance());
  private static final StringValue HELLO = StringValue.of("hello");
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

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

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private Deadline late() {
    return Deadline.after(clock, Duration.ofDays(1));
  }

  private RawServer server(int port, String name) {
    return new RawServer(vertx, new HttpServerOptions().setPort(port), call -> answer(call, name));
  }

  private static void answer(HttpServerRequest call, String name) {
    if (call.method() == HttpMethod.POST) {
      RawServer.answer(call, name);
    } else {
      call.response().end(name);
    }
  }

  private int nobody() {
    RawServer gone = new RawServer(vertx, call -> {});
    gone.close();
    return gone.port;
  }

  private GrpcCaller grpc(ClientConfig config) {
    GrpcCaller caller = GrpcCaller.probing(Network.on(vertx, config, 1), new GrpcErrors(), SAY, HELLO);
    open.add(() -> get(caller.close()));
    return caller;
  }

  private ClientConfig.Builder config(int... ports) {
    ClientConfig.Builder config = ClientConfig.builder("test").time(clock);
    for (int port : ports) {
      config.endpoint("127.0.0.1", port);
    }
    return config;
  }

  private static void isRefused(CompletableFuture<?> call) {
    assertThat(call).failsWithin(Duration.ofSeconds(20)).withThrowableThat().havingCause().isInstanceOf(ConnectionFailedException.class);
  }

  @Test
  void pausesOfThreeHundredYearsKeepNobodyFromAServerThatIsBack() throws Exception {
    int port = nobody();
    Retry patient = Retry.backoff(Duration.ofMillis(50), Duration.ofDays(365 * 300));
    GrpcCaller grpc = grpc(config(port).retry(patient).build());
    HttpCaller http = new HttpCaller(Network.on(vertx, config(port).retry(patient).build(), 1));
    open.add(() -> get(http.close()));
    for (int i = 0; i < 100; i++) {
      CompletableFuture<?> said = grpc.call(SAY, HELLO, late());
      CompletableFuture<?> asked = http.send(HttpMethod.GET, "/", null, late());
      while (!said.isDone() || !asked.isDone()) {
        // With time for the event loop: else a day passes before it has looked.
        clock.pass(LONGEST_PAUSE);
        LockSupport.parkNanos(100_000);
      }
      isRefused(said);
      isRefused(asked);
    }
    server(port, "back");
    CompletableFuture<StringValue> said = grpc.call(SAY, HELLO, late());
    CompletableFuture<HttpCaller.Answer> asked = http.send(HttpMethod.GET, "/", null, late());
    while (!said.isDone() || !asked.isDone()) {
      // No faster than real time: answers take some.
      clock.pass(Duration.ofMillis(1));
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(get(said).getValue()).isEqualTo("back");
    assertThat(get(asked).body().toString()).isEqualTo("back");
  }

  @Test
  void aNodeThatCannotBeReachedHoldsUpNobody() throws Exception {
    int port = nobody();
    GrpcCaller caller = grpc(config(server(0, "here").port, port).build());
    for (int i = 0; i < 10; i++) {
      // Time stands still: whoever waited until the node may be tried again would wait for ever.
      assertThat(get(caller.callAt(new Endpoint("127.0.0.1", port), SAY, HELLO, late(), StringValue::getValue))).isEqualTo("here");
    }
    server(port, "there");
    clock.pass(LONGEST_PAUSE);
    assertThat(get(caller.callAt(new Endpoint("127.0.0.1", port), SAY, HELLO, late(), StringValue::getValue))).isEqualTo("there");
  }

  @Test
  void anOutageIsOneWarningAndItsEndALine() throws Exception {
    Logger logger = Logger.getLogger("dev.tributary.net");
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    Handler log =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            said.add(entry.getLevel() + " " + new MessageFormat(entry.getMessage()).format(entry.getParameters()));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(log);
    try {
      int port = nobody();
      ClientConfig config = config(port).build();
      Network network = Network.on(vertx, config, 1);
      GrpcCaller grpc = GrpcCaller.probing(network, new GrpcErrors(), SAY, HELLO);
      open.add(() -> get(grpc.close()));
      HttpCaller http = new HttpCaller(network);
      open.add(() -> get(http.close()));
      for (int outage = 0; outage < 2; outage++) {
        for (int i = 0; i < 10; i++) {
          CompletableFuture<?> one = grpc.call(SAY, HELLO, late());
          CompletableFuture<?> other = http.send(HttpMethod.GET, "/", null, late());
          while (!one.isDone() || !other.isDone()) {
            clock.pass(LONGEST_PAUSE);
            LockSupport.parkNanos(100_000);
          }
        }
        assertThat(said.take()).startsWith("WARNING 127.0.0.1:" + port + " fails");
        assertThat(said).as("one in an outage").isEmpty();
        RawServer server = server(port, "back");
        clock.pass(LONGEST_PAUSE);
        CompletableFuture<?> back = grpc.call(SAY, HELLO, late());
        while (!back.isDone()) {
          clock.pass(Duration.ofMillis(1));
          LockSupport.parkNanos(1_000_000);
        }
        assertThat(said.take()).isEqualTo("INFO 127.0.0.1:" + port + " answers again");
        server.close();
      }
    } finally {
      logger.removeHandler(log);
    }
  }
}
