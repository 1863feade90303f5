package dev.tributary.vertx.internal.net;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, on one event loop. Nodes that cannot be reached are passed over; credentials that are refused are asked for
 * again, once. Cancelling it resets the request.
 */
final class HttpExchange extends CompletableFuture<HttpCaller.Answer> {
  private static final int UNAUTHORIZED = 401;

  private final HttpCaller caller;
  private final Network network;
  private final HttpClient client;
  private final ContextInternal loop;
  private final HttpMethod method;
  private final String path;
  private final @Nullable Buffer body;
  private final Deadline deadline;
  private final ArrayDeque<SocketAddress> addresses = new ArrayDeque<>();
  private int nodesLeft;
  private @Nullable Endpoint endpoint;
  private String authorization = "";
  private boolean askedAgain;
  private @Nullable HttpClientRequest request;

  HttpExchange(HttpCaller caller, HttpClient client, HttpMethod method, String path, @Nullable Buffer body, Deadline deadline) {
    this.caller = caller;
    this.network = caller.network();
    this.client = client;
    this.loop = network.loop();
    this.method = method;
    this.path = path;
    this.body = body;
    this.deadline = deadline;
    this.nodesLeft = network.endpoints().size();
  }

  HttpExchange start() {
    loop.emit(this, HttpExchange::authorize);
    return this;
  }

  private void authorize() {
    String known = network.bearer().known();
    if (known != null) {
      begin(known);
    } else {
      network.bearer().ask().whenComplete((given, error) -> loop.emit(this, self -> self.asked(given, error)));
    }
  }

  private void asked(@Nullable String given, @Nullable Throwable error) {
    if (given != null) {
      begin(given);
    } else {
      completeExceptionally(Steps.unwrap(Objects.requireNonNull(error)));
    }
  }

  private void begin(String header) {
    authorization = header;
    nextNode();
  }

  private void nextNode() {
    endpoint = network.endpoints().current();
    addresses.clear();
    addresses.addAll(Endpoints.addresses(endpoint));
    nodesLeft--;
    connect();
  }

  private void connect() {
    Endpoint to = Objects.requireNonNull(endpoint);
    if (isDone()) {
      return;
    }
    if (caller.closed()) {
      completeExceptionally(GrpcLane.closedError(false));
      return;
    }
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setServer(addresses.remove())
            .setHost(to.host())
            .setPort(to.port())
            .setURI(path);
    client
        .request(options)
        .onComplete(
            made -> {
              if (made.succeeded()) {
                send(made.result());
              } else {
                notReached(made.cause());
              }
            });
  }

  private void notReached(Throwable fault) {
    Endpoint tried = Objects.requireNonNull(endpoint);
    if (!addresses.isEmpty()) {
      connect();
      return;
    }
    network.endpoints().failed(tried);
    if (nodesLeft > 0 && !caller.closed()) {
      nextNode();
      return;
    }
    completeExceptionally(caller.closed() ? GrpcLane.closedError(false) : network.connectErrors().of(tried, fault));
  }

  private void send(HttpClientRequest made) {
    Endpoint to = Objects.requireNonNull(endpoint);
    network.endpoints().succeeded(to);
    if (isDone()) {
      made.reset();
      return;
    }
    request = made;
    // Told to whoever waits for the answer too; else it is logged as if nobody cared.
    made.exceptionHandler(fault -> {});
    network.config().headers().forEach(made::putHeader);
    if (!authorization.isEmpty()) {
      made.putHeader("authorization", authorization);
    }
    if (body != null) {
      made.putHeader("content-type", "application/json");
    }
    (body == null ? made.send() : made.send(body))
        .onComplete(
            answered -> {
              if (answered.succeeded()) {
                read(answered.result());
              } else {
                broke(answered.cause());
              }
            });
  }

  private void broke(Throwable fault) {
    Endpoint to = Objects.requireNonNull(endpoint);
    if (caller.closed()) {
      completeExceptionally(GrpcLane.closedError(true));
      return;
    }
    TributaryException known = network.connectErrors().of(to, fault);
    completeExceptionally(
        known instanceof ConnectionFailedException
            ? new ConnectionFailedException(
                ErrorInfo.of("the connection to " + to + " broke before the answer", "Check that the server is up").maybeApplied(true).causedBy(fault))
            : known);
  }

  private void read(HttpClientResponse response) {
    Buffer all = Buffer.buffer();
    int most = network.config().maxMessageBytes();
    response.exceptionHandler(this::broke);
    response.handler(
        chunk -> {
          if (all.length() + chunk.length() > most) {
            abandon();
            completeExceptionally(
                new PayloadTooLargeException(
                    ErrorInfo.of("an answer of more than " + most + " bytes", "Raise max-message-bytes, or ask for less").maybeApplied(true)));
          } else if (!isDone()) {
            all.appendBuffer(chunk);
          }
        });
    response.endHandler(end -> answered(response, all));
  }

  private void answered(HttpClientResponse response, Buffer all) {
    if (response.statusCode() == UNAUTHORIZED && !askedAgain) {
      askedAgain = true;
      HttpCaller.Answer refused = answer(response, all);
      network
          .bearer()
          .replace(
              authorization,
              loop,
              other -> {
                if (other == null) {
                  complete(refused);
                } else {
                  nodesLeft++;
                  begin(other);
                }
              });
      return;
    }
    complete(answer(response, all));
  }

  private static HttpCaller.Answer answer(HttpClientResponse response, Buffer all) {
    return new HttpCaller.Answer(response.statusCode(), all, retryAfter(response.getHeader("retry-after")));
  }

  private static @Nullable Duration retryAfter(@Nullable String seconds) {
    try {
      return seconds == null ? null : Duration.ofSeconds(Math.max(0, Integer.parseInt(seconds.strip())));
    } catch (NumberFormatException aDate) {
      return null;
    }
  }

  @Override
  public boolean cancel(boolean mayInterrupt) {
    boolean cancelled = super.cancel(mayInterrupt);
    if (cancelled) {
      loop.emit(this, HttpExchange::abandon);
    }
    return cancelled;
  }

  private void abandon() {
    if (request != null) {
      request.reset();
    }
  }
}
