package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsResp;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.net.grpc.ScriptedServer;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A driver, and a server that answers as the test says. */
abstract class DisheapTest {
  static final ResourceName NAME = new ResourceName("default", "default", "orders");
  static Vertx vertx;

  final ScriptedServer server = new ScriptedServer(vertx);
  Transport driver;
  volatile Mode mode = Mode.MAX;

  /** What the driver takes for the time of day. */
  static final Instant NOW = Instant.parse("2030-01-02T03:04:05Z");

  /** The time of day stands still; timers run. */
  private static final class StoppedClock implements TimeSource {
    @Override
    public Instant now() {
      return NOW;
    }

    @Override
    public long nanos() {
      return TimeSource.system().nanos();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return TimeSource.system().schedule(delay, task);
    }
  }

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void closeBoth() throws Exception {
    if (driver != null) {
      get(driver.close());
    }
    server.close();
  }

  static ClientConfig.Builder config() {
    return ClientConfig.builder("disheap").time(new StoppedClock()).retry(Retry.backoff(Duration.ofMillis(1), Duration.ofMillis(5)));
  }

  void connect(ClientConfig.Builder config) {
    driver = new DisheapProvider().open(config.endpoint("127.0.0.1", server.listen()).build());
  }

  void connect() {
    connect(config());
  }

  PushQueueTransport queues() {
    return (PushQueueTransport) driver.queues().orElseThrow();
  }

  /** The server lists a heap of the {@link #mode}. */
  void lists() {
    server.answer(
        DisheapMethods.LIST_HEAPS,
        q -> ListHeapsResp.newBuilder().addHeaps(HeapInfo.newBuilder().setTopic("orders").setMode(mode).setPartitions(1)).build());
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(20, TimeUnit.SECONDS);
    assertThat(item).isNotNull();
    return item;
  }

  static Deadline soon() {
    return Deadline.after(TimeSource.system(), Duration.ofSeconds(20));
  }

  static <E extends TributaryException> E failure(CompletableFuture<?> call, Class<E> kind) throws Exception {
    try {
      get(call);
    } catch (ExecutionException failed) {
      assertThat(failed.getCause()).isInstanceOf(kind);
      return kind.cast(failed.getCause());
    }
    throw new AssertionError("did not fail");
  }

  static ScriptedServer.Refusal refusal(GrpcStatus status, String message) {
    return new ScriptedServer.Refusal(status, message);
  }
}
