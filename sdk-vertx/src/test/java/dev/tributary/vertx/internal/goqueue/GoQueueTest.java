package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.config.Retry;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A driver, and a server that answers as the test says. */
public abstract class GoQueueTest {
  public static final ResourceName NAME = new ResourceName("default", "default", "orders");
  static Vertx vertx;

  public final ScriptedHttp server = new ScriptedHttp(vertx);
  Transport driver;

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
    return ClientConfig.builder("goqueue").retry(Retry.backoff(Duration.ofMillis(1), Duration.ofMillis(5)));
  }

  void connect(ClientConfig.Builder config) throws Exception {
    driver = new GoQueueProvider().open(config.endpoint("127.0.0.1", server.listen()).build());
  }

  StreamTransport streams() throws Exception {
    if (driver == null) {
      connect(config());
    }
    return driver.streams().orElseThrow();
  }

  /** The topic has so many partitions, each with these ends. */
  void topic(String name, int partitions, long earliest, long latest) {
    StringBuilder offsets = new StringBuilder();
    for (int partition = 0; partition < partitions; partition++) {
      offsets.append(partition == 0 ? "" : ",");
      offsets.append("'" + partition + "':{'earliest':" + earliest + ",'latest':" + latest + "}");
    }
    server.on(
        "GET /topics/" + name,
        "{'name':'" + name + "','partitions':" + partitions + ",'total_messages':0,'total_size_bytes':0,'partition_offsets':{" + offsets + "}}");
  }

  void version(String version) {
    server.on("GET /version", "{'version':'" + version + "','git_commit':'unknown','build_time':'unknown','go_version':'go1'}");
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
      E error = kind.cast(failed.getCause());
      assertThat(error.hint()).isNotBlank();
      return error;
    }
    throw new AssertionError("did not fail");
  }
}
