package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.net.Network;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** A part of the driver, on time that stands still, and a server that answers as the test says. */
@Timeout(30)
abstract class PeerTest {
  static final ResourceName ORDERS = new ResourceName("default", "default", "orders");
  static final String GROUP = "/groups/workers@orders";
  private static Vertx vertx;

  final ManualTime time = new ManualTime();
  ScriptedHttp peer;
  Network network;
  Api api;
  Topics topics;
  Groups groups;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @BeforeEach
  final void open() throws Exception {
    peer = new ScriptedHttp(vertx, "group not found");
    int port = peer.listen();
    speak("tributary 1");
    network = Network.on(vertx, ClientConfig.builder("goqueue").endpoint("127.0.0.1", port).time(time).build(), 8_080);
    api = new Api(network);
    topics = new Topics(api, "default", "default");
    groups = new Groups(api, false);
  }

  @AfterEach
  final void close() throws Exception {
    get(api.close());
    peer.close();
  }

  final void speak(String version) {
    peer.on("GET /version", asked -> new JsonObject().put("version", version));
  }

  final GoQueueOptions options() {
    return GoQueueOptions.of(network.config());
  }

  final Deadline soon() {
    return Deadline.after(time, Duration.ofSeconds(20));
  }

  static <T> T get(CompletableFuture<T> call) throws Exception {
    try {
      return call.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof TributaryException known) {
        throw known;
      }
      throw failed;
    }
  }

  static <E extends TributaryException> E failure(Class<E> type, CompletableFuture<?> call) {
    Throwable error = catchThrowable(() -> call.get(20, TimeUnit.SECONDS));
    assertThat(error).isInstanceOf(ExecutionException.class);
    Throwable cause = Steps.unwrap(error.getCause());
    assertThat(cause).isInstanceOf(type);
    assertThat(type.cast(cause).hint()).isNotBlank();
    return type.cast(cause);
  }

  /** Until this holds, which takes messages between threads but no time. */
  static void await(String what, BooleanSupplier holds) {
    for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20); !holds.getAsBoolean(); ) {
      assertThat(System.nanoTime() - end).as(what).isNegative();
      LockSupport.parkNanos(1_000_000);
    }
  }

  static JsonArray array(Object... elements) {
    JsonArray array = new JsonArray();
    for (Object element : elements) {
      array.add(element);
    }
    return array;
  }
}
