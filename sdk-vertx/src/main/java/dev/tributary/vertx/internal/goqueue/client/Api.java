package dev.tributary.vertx.internal.goqueue.client;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TimeoutException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.vertx.internal.goqueue.wire.Answer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.Steps;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
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
  private final Map<Endpoint, Dialect> dialects = new ConcurrentHashMap<>();

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
  record Placed(Answer answer, Api node) {}

  /** Posts an object whose answer means something only to the server that gives it. */
  CompletableFuture<Placed> postAnywhere(String path, JsonObject body, Deadline deadline) {
    return Steps.map(
        http.send(HttpMethod.POST, path, body::toBuffer, deadline),
        answer -> {
          HttpCaller there = http.at(answer.from());
          return new Placed(Answer.of(json(success(answer))), there == http ? this : new Api(network, there));
        });
  }

  /** Gets an object. */
  public CompletableFuture<Answer> get(String path, Deadline deadline) {
    return object(call(HttpMethod.GET, path, null, deadline));
  }

  /** Gets an object, which a server that is not well gives too. */
  public CompletableFuture<Answer> getEvenIfUnwell(String path, Deadline deadline) {
    return Steps.map(
        http.send(HttpMethod.GET, path, null, deadline),
        answer -> {
          boolean said = answer.status() == UNAVAILABLE && answer.body().toString().startsWith("{\"status\"");
          return Answer.of(json(said ? answer.body() : success(answer)));
        });
  }

  /** Gets any value of JSON. */
  public CompletableFuture<@Nullable Object> getAny(String path, Deadline deadline) {
    return Steps.map(call(HttpMethod.GET, path, null, deadline), Api::json);
  }

  /** Gets bytes, which hold JSON. */
  CompletableFuture<Buffer> getRaw(String path, Deadline deadline) {
    return call(HttpMethod.GET, path, null, deadline);
  }

  /** Gets an object that the server takes its time to give, on connections where no other call waits behind it. */
  public CompletableFuture<Answer> poll(String path, Deadline deadline) {
    return object(sent(http.poll(HttpMethod.GET, path, null, deadline)));
  }

  /** Posts an object. */
  public CompletableFuture<Answer> post(String path, JsonObject body, Deadline deadline) {
    return object(call(HttpMethod.POST, path, body::toBuffer, deadline));
  }

  /** Posts bytes that hold JSON, for bytes that hold JSON. */
  CompletableFuture<Buffer> postRaw(String path, Supplier<Buffer> body, Deadline deadline) {
    return call(HttpMethod.POST, path, body, deadline);
  }

  /** Puts an object. */
  public CompletableFuture<Answer> put(String path, JsonObject body, Deadline deadline) {
    return object(call(HttpMethod.PUT, path, body::toBuffer, deadline));
  }

  /** Deletes; some answers are objects and some are not. */
  public CompletableFuture<@Nullable Object> delete(String path, Deadline deadline) {
    return Steps.map(call(HttpMethod.DELETE, path, null, deadline), Api::json);
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

  private static CompletableFuture<Answer> object(CompletableFuture<Buffer> call) {
    return Steps.map(call, body -> Answer.of(json(body)));
  }

  private static @Nullable Object json(Buffer body) {
    try {
      return Json.decodeValue(body);
    } catch (DecodeException notJson) {
      throw Answer.protocol("it is not JSON but " + Answer.shortened(body.toString()));
    }
  }

  /** How the server speaks that is asked now; asked once for each endpoint. */
  public CompletableFuture<Dialect> dialect(Deadline deadline) {
    Endpoint asked = network.endpoints().current();
    Dialect known = dialects.get(asked);
    return known != null
        ? CompletableFuture.completedFuture(known)
        : Steps.map(
            http.send(HttpMethod.GET, "/version", null, deadline),
            answer -> {
              Dialect dialect = Dialect.of(Answer.of(json(success(answer))).text("version"));
              dialects.put(answer.from(), dialect);
              return dialect;
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

  /** Whether what lives long may go on after this error. */
  boolean passes(TributaryException error) {
    return network.passes(error);
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
