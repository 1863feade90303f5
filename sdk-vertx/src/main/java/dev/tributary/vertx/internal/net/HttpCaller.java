package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.OverloadedException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.ProtocolException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.Deadline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Plain HTTP: JSON answers of one address beside gRPC, or all calls of a backend. Thread-safe. */
public final class HttpCaller {
  private static final int CONNECTIONS = 4;
  private static final int POLLS = 64;
  private static final int WAITING = 4_096;
  private static final int KEEP_ALIVE_SECONDS = 30;
  private static final int TEXT = 200;

  private final Network network;
  private final HttpClientAgent http;
  private final HttpClientAgent polls;
  private volatile boolean closed;

  /** An answer, whatever its status; {@code retryAfter} if the server asked to wait. */
  public record Answer(int status, Buffer body, @Nullable Duration retryAfter) {}

  /** Of one address. */
  public HttpCaller(Network network, Endpoint endpoint) {
    this(network.at(endpoint));
  }

  /** Of all endpoints of this network. */
  public HttpCaller(Network network) {
    this.network = network;
    this.http = client(Math.max(CONNECTIONS, network.config().connections()));
    this.polls = client(POLLS);
  }

  private HttpClientAgent client(int connections) {
    HttpClientOptions options = network.options();
    options.setUseAlpn(false).setKeepAliveTimeout(KEEP_ALIVE_SECONDS);
    return network
        .vertx()
        .httpClientBuilder()
        .with(options)
        .with(new PoolOptions().setHttp1MaxSize(connections).setMaxWaitQueueSize(WAITING))
        .withConnectHandler(this::connected)
        .build();
  }

  private void connected(HttpConnection connection) {
    Runnable ended = network.connected(network.endpoints().current());
    connection.closeHandler(gone -> ended.run());
  }

  Network network() {
    return network;
  }

  boolean closed() {
    return closed;
  }

  /** Sends a request; its path is encoded already. Any status is an answer. */
  public CompletableFuture<Answer> send(HttpMethod method, String path, @Nullable Buffer body, Deadline deadline) {
    return new HttpExchange(this, http, method, path, body, deadline).start();
  }

  /** The same for an answer that takes its time: no other call waits for its connection. */
  public CompletableFuture<Answer> poll(HttpMethod method, String path, @Nullable Buffer body, Deadline deadline) {
    return new HttpExchange(this, polls, method, path, body, deadline).start();
  }

  /** Gets a JSON object; any status but a success is an error. */
  public CompletableFuture<JsonObject> get(String path, Deadline deadline) {
    return Steps.map(send(HttpMethod.GET, path, null, deadline), answer -> json(path, answer));
  }

  private JsonObject json(String path, Answer answer) {
    String text = answer.body().toString();
    String endpoint = network.endpoints().current().toString();
    if (answer.status() / 100 == 2) {
      try {
        return new JsonObject(text);
      } catch (DecodeException undecodable) {
        throw new ProtocolException(
            ErrorInfo.of("the answer to " + path + " is not JSON", "Check that " + endpoint + " is the server's HTTP address")
                .causedBy(undecodable));
      }
    }
    String shortened = text.length() > TEXT ? text.substring(0, TEXT) + "…" : text.strip();
    String message = "HTTP " + answer.status() + " for " + path + ": " + shortened;
    throw switch (answer.status()) {
      case 400 -> new InvalidRequestException(ErrorInfo.of(message, "The server refused the request as it is"));
      case 401 -> new UnauthenticatedException(ErrorInfo.of(message, "Configure valid credentials"));
      case 403 -> new PermissionDeniedException(ErrorInfo.of(message, "Ask the operator for the permission"));
      case 404 -> new NotFoundException(ErrorInfo.of(message, "Check the name, and that " + endpoint + " is the server's HTTP address"));
      case 429 -> new OverloadedException(ErrorInfo.of(message, "Send less, or slower"));
      case 502, 503, 504 -> new ConnectionFailedException(ErrorInfo.of(message, "Try again later"));
      default -> new ServerErrorException(ErrorInfo.of(message, "Look at the server's log"));
    };
  }

  /** Runs this with a timeout of its own. */
  public <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    return network.within(timeout, work);
  }

  /** An event loop for what keeps state. */
  public ContextInternal loop() {
    return network.loop();
  }

  /** Ends every call, and disconnects. */
  public CompletableFuture<Void> close() {
    closed = true;
    return Future.all(http.close(), polls.close()).<Void>mapEmpty().toCompletionStage().toCompletableFuture();
  }
}
