package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.config.Endpoint;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.goqueue.wire.Json;
import dev.tributary.vertx.internal.goqueue.wire.Messages;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** GoQueue's routes: JSON there and back, errors by their texts. Paths are encoded already. Thread-safe. */
public final class Api {
  private static final int UNAVAILABLE = 503;

  private final Network network;
  private final HttpCaller http;
  private final Map<Endpoint, String> versions = new ConcurrentHashMap<>();

  public Api(Network network) {
    this(network, new HttpCaller(network));
  }

  private Api(Network network, HttpCaller http) {
    this.network = network;
    this.http = http;
  }

  /**
   * An answer, and the way back to who gave it.
   *
   * @param answer what was answered
   * @param node the same routes at that endpoint alone; closed with all others
   */
  record Placed<A>(A answer, Api node) {}

  /** Posts a message whose answer means something only to the server that gives it. */
  <A> CompletableFuture<Placed<A>> postAnywhere(String path, Object message, Class<A> type, Deadline deadline) {
    return Steps.map(
        http.send(HttpMethod.POST, path, () -> Json.write(message), deadline),
        answer -> {
          HttpCaller there = http.at(answer.from());
          return new Placed<>(Json.read(success(answer), type), there == http ? this : new Api(network, there));
        });
  }

  /** Gets a message. */
  public <A> CompletableFuture<A> get(String path, Class<A> type, Deadline deadline) {
    return read(call(HttpMethod.GET, path, null, deadline), type);
  }

  /** Gets a message, which a server that is not well gives too. */
  public CompletableFuture<Messages.Health> health(String path, Deadline deadline) {
    return Steps.map(
        http.send(HttpMethod.GET, path, null, deadline),
        answer -> {
          boolean said = answer.status() == UNAVAILABLE && answer.body().toString().startsWith("{\"status\"");
          return Json.read(said ? answer.body() : success(answer), Messages.Health.class);
        });
  }

  /** Gets a message that the server takes its time to give, on connections where no other call waits behind it. */
  public <A> CompletableFuture<A> poll(String path, Class<A> type, Deadline deadline) {
    return read(sent(http.poll(HttpMethod.GET, path, null, deadline)), type);
  }

  /** Posts a message for another. */
  public <A> CompletableFuture<A> post(String path, Object message, Class<A> type, Deadline deadline) {
    return postJson(path, () -> Json.write(message), type, deadline);
  }

  /** Posts a message that is only to be noted. */
  public CompletableFuture<Void> tell(String path, Object message, Deadline deadline) {
    return Steps.map(post(path, message, Messages.Done.class, deadline), done -> null);
  }

  /** Posts a message that was written already. */
  <A> CompletableFuture<A> postJson(String path, Supplier<Buffer> message, Class<A> type, Deadline deadline) {
    return read(call(HttpMethod.POST, path, message, deadline), type);
  }

  /** Puts a message for another. */
  public <A> CompletableFuture<A> put(String path, Object message, Class<A> type, Deadline deadline) {
    return read(call(HttpMethod.PUT, path, () -> Json.write(message), deadline), type);
  }

  /** Deletes; some answers are objects and some are not. */
  public CompletableFuture<Void> delete(String path, Deadline deadline) {
    return Steps.map(read(call(HttpMethod.DELETE, path, null, deadline), Object.class), deleted -> null);
  }

  private CompletableFuture<Buffer> call(HttpMethod method, String path, @Nullable Supplier<Buffer> body, Deadline deadline) {
    return sent(http.send(method, path, body, deadline));
  }

  private static CompletableFuture<Buffer> sent(CompletableFuture<HttpCaller.Answer> call) {
    return Steps.map(call, Api::success);
  }

  private static Buffer success(HttpCaller.Answer answer) {
    if (answer.status() / 100 != 2) {
      throw GoQueueErrors.of(answer.status(), answer.body().toString(), answer.retryAfter());
    }
    return answer.body();
  }

  private static <A> CompletableFuture<A> read(CompletableFuture<Buffer> call, Class<A> type) {
    return Steps.map(call, json -> Json.read(json, type));
  }

  /** What the server that is asked now says it is; asked once for each endpoint. */
  public CompletableFuture<String> version(Deadline deadline) {
    Endpoint asked = network.endpoints().current();
    String known = versions.get(asked);
    return known != null
        ? CompletableFuture.completedFuture(known)
        : Steps.map(
            http.send(HttpMethod.GET, "/version", null, deadline),
            answer -> {
              String version = Json.read(success(answer), Messages.Version.class).version();
              versions.put(answer.from(), version);
              return version;
            });
  }

  /** Whether the server answers: a question that changes nothing. */
  CompletableFuture<Void> ping(Deadline deadline) {
    return Steps.map(call(HttpMethod.GET, "/version", null, deadline), answer -> null);
  }

  /** A server has most answers at once: a connection that is silent for so long is dead, whatever else calls may take. */
  public Duration patience() {
    Duration silence = network.config().idleProbe().plus(network.config().connectTimeout());
    Duration timeout = network.config().timeout();
    return silence.compareTo(timeout) < 0 ? silence : timeout;
  }

  /** Runs this with a timeout of its own, for what nobody above watches. */
  public <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    return http.within(timeout, work);
  }

  /** An event loop for what keeps state. */
  public ContextInternal loop() {
    return http.loop();
  }

  /** Fails what is in flight, and disconnects. */
  public CompletableFuture<Void> close() {
    return http.close();
  }
}
