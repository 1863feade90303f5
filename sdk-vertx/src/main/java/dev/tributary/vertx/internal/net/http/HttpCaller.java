package dev.tributary.vertx.internal.net.http;

import dev.tributary.config.Endpoint;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All HTTP calls of a driver go through here: HTTP/1.1 on connections that are kept and used again, to one endpoint as long as that works. Like
 * {@link GrpcCaller} it has its connections to itself: a pool of Vert.x does not let go of a call that waits in it.
 *
 * <p>Calls in flight are bounded, and so are those that wait; long polls have connections of their own, so that they are in nobody's way. No call
 * outlives its deadline. A future that is cancelled takes its call back: it is not sent any more, or its connection is closed. Credentials that
 * are refused are asked for again, once. Thread-safe.
 */
public final class HttpCaller {
  /** They are many where there are many queues, and each lasts for half a minute. */
  private static final int POLLS = 512;

  private static final int CHUNK = 64 << 10;

  private final Network network;
  private final HttpClientAgent client;
  private final HttpLane[] calls;
  private final HttpLane polls;
  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicInteger handedOver = new AtomicInteger();
  private final Map<Endpoint, HttpCaller> nodes = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * An answer, whatever its status.
   *
   * @param from who gave it
   * @param body all of it, empty if there is none
   * @param retryAfter how long the server asks to wait before the next try; null if it does not say
   */
  public record Answer(Endpoint from, int status, Buffer body, @Nullable Duration retryAfter) {}

  /** Of one address. */
  public HttpCaller(Network network, Endpoint endpoint) {
    this(network.at(endpoint));
  }

  /** Of all endpoints of this network. */
  public HttpCaller(Network network) {
    this.network = network;
    HttpClientOptions options = network.options().setProtocolVersion(HttpVersion.HTTP_1_1).setUseAlpn(false).setMaxChunkSize(CHUNK);
    this.client = network.vertx().createHttpClient(options);
    this.calls = new HttpLane[network.config().connections()];
    for (int i = 0; i < calls.length; i++) {
      calls[i] = new HttpLane(network, client, network.config().maxConcurrentCalls(), network.mostWaiting(), true);
    }
    this.polls = new HttpLane(network, client, POLLS, network.mostWaiting(), false);
  }

  /**
   * Makes a call. Any status is an answer; the future fails if there is none, or only a part of one.
   *
   * @param path with its query, encoded already
   * @param body gives JSON, on the event loop that sends it, so that the caller's thread keeps nothing of Netty's; null for none
   */
  public CompletableFuture<Answer> send(HttpMethod method, String path, @Nullable Supplier<Buffer> body, Deadline deadline) {
    return submit(callLane(), method, path, body, deadline);
  }

  /** The same for an answer that takes its time: no other call waits for its connection. */
  public CompletableFuture<Answer> poll(HttpMethod method, String path, @Nullable Supplier<Buffer> body, Deadline deadline) {
    return submit(polls, method, path, body, deadline);
  }

  /** Gets a JSON object; any status but one of success is an error. */
  public CompletableFuture<JsonObject> get(String path, Deadline deadline) {
    return Steps.map(send(HttpMethod.GET, path, null, deadline), answer -> json(path, answer));
  }

  private static JsonObject json(String path, Answer answer) {
    if (answer.status() / 100 != 2) {
      throw HttpErrors.of(path, answer);
    }
    try {
      return new JsonObject(answer.body().toString());
    } catch (DecodeException undecodable) {
      throw new ProtocolViolationException(
          ErrorInfo.of("the answer to " + path + " is not JSON", "Check that " + answer.from() + " is the server's HTTP address")
              .causedBy(undecodable));
    }
  }

  private CompletableFuture<Answer> submit(HttpLane lane, HttpMethod method, String path, @Nullable Supplier<Buffer> body, Deadline deadline) {
    if (!path.startsWith("/") || !path.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw InvalidRequestException.of("\"" + path + "\" is no encoded path", "Percent-encode names before they are put together");
    }
    HttpCall call = new HttpCall(lane, method, path, body, deadline);
    if (lane.context().inThread()) {
      if (!OnLoop.run(lane.context(), call, HttpCall::start)) {
        call.completeExceptionally(Network.closedError(false));
      }
    } else if (handedOver.incrementAndGet() > 2L * network.mostWaiting()) {
      // The event loop does not keep up: its task queue has no bound of its own.
      handedOver.decrementAndGet();
      call.completeExceptionally(Network.tooMany(network.mostWaiting()));
    } else if (!OnLoop.run(lane.context(), call, this::handOver)) {
      handedOver.decrementAndGet();
      call.completeExceptionally(Network.closedError(false));
    }
    return call;
  }

  private void handOver(HttpCall call) {
    handedOver.decrementAndGet();
    call.start();
  }

  private HttpLane callLane() {
    if (calls.length == 1) {
      return calls[0];
    }
    for (HttpLane lane : calls) {
      if (lane.context().inThread()) {
        return lane;
      }
    }
    return calls[Math.floorMod(turn.getAndIncrement(), calls.length)];
  }

  /** The same for this one of the endpoints alone; closed with this. */
  public HttpCaller at(Endpoint only) {
    if (network.endpoints().size() == 1) {
      return this;
    }
    HttpCaller node = nodes.computeIfAbsent(only, endpoint -> new HttpCaller(network, endpoint));
    if (closed) {
      node.close();
    }
    return node;
  }

  /** Runs this with a timeout of its own. */
  public <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    return network.within(timeout, work);
  }

  /** An event loop for what keeps state. */
  public ContextInternal loop() {
    return network.loop();
  }

  private static void close(HttpLane lane, CompletableFuture<Void> ended) {
    try {
      lane.close();
    } finally {
      ended.complete(null);
    }
  }

  /** Ends every call, and disconnects. */
  public CompletableFuture<Void> close() {
    closed = true;
    List<HttpLane> all = new ArrayList<>(Arrays.asList(calls));
    all.add(polls);
    List<CompletableFuture<Void>> done = new ArrayList<>();
    nodes.values().forEach(node -> done.add(node.close()));
    for (HttpLane lane : all) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      done.add(ended);
      if (!OnLoop.run(lane.context(), lane, open -> close(open, ended))) {
        ended.complete(null);
      }
    }
    return CompletableFuture.allOf(done.toArray(CompletableFuture[]::new))
        .thenCompose(ended -> client.close().toCompletionStage().toCompletableFuture());
  }
}
