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
import dev.tributary.error.TimeoutException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.spi.Deadline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.util.concurrent.CompletableFuture;

/** Plain HTTP beside gRPC: a few connections, JSON answers. Thread-safe. */
public final class HttpCaller {
  private static final int CONNECTIONS = 4;
  private static final int WAITING = 256;
  private static final int TEXT = 200;

  private final Network network;
  private final Endpoint endpoint;
  private final HttpClientAgent http;
  private final WebClient client;

  public HttpCaller(Network network, Endpoint endpoint) {
    this.network = network;
    this.endpoint = endpoint;
    WebClientOptions options = new WebClientOptions(network.options());
    options.setUseAlpn(false).setFollowRedirects(true);
    this.http =
        network
            .vertx()
            .httpClientBuilder()
            .with(options)
            .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(WAITING))
            .withConnectHandler(this::connected)
            .build();
    this.client = WebClient.wrap(http, options);
  }

  private void connected(HttpConnection connection) {
    Runnable ended = network.connected(endpoint);
    connection.closeHandler(gone -> ended.run());
  }

  /** Gets this path, which is encoded already. */
  public CompletableFuture<JsonObject> get(String path, Deadline deadline) {
    return Steps.then(network.bearer().ask(), authorization -> send(HttpMethod.GET, path, authorization, deadline));
  }

  private CompletableFuture<JsonObject> send(HttpMethod method, String path, String authorization, Deadline deadline) {
    HttpRequest<Buffer> request =
        client
            .request(method, endpoint.port(), endpoint.host(), path)
            // The answer may stay away: the request must not outlive the call.
            .timeout(Math.max(1, deadline.remaining().toMillis()));
    network.config().headers().forEach(request::putHeader);
    if (!authorization.isEmpty()) {
      request.putHeader("authorization", authorization);
    }
    CompletableFuture<JsonObject> result = new CompletableFuture<>();
    request
        .send()
        .onComplete(
            answer -> {
              if (answer.failed()) {
                result.completeExceptionally(broke(answer.cause()));
                return;
              }
              try {
                result.complete(json(path, answer.result()));
              } catch (TributaryException refused) {
                result.completeExceptionally(refused);
              }
            });
    return result;
  }

  private JsonObject json(String path, HttpResponse<Buffer> answer) {
    String text = answer.bodyAsString();
    if (answer.statusCode() / 100 == 2) {
      try {
        return new JsonObject(text == null ? "" : text);
      } catch (DecodeException undecodable) {
        throw new ProtocolException(
            ErrorInfo.of("the answer to " + path + " is not JSON", "Check that " + endpoint + " is the server's HTTP address")
                .causedBy(undecodable));
      }
    }
    String shortened = text == null ? "" : text.length() > TEXT ? text.substring(0, TEXT) + "…" : text.strip();
    String message = "HTTP " + answer.statusCode() + " for " + path + ": " + shortened;
    throw switch (answer.statusCode()) {
      case 400 -> new InvalidRequestException(ErrorInfo.of(message, "The server refused the request as it is"));
      case 401 -> new UnauthenticatedException(ErrorInfo.of(message, "Configure valid credentials"));
      case 403 -> new PermissionDeniedException(ErrorInfo.of(message, "Ask the operator for the permission"));
      case 404 -> new NotFoundException(ErrorInfo.of(message, "Check the name, and that " + endpoint + " is the server's HTTP address"));
      case 429 -> new OverloadedException(ErrorInfo.of(message, "Send less, or slower"));
      case 502, 503, 504 -> new ConnectionFailedException(ErrorInfo.of(message, "Try again later"));
      default -> new ServerErrorException(ErrorInfo.of(message, "Look at the server's log"));
    };
  }

  private TributaryException broke(Throwable fault) {
    if (fault instanceof java.util.concurrent.TimeoutException) {
      return new TimeoutException(ErrorInfo.of("no answer from " + endpoint + " in time", "Check that the server is up there").causedBy(fault));
    }
    return network.connectErrors().of(endpoint, fault);
  }

  /** Closes its connections. */
  public CompletableFuture<Void> close() {
    return http.close().toCompletionStage().toCompletableFuture();
  }
}
